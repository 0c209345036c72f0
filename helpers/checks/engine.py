"""What all self-checks share: run the student's function, compare, find the likely mistake."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_NAN = "the answer holds NaN (not a number)."


@dataclass(frozen=True)
class Result:
    """The outcome of a check; ``message`` is what was printed. Use it like a boolean."""

    passed: bool
    message: str

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:  # a check at the end of a cell shows nothing more than its line
        return "passed" if self.passed else "not passed"


def check(
    exercise: str,
    function: Callable,
    cases: Sequence[tuple],
    solution: Callable,
    mistakes: Mapping[str, Callable] | None = None,
    tolerance: float = 1e-6,
    nan_hint: str = "the answer holds NaN (not a number). Is something divided by zero?",
) -> Result:
    """Compare ``function`` with ``solution`` on every case and report.

    Args:
        exercise: its name, printed in front.
        function: what the student wrote.
        cases: the arguments of each call.
        solution: returns the right answer: a number, an array, or a tuple of arrays.
        mistakes: hint → a function that makes the mistake the hint is about.
        tolerance: largest difference allowed, relative to the largest value of the answer (at least 1).
        nan_hint: what to say when the answer holds NaN.
    """
    for arguments in cases:
        try:
            answer = function(*copy.deepcopy(arguments))
        except NotImplementedError:
            return report(exercise, "not done yet. Replace the line `raise NotImplementedError()`.")
        except Exception as error:
            return report(exercise, f"your code stops with {type(error).__name__}: {error}")
        problem = difference(answer, solution(*copy.deepcopy(arguments)), tolerance)
        if problem:
            if problem is _NAN:
                problem = nan_hint
            for hint, mistaken in (mistakes or {}).items():
                if not difference(answer, mistaken(*copy.deepcopy(arguments)), tolerance):
                    problem = hint
            return report(exercise, problem)
    return report(exercise, None)


def report(exercise: str, problem: str | None) -> Result:
    """Print and return the outcome; ``problem`` is None when the answer is right."""
    result = Result(problem is None, f"{exercise}: {problem or 'correct, well done.'}")
    print(("✔ " if result else "✘ ") + result.message)
    return result


def difference(answer: Any, expected: Any, tolerance: float) -> str | None:
    """Return what is wrong with ``answer`` in a sentence, or None; the expected values stay hidden."""
    if answer is None:
        return "the function returns None. Does it end with `return …`?"
    if isinstance(expected, tuple) and isinstance(expected[0], np.ndarray):
        several = isinstance(answer, tuple | list) or (isinstance(answer, np.ndarray) and answer.ndim > 0)
        if not several or len(answer) != len(expected):
            return f"return {len(expected)} arrays, separated by commas."
        problems = [difference(a, e, tolerance) for a, e in zip(answer, expected, strict=True)]
        return next((f"result {n}: {p}" for n, p in enumerate(problems, start=1) if p), None)
    try:
        answer = np.asarray(answer)
    except ValueError:
        return "the rows of your answer have different lengths."
    expected = np.asarray(expected)
    if answer.dtype.kind not in "biuf":
        return f"the answer must be made of numbers, not {type(answer.flat[0]).__name__ if answer.size else 'nothing'}."
    if (expected.dtype.kind == "b") != (answer.dtype.kind == "b"):
        return (
            "return True and False, not numbers."
            if expected.dtype.kind == "b"
            else "return numbers, not True and False."
        )
    if answer.shape != expected.shape:
        return _shape_problem(answer.shape, expected.shape)
    return _value_problem(answer.astype(float), expected.astype(float), tolerance)


def _shape_problem(shape: tuple[int, ...], expected: tuple[int, ...]) -> str:
    if len(shape) != len(expected):
        if not expected:
            return "return one number, not a list or an array."
        return f"the answer has {len(shape)} dimension(s) instead of {len(expected)}."
    if shape == expected[::-1]:
        return f"the shape {shape} is transposed. Rows (height) come first, then columns (width)."
    gaps = {abs(a - e) for a, e in zip(shape, expected, strict=True)}
    if max(gaps) == 1:
        return f"the shape {shape} is off by one. Count the positions in a small example."
    return f"the shape {shape} is wrong."


def _value_problem(answer: np.ndarray, expected: np.ndarray, tolerance: float) -> str | None:
    allowed = tolerance * max(1.0, np.abs(expected).max(initial=0))

    def same(a, b):
        return a.shape == b.shape and bool((np.abs(a - b) <= allowed).all())

    if np.isnan(answer).any():
        return _NAN
    if same(answer, expected):
        return None
    if not answer.any():
        return "everything is zero. Is the result ever filled in?"
    if answer.ndim > 1 and same(answer, expected.T):
        return "the answer is transposed: rows and columns are swapped."
    if answer.ndim and same(answer, np.flip(expected)):
        return "the values are right, but in reverse order."
    if same(answer, -expected):
        return "every sign is wrong. Which side is subtracted from which?"
    if same(answer, expected + 1) or same(answer, expected - 1):
        return "every value is off by one."
    for axis in range(answer.ndim):
        if answer.shape[axis] < 2:
            continue
        for step in (1, -1):
            inner = [slice(None)] * answer.ndim
            inner[axis] = slice(1, None) if step == 1 else slice(None, -1)
            if same(answer[tuple(inner)], np.roll(expected, step, axis)[tuple(inner)]):
                return "the answer is off by one: everything is shifted by one place. Where does the window start?"
    wrong = np.abs(answer - expected) > allowed
    if not answer.ndim:
        return "the number is wrong. Go through the formula with small numbers first."
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    verb = "is" if wrong.sum() == 1 else "are"
    return f"{wrong.sum()} of {wrong.size} values {verb} wrong; the first is at {place}, counted from 0."
