"""Arguments and answers as text: numbers, arrays, lists, models. No pickle: whatever comes from a student is only data.

This module lies beside the student's code in the sandbox, too: what it encodes there may be forged, and is decoded
outside as if it were.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import numpy as np

LONGEST = 24 << 20  # characters of one message
DEEPEST = 12  # levels of lists in lists
MOST_DIGITS = 400
DTYPE = re.compile(r"[<>|=]?[biufc]\d{1,2}")


class BadMessage(ValueError):
    """A message that this module did not write."""


class Code:
    """A function that goes to the student's process: its text, and the values it uses. Never made of an answer."""

    def __init__(self, name: str, source: str, values: dict[str, Any]) -> None:
        self.name, self.source, self.values = name, source, values

    def __call__(self, *arguments: Any) -> Any:
        names = {"np": np, **self.values}
        exec(self.source, names)
        return names[self.name](*arguments)

    def __repr__(self) -> str:
        return f"a function {self.name}"


def encode(value: Any, depth: int = 0) -> Any:
    """Return a value as something that JSON can hold."""
    if value is None or isinstance(value, bool | str):
        return value if not isinstance(value, str) else {"text": value[:100_000]}
    if type(value) in (int, float):
        return value if abs(value) < 1e300 or value != value else {"float": repr(float(value))}
    if isinstance(value, np.ndarray | np.generic):
        return _encode_array(np.asarray(value))
    if isinstance(value, Code):
        values = {name: encode(one, depth + 1) for name, one in value.values.items()}
        return {"code": value.source, "name": value.name, "values": values}
    if depth < DEEPEST and isinstance(value, list | tuple | set | frozenset):
        kind = next(name for name in ("list", "tuple", "set", "frozenset") if isinstance(value, _TYPES[name]))
        return {kind: [encode(item, depth + 1) for item in value]}
    if hasattr(value, "layers") and hasattr(value, "to_json"):
        from models import encode_model  # beside this file in the sandbox

        return {"model": encode_model(value)}
    if hasattr(value, "__array__"):  # a tensor
        return _encode_array(np.asarray(value))
    return {"other": type(value).__name__[:100]}


_TYPES: dict[str, type] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}


def _encode_array(array: np.ndarray) -> Any:
    if array.dtype.name in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):
        array = array.astype(np.float32)
    if array.dtype.kind not in "biufc":  # texts, or rows of different lengths
        return {"other": type(array.flat[0]).__name__ if array.size else "nothing"}
    raw = np.ascontiguousarray(array)
    return {
        "array": base64.b64encode(raw.tobytes()).decode(),
        "dtype": raw.dtype.str,
        "shape": list(array.shape),
    }


def decode(data: Any, depth: int = 0, trusted: bool = False) -> Any:
    """Return the value that was encoded.

    Args:
        data: what ``encode`` has made.
        depth: how deep it lies in lists.
        trusted: whether it comes from the grader, so that functions are made of it.

    Raises:
        BadMessage: if that is not what ``encode`` returns.
    """
    if depth > 2 * DEEPEST:
        raise BadMessage("too deep")
    if data is None or isinstance(data, bool | int | float):
        return data
    if not isinstance(data, dict):
        raise BadMessage("not an encoded value")
    if "array" in data:
        return _decode_array(data)
    for name, kind in _TYPES.items():
        if name in data:
            return kind(decode(item, depth + 1, trusted) for item in data[name])
    if "code" in data and trusted:
        values = {name: decode(one, depth + 1, trusted) for name, one in data["values"].items()}
        return Code(data["name"], data["code"], values)
    return _decode_other(data)


def _decode_other(data: dict) -> Any:
    if "text" in data:
        return str(data["text"])
    if "float" in data:
        return float(data["float"])
    if "model" in data:
        return data  # rebuilt by whoever knows Keras
    return _unknown(str(data.get("other", "object")))


def _unknown(kind: str) -> Any:
    """Return something that is not made of numbers, of which only the name of its type is known."""
    return type(re.sub(r"\W", "", kind)[:60] or "object", (), {})()


def _decode_array(data: dict) -> np.ndarray:
    try:
        dtype, shape = data["dtype"], [int(side) for side in data["shape"]]
        if (
            not (isinstance(dtype, str) and DTYPE.fullmatch(dtype))
            or min(shape, default=0) < 0
            or len(shape) > 16
        ):
            raise BadMessage("not an array of numbers")
        raw = base64.b64decode(data["array"], validate=True)
        return np.frombuffer(raw, dtype).reshape(shape).copy()
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadMessage(f"not an array: {error}") from error


def is_told(data: Any) -> bool:
    """Return whether all of an encoded value can be decoded: there is nothing of which only the type is known."""
    if isinstance(data, dict):
        return "other" not in data and all(map(is_told, data.values()))
    return all(map(is_told, data)) if isinstance(data, list) else True


def dumps(value: Any) -> bytes:
    """Return a message, one line."""
    return json.dumps(value).encode() + b"\n"


def loads(line: bytes) -> dict:
    """Return the message that a line holds.

    Raises:
        BadMessage: if the line holds none.
    """
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadMessage("not a message") from error
    if not isinstance(message, dict):
        raise BadMessage("not a message")
    return message
