"""What all self-checks share: the record of an exercise, the check that follows from it, the score of a lab."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from helpers.checks.compare import NAN_HINT, NO_ANSWER, difference, is_several
from helpers.checks.messages import called_with, line_of, not_done, stopped

Functions = Mapping[str, Callable]


@dataclass(frozen=True)
class Result:
    """The outcome of a check; ``message`` is what was printed. Use it like a boolean."""

    passed: bool
    message: str

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:  # a check at the end of a cell shows nothing more than its line
        return "passed" if self.passed else "not passed"


@dataclass(frozen=True)
class Outcome:
    """What a call gave: an answer or an error."""

    answer: Any = None
    error: Exception | None = None


def attempt(function: Callable, arguments: tuple) -> Outcome:
    """Call a function that may stop with any error."""
    try:
        with np.errstate(all="ignore"):  # the check itself says where NaN comes from
            return Outcome(function(*arguments))
    except Exception as error:
        return Outcome(error=error)


@dataclass(frozen=True, eq=False, repr=False)
class Exercise:
    """One exercise of a lab: all that its check and the tests of that check know. Call it to check a function.

    Args:
        number: its place in the lab.
        name: the name of the function that the student writes.
        title: its heading in the lab.
        solution: gives the right answer: a number, an array, a tuple of arrays, or a Keras model.
        cases: the arguments of each call; a function makes them anew for each check.
        mistakes: hint → a function that makes the mistake the hint is about, or several of them.
        wrong: kind → a function whose answer must be rejected, with whatever message. ``wrong_answers`` has more.
        right: kind → a function that solves the exercise in another way.
        tolerance: largest difference allowed, relative to the largest value of the answer (at least 1).
        nan_hint: what to say when the answer holds NaN.
        judge: for answers that are Keras models: takes the answer and the arguments, returns what is wrong or None.
            A hint in ``mistakes`` is then a part of what it returns.
    """

    number: int
    name: str
    title: str
    solution: Callable
    cases: Sequence[tuple] | Callable[[], Sequence[tuple]] = ((),)
    mistakes: Mapping[str, Callable | tuple[Callable, ...]] = field(default_factory=dict)
    wrong: Functions = field(default_factory=dict)
    right: Functions = field(default_factory=dict)
    tolerance: float = 1e-6
    nan_hint: str = NAN_HINT
    judge: Callable[..., str | None] | None = None

    def __call__(self, function: Callable) -> Result:
        """Check the student's function: print what is wrong, remember the outcome for the score, return it."""
        state = random.getstate()  # Keras draws weights with it; those drawn later must not depend on checks
        problem = self._problem(function)
        random.setstate(state)
        result = Result(problem is None, f"Exercise {self.number}: {problem or 'correct, well done.'}")
        (_PASSED.add if result else _PASSED.discard)(self)
        print(("✔ " if result else "✘ ") + result.message)
        return result

    def __repr__(self) -> str:
        return f"the check of exercise {self.number}, {self.title}"

    def likely_mistakes(self) -> list[tuple[str, Callable]]:
        """Return each hint with each function that makes its mistake."""
        several = {hint: f if isinstance(f, tuple) else (f,) for hint, f in self.mistakes.items()}
        return [(hint, function) for hint, functions in several.items() for function in functions]

    def wrong_answers(self) -> dict[str, Callable]:
        """Return the wrong answers that every exercise has, and its own."""
        usual = {} if self.judge else {kind: self._spoiled(spoil) for kind, spoil in _SPOILED.items()}
        return {**usual, **self.wrong}

    def _spoiled(self, spoil: Callable) -> Callable:
        def wrong(*arguments: Any) -> Any:
            answer = self.solution(*arguments)
            if is_several(answer):
                return tuple(map(spoil, answer))
            return spoil(np.asarray(answer))

        return wrong

    def _calls(self) -> list[tuple]:
        """Return the arguments of all calls, anew, so that nothing is left of what a function does to them."""
        return list(self.cases()) if callable(self.cases) else [copy.deepcopy(case) for case in self.cases]

    def _problem(self, function: Callable) -> str | None:
        calls = self._calls()
        outcomes = [attempt(function, arguments) for arguments in calls]
        if not self.judge:
            calls = self._calls()
        for place, (outcome, arguments) in enumerate(zip(outcomes, calls, strict=True)):
            if message := not_done(function, outcome.error):
                return message
            if problem := self._problem_of(outcome, arguments):
                hint = None if self.judge else self._hint(outcomes, place)
                where = line_of(function, outcome.error) if outcome.error else None
                lines = [hint or problem, where, called_with(function, arguments)]
                return "\n  ".join(line for line in lines if line)
        return None

    def _problem_of(self, outcome: Outcome, arguments: tuple) -> str | None:
        if outcome.error:
            return stopped(outcome.error)
        if not self.judge:
            return difference(outcome.answer, self.solution(*arguments), self.tolerance, self.nan_hint)
        if outcome.answer is None:
            return NO_ANSWER
        if not hasattr(outcome.answer, "layers"):
            return f"return a Keras model, not {type(outcome.answer).__name__}."
        try:
            return self.judge(outcome.answer, *arguments)
        except Exception as error:  # a model can be almost anything
            return f"the model cannot be examined ({type(error).__name__}). Build it as the lesson does."

    def _hint(self, outcomes: list[Outcome], place: int) -> str | None:
        """Return the hint of a mistake with these outcomes: in all calls, or else up to the first that is wrong."""
        likely = [
            (hint, [attempt(mistaken, arguments) for arguments in self._calls()])
            for hint, mistaken in self.likely_mistakes()
        ]
        for stop in (len(outcomes), place + 1):
            for hint, theirs in likely:
                if all(map(self._alike, outcomes[:stop], theirs[:stop])):
                    return hint
        return None

    def _alike(self, outcome: Outcome, other: Outcome) -> bool:
        if outcome.error or other.error:
            return repr(outcome.error) == repr(other.error)
        return difference(outcome.answer, other.answer, self.tolerance) is None


_PASSED: set[Exercise] = set()  # in this session


def score_of(lab: str, exercises: Sequence[Exercise]) -> Callable[[], None]:
    """Return the function that prints how much of a lab is done."""

    def score() -> None:
        """Print how many exercises the checks of this session have found correct, and which are open."""
        still_open = [str(exercise.number) for exercise in exercises if exercise not in _PASSED]
        rest = f"; still open: {', '.join(still_open)}" if still_open else ""
        print(f"{lab}: {len(exercises) - len(still_open)} of {len(exercises)} exercises done{rest}.")

    return score


def _shifted(value: np.ndarray) -> np.ndarray:
    """Everything one place further, as when a window starts one pixel too late."""
    wide = [axis for axis in range(value.ndim) if value.shape[axis] > 1]
    return np.roll(value, 1, axis=wide[-1]) if wide else value + 1


_SPOILED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "zeros": np.zeros_like,
    "transpose": lambda value: value[::-1] if value.ndim == 1 else value.T,
    "off by one": lambda value: ~value if value.dtype == bool else value + 1,
    "shifted": _shifted,
    "one larger": lambda value: np.pad(value, [(0, 1)] * value.ndim) if value.ndim else value - 1,
}
