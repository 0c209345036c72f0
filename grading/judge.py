"""The process that knows the right answers: it draws the hidden cases and compares. No student's code runs here.

It runs in a jail as well, because what it compares comes from students.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import inspect
import io
import os
import sys
from collections.abc import Callable
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
if __name__ == "__main__":
    sys.path[:] = [
        HERE,
        *(path for path in sys.path if path and not os.path.exists(os.path.join(path, "helpers"))),
    ]

LONGEST = 1500  # characters of a message


def exercise_of(lab: str, name: str) -> Any:
    """Return the record of an exercise."""
    module = importlib.import_module(f"helpers.checks.lab_{lab}")
    return next(exercise for exercise in module.EXERCISES if exercise.name == name)


def drawn(lab: str, name: str, seed: int) -> tuple[list[tuple], str]:
    """Return the arguments of all calls, and what they are: ``hidden``, ``visible``, or ``fixed`` (none)."""
    exercise = exercise_of(lab, name)
    try:
        module: Any = importlib.import_module(f"grading.cases.lab_{lab}")
    except ModuleNotFoundError:
        module = None
    if draw := getattr(module, name, None):
        import numpy as np

        return list(draw(np.random.default_rng(seed))), "hidden"
    calls = list(exercise._calls())
    return calls, "visible" if any(calls) else "fixed"


def cases(request: dict) -> dict:
    """Return the encoded arguments of an exercise."""
    import wire

    calls, how = drawn(request["lab"], request["name"], request["seed"])
    models = any(hasattr(value, "layers") for call in calls for value in call)
    encoded = [wire.encode(call) for call in calls]
    if not wire.is_told(encoded):
        raise ValueError("its arguments cannot be sent; grading/cases must draw others")
    return {"cases": encoded, "how": how, "models": models}


def verdict(request: dict) -> dict:
    """Compare the answers of a student's function with the right ones, and say what is wrong."""
    exercise = exercise_of(request["lab"], request["name"])
    calls, how = drawn(request["lab"], request["name"], request["seed"])
    replies = request["replies"]
    import models
    import wire

    answers: list[Any] = []
    try:
        for place, reply in enumerate(replies):
            answer = wire.decode(reply.get("answer"))
            answers.append(answer)
            if isinstance(answer, dict):
                answers[place], calls[place] = _model(answer, calls[place], reply.get("same", []))
    except models.NotRebuilt as error:
        return {
            "passed": False,
            "review": True,
            "message": f"the model is made of parts that are not Keras' own ({error}).",
        }
    except (wire.BadMessage, TypeError, ValueError, AttributeError, IndexError) as error:
        return {"passed": False, "message": f"the answer cannot be read ({type(error).__name__})."}
    outcome = _compared(exercise, calls, replies, answers, request["parameters"])
    if how == "hidden":  # what is in the feedback is known to everybody soon
        kept = [line for line in outcome["message"].split("\n") if not line.startswith("  called with")]
        outcome["message"] = "\n".join(kept)
    return outcome


def _model(answer: dict, arguments: tuple, same: list) -> tuple[Any, tuple]:
    """Return a student's model, made again, and the arguments as the model holds them."""
    import models
    import numpy as np

    itself = [n for n, place in same if place == -1]
    if itself:
        model = arguments[itself[0]]
        models._set_trainable(model, answer["model"]["trainable"])
        return model, arguments
    model, changed = models.rebuilt(answer), list(arguments)
    for number, place in same:
        part = model.layers[place]
        old, new = (m.get_weights() for m in (arguments[number], part))
        if len(old) == len(new) and all(np.array_equal(a, b) for a, b in zip(old, new, strict=True)):
            changed[number] = part
    return model, tuple(changed)


def _compared(
    exercise: Any, calls: list[tuple], replies: list[dict], answers: list[Any], parameters: list[str]
) -> dict:
    one = dataclasses.replace(exercise, cases=lambda: _copies(calls))
    unread = next((r for r in replies if r.get("error") in ("TooSlow", "TooLarge", "Missing", "Ended")), None)
    if unread and unread is replies[0]:
        return {"passed": False, "message": _own_words(unread)}
    waiting = list(zip(replies, answers, strict=True))
    with contextlib.redirect_stdout(io.StringIO()):
        problem = one._problem(_replay(waiting, exercise.name, parameters))
    if problem is None:
        return {"passed": True, "message": "correct, well done."}
    where = next((r["where"] for r in replies if r.get("error") and r.get("where")), "")
    stub = "not done yet" in problem
    return {
        "passed": False,
        "message": "\n  ".join([problem, *([str(where)] if where and not stub else [])])[:LONGEST],
    }


def _copies(calls: list[tuple]) -> list[tuple]:
    import copy

    return [call if any(hasattr(v, "layers") for v in call) else copy.deepcopy(call) for call in calls]


def _own_words(reply: dict) -> str:
    if reply["error"] == "TooSlow":
        return "your function takes too long. Is there a loop that never ends?"
    if reply["error"] == "TooLarge":
        return "the answer is far too large."
    if reply["error"] == "Ended":
        return "your function ends the whole program, or needs more time or memory than there is."
    return str(reply.get("text", ""))[:300] + "."


def _replay(waiting: list, name: str, parameters: list[str]) -> Callable:
    """Return a function that does what the student's did, call by call."""
    waiting = list(waiting)

    def replay(*_arguments: Any) -> Any:
        reply, answer = waiting.pop(0)
        if error := reply.get("error"):
            if error == "NotImplementedError":
                raise NotImplementedError if reply.get("in") in (name, "") else _called(str(reply["in"]))
            if error in ("TooSlow", "TooLarge", "Ended"):
                raise _error("Stopped", _own_words(reply))
            raise _error(str(error), str(reply.get("text", "")))
        return answer

    replay.__wrapped__ = _nowhere  # type: ignore[attr-defined]  # so that no line of this file is shown
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    with contextlib.suppress(ValueError):
        signature = inspect.Signature([inspect.Parameter(p, kind) for p in parameters])
        replay.__signature__ = signature  # type: ignore[attr-defined]
    return replay


_nowhere = eval(compile("lambda: None", "<nowhere>", "eval"))


def _called(other: str) -> Exception:
    return _error("NotDone", f"`{other[:60]}`, which your function calls, is not done yet")


def _error(name: str, text: str) -> Exception:
    safe = name if name.isidentifier() else "Error"
    return type(safe[:60], (Exception,), {})(text[:500])


def main() -> None:
    """Answer requests until there are no more."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(2, 1)
    import wire

    outgoing.write(wire.dumps({"process": os.getpid()}))
    outgoing.flush()
    for line in incoming:
        request = wire.loads(line)
        try:
            reply = {"cases": cases, "verdict": verdict}[request["do"]](request)
        except Exception as error:
            reply = {"failed": f"{type(error).__name__}: {error}"[:500]}
        outgoing.write(wire.dumps({**reply, "id": request["id"]}))
        outgoing.flush()


if __name__ == "__main__":
    main()
