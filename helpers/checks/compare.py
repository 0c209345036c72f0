"""Say in a sentence what is wrong with an answer, without giving the right one away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

NO_ANSWER = "the function returns None. Does it end with `return …`?"
NAN_HINT = "the answer holds NaN (not a number). Is something divided by zero?"

Array = NDArray[Any]
Same = Callable[[Array, Array], bool]


def is_several(answer: Any) -> bool:
    """Return whether an answer is a tuple of arrays, which are compared one by one."""
    return isinstance(answer, tuple) and isinstance(answer[0], np.ndarray)


def difference(answer: Any, expected: Any, tolerance: float, nan_hint: str = NAN_HINT) -> str | None:
    """Return what is wrong with ``answer``, or None.

    Args:
        answer: whatever the student's function returned.
        expected: a number, an array, or a tuple of arrays.
        tolerance: largest difference allowed, relative to the largest value of ``expected`` (at least 1).
        nan_hint: what to say when ``answer`` holds NaN.
    """
    if answer is None:
        return NO_ANSWER
    if is_several(expected):
        several = isinstance(answer, tuple | list) or (isinstance(answer, np.ndarray) and answer.ndim > 0)
        if not several or len(answer) != len(expected):
            return f"return {len(expected)} arrays, separated by commas."
        problems = [difference(a, e, tolerance, nan_hint) for a, e in zip(answer, expected, strict=True)]
        return next((f"result {n}: {p}" for n, p in enumerate(problems, start=1) if p), None)
    try:
        answer = np.asarray(answer)
    except ValueError:
        return "the rows of your answer have different lengths."
    expected = np.asarray(expected)
    return (
        _kind_problem(answer, expected)
        or _shape_problem(answer.shape, expected.shape)
        or _value_problem(answer.astype(float), expected.astype(float), tolerance, nan_hint)
    )


def _kind_problem(answer: Array, expected: Array) -> str | None:
    if answer.dtype.kind not in "biuf":
        found = type(answer.flat[0]).__name__ if answer.size else "nothing"
        return f"the answer must be made of numbers, not {found}."
    if expected.dtype.kind == "b" and answer.dtype.kind != "b":
        return "return True and False, not numbers."
    if expected.dtype.kind != "b" and answer.dtype.kind == "b":
        return "return numbers, not True and False."
    return None


def _shape_problem(shape: tuple[int, ...], expected: tuple[int, ...]) -> str | None:
    if shape == expected:
        return None
    if not expected:
        return "return one number, not a list or an array."
    if len(shape) != len(expected):
        return f"the answer has {len(shape)} dimension(s) instead of {len(expected)}."
    if len(shape) == 1:
        return f"the answer has {shape[0]} value(s) instead of {expected[0]}."
    if shape == expected[::-1]:
        return f"the shape {shape} is transposed. Rows (height) come first, then columns (width)."
    if max(abs(a - e) for a, e in zip(shape, expected, strict=True)) == 1:
        return f"the shape {shape} is off by one. Count the positions in a small example."
    return f"the shape {shape} is wrong."


@np.errstate(all="ignore")
def _value_problem(answer: Array, expected: Array, tolerance: float, nan_hint: str) -> str | None:
    allowed = tolerance * max(1.0, np.abs(expected[np.isfinite(expected)]).max(initial=0))

    def near(a: Array, b: Array) -> Array:
        return (a == b) | (np.abs(a - b) <= allowed) | (np.isnan(a) & np.isnan(b))

    def same(a: Array, b: Array) -> bool:
        return a.shape == b.shape and bool(near(a, b).all())

    if same(answer, expected):
        return None
    if np.isnan(answer).any():
        return nan_hint
    for hint, holds in _PATTERNS.items():
        if holds(answer, expected, same):
            return hint
    if not answer.ndim:
        return "the number is wrong. Go through the formula with small numbers first."
    wrong = ~near(answer, expected)
    if wrong.all():
        return f"none of the {wrong.size} values is right. Work out the first one on paper and compare."
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    verb = "is" if wrong.sum() == 1 else "are"
    return f"{wrong.sum()} of {wrong.size} values {verb} wrong; the first is at {place}, counted from 0."


def _shifted(answer: Array, expected: Array, same: Same) -> bool:
    """Return whether everything sits one place too far along an axis (in a list of six or more)."""
    for axis in range(answer.ndim if answer.size >= 6 else 0):
        count = answer.shape[axis]
        first, rest = np.arange(count - 1), np.arange(1, count)
        for here, there in ((first, rest), (rest, first)):
            if count > 1 and same(answer.take(here, axis), expected.take(there, axis)):
                return True
    return False


def _one_factor(answer: Array, expected: Array, same: Same) -> bool:
    """Return whether all values (three or more that differ) are wrong by one and the same factor."""
    size = (expected**2).sum()
    return (
        np.ptp(expected) > 0 and answer.size > 2 and same(answer, expected * (answer * expected).sum() / size)
    )


def _one_amount(answer: Array, expected: Array, same: Same) -> bool:
    """Return whether all values (three or more that differ) are wrong by one and the same amount."""
    return np.ptp(expected) > 0 and answer.size > 2 and same(answer, expected + (answer - expected).mean())


_PATTERNS: dict[str, Callable[[Array, Array, Same], bool]] = {
    "everything is zero. Is the result ever filled in?": lambda a, e, same: not a.any(),
    "the answer is transposed: rows and columns are swapped.": lambda a, e, same: same(a, e.T),
    "the values are right, but in reverse order.": lambda a, e, same: same(a, np.flip(e)),
    "the sign is wrong.": lambda a, e, same: not a.ndim and same(a, -e),
    "the number is off by one.": lambda a, e, same: not a.ndim and (same(a, e + 1) or same(a, e - 1)),
    "every sign is wrong. Which side is subtracted from which?": lambda a, e, same: same(a, -e),
    "every value is off by one.": lambda a, e, same: same(a, e + 1) or same(a, e - 1),
    "the answer is off by one: everything sits one place too far. Where do you start to count?": _shifted,
    "the signs are lost: negative values have become positive.": lambda a, e, same: same(a, np.abs(e)),
    "the negative values have become zero.": lambda a, e, same: same(a, np.maximum(e, 0)),
    "the fractions are lost. Does your array hold whole numbers only (dtype int)?": lambda a, e, same: (
        same(a, np.trunc(e)) or same(a, np.round(e))
    ),
    "every value is wrong by one and the same factor. Is something multiplied or divided that should not be?": (
        _one_factor
    ),
    "every value is wrong by one and the same amount. Is something added that should not be, or not added?": (
        _one_amount
    ),
    "the values are right, but not in the right places.": lambda a, e, same: same(
        np.sort(a, None), np.sort(e, None)
    ),
}  # the first that holds is said
