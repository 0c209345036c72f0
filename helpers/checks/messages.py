"""Words for what a check saw: where a student's function stopped, and what it was called with."""

from __future__ import annotations

import inspect
import linecache
import re
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

NOT_DONE = "not done yet. Replace the line `raise NotImplementedError()`."
LONGEST = 300  # characters of an error's text
MOST = 8  # values of a list that are shown
MOST_NUMBERS = 36  # of an array


def not_done(function: Callable, error: Exception | None) -> str | None:
    """Return the message for an exercise whose stub is still there, or None for another error or none."""
    if not isinstance(error, NotImplementedError):
        return None
    last = [frame for frame, _line in traceback.walk_tb(error.__traceback__)][-1]
    if last.f_code is getattr(function, "__code__", None):
        return NOT_DONE
    if last.f_globals is getattr(function, "__globals__", None):  # another function of the student's
        return f"`{last.f_code.co_name}`, which your function calls, is not done yet."
    return None


def stopped(error: Exception) -> str:
    """Return the type and the text of an error, in one line."""
    text = " ".join(re.sub(r"\x1b\[\d*m", "", str(error)).split())
    return f"your code stops with {type(error).__name__}: {text[:LONGEST]}{'…' * (len(text) > LONGEST)}"


def line_of(function: Callable, error: Exception) -> str | None:
    """Return the last line of the student's own cell that was reached before the error."""
    file = getattr(getattr(inspect.unwrap(function), "__code__", None), "co_filename", "")
    own = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == file]
    if not own:
        return None
    source = linecache.getline(file, own[-1]).strip()
    return f"line {own[-1]} of your cell{': ' * bool(source)}{source}"


def called_with(function: Callable, arguments: tuple) -> str | None:
    """Return the arguments of a call, with their names where the function tells them."""
    try:
        names = list(inspect.signature(function).bind(*arguments).arguments)
    except (TypeError, ValueError):  # another number of arguments, or a function without a signature
        names = []
    if len(names) != len(arguments):
        names = [f"argument {number}" for number in range(1, len(arguments) + 1)]
    parts = [f"{name}: {short(value)}" for name, value in zip(names, arguments, strict=True)]
    return f"called with {'; '.join(parts)}" if parts else None


def short(value: Any) -> str:
    """Return a short value as it is typed, and of anything larger only its kind and size."""
    if isinstance(value, np.ndarray) and value.ndim:
        numbers = np.array2string(value, precision=4, separator=", ") if value.size <= MOST_NUMBERS else ""
        return " ".join(f"array {value.shape} {value.dtype} {numbers}".split())
    if isinstance(value, float | np.floating):
        return f"{value:.4g}"
    if isinstance(value, str | int | np.integer):
        return repr(value)
    if isinstance(value, list | tuple):
        text = ", ".join(map(short, value))
        brackets = "[{}]" if isinstance(value, list) else "({})"
        return brackets.format(text) if len(value) <= MOST else f"{type(value).__name__} of {len(value)}"
    return "Keras model" if hasattr(value, "layers") else type(value).__name__
