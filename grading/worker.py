"""The process in which a student's code runs. It knows no right answer: it calls functions and sends back the answers.

Messages come in on standard input, one a line, and go out on what was standard output. What the student prints goes
nowhere.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import linecache
import os
import signal
import sys
import time
import traceback
import types

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [
    HERE,
    *(path for path in sys.path if path and not os.path.exists(os.path.join(path, "helpers"))),
]


def _open_channel():
    """Return the two ends that the grader holds, out of reach of ``print`` and of programs that are started."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    return incoming, outgoing


PRELOADED = (
    "numpy",
    "scipy",
    "skimage",
    "matplotlib",
    "keras",
    "tensorflow",
    "helpers",
    "h5py",
    "PIL",
    "sklearn",
    "math",
)


class TooSlow(BaseException):
    """The time for a call is over. Not an ``Exception``, so that ``except Exception`` does not hide it."""


@contextlib.contextmanager
def _at_most(seconds: float):
    """Interrupt what takes more time of the processor, or five times as much by the clock.

    Code that withstands is ended from outside.
    """

    def stop(*_):
        raise TooSlow

    timers = (
        (signal.ITIMER_PROF, signal.SIGPROF, seconds),
        (signal.ITIMER_REAL, signal.SIGALRM, 5 * seconds),
    )
    for timer, name, limit in timers:
        signal.signal(name, stop)
        signal.setitimer(timer, limit)
    try:
        yield
    finally:
        for timer, *_ in timers:
            signal.setitimer(timer, 0)


def _said(error: BaseException, names: dict) -> dict:
    """Describe an error: its type, its text, the student's line, and whether it is the stub of an exercise."""
    if isinstance(error, TooSlow):
        return {"error": "TooSlow", "text": ""}
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith("<cell")
    ]
    last = frames[-1] if frames else None
    if isinstance(error, SyntaxError):
        where = f"line {error.lineno}: {(error.text or '').strip()}"
    else:
        where = f"line {last.lineno} of your cell: {last.line or ''}" if last else ""
    return {
        "error": type(error).__name__[:100],
        "text": str(error)[:2000],
        "where": where[:300],
        "in": last.name if last else "",
    }


class Notebook:
    """The cells of one notebook, in one module."""

    def __init__(self) -> None:
        self.module = types.ModuleType("__main__")
        self.names = self.module.__dict__
        self.names.update(display=lambda *_, **__: None, get_ipython=lambda: None, result=None)
        sys.modules["__main__"] = self.module

    def plan(self, cells: list[dict], names: list[str]) -> dict:
        """Choose what has to run; load the modules that it imports, before anything is timed."""
        import slices

        self.sources = slices.chosen(cells, names)
        for name in slices.modules(self.sources):
            if name.split(".")[0] in PRELOADED:
                with contextlib.suppress(Exception):
                    builtins.__import__(name)
        return {"cells": list(self.sources)}

    def run(self, number: int, seconds: float) -> dict | None:
        """Run a cell; return what went wrong, or None."""
        name, source = f"<cell {number}>", self.sources[number]
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        try:
            with _at_most(seconds):
                exec(compile(ast.parse(source, name), name, "exec", dont_inherit=True), self.names)
        except BaseException as error:
            return _said(error, self.names)
        return None

    def call(self, name: str, arguments: tuple, seconds: float, wire) -> dict:
        """Call a function; return its answer or its error."""
        function = self.names.get(name)
        if not callable(function):
            return {"error": "Missing", "text": f"there is no function `{name}`"}
        try:
            with _at_most(seconds):
                answer = function(*arguments)
                return {"answer": wire.encode(answer), "same": _same(answer, arguments)}
        except BaseException as error:
            return _said(error, self.names)


def _same(answer: object, arguments: tuple) -> list[list[int]]:
    """Return which arguments are the answer itself (layer −1), or one of the layers of a model that is the answer."""
    parts = [(-1, answer), *enumerate(getattr(answer, "layers", []))]
    return [
        [n, place]
        for n, a in enumerate(arguments)
        if hasattr(a, "layers")
        for place, part in parts
        if part is a
    ]


def main() -> None:
    incoming, outgoing = _open_channel()
    import wire

    def send(message: dict) -> None:
        line = wire.dumps(message)
        if len(line) > wire.LONGEST:
            line = wire.dumps({"error": "TooLarge", "text": "", "id": message.get("id")})
        while line:
            line = line[os.write(outgoing, line) :]

    notebook, own = Notebook(), os.getpid()
    send({"process": os.getpid(), "user": os.getuid(), "interfaces": _interfaces()})
    for line in incoming:
        request = wire.loads(line)
        started = time.monotonic()
        try:
            reply = _handle(request, notebook, wire)
        except BaseException as error:  # whatever a student's code has left behind
            reply = {"error": type(error).__name__, "text": "the answer cannot be sent"}
        if os.getpid() != own:  # a copy that the student's code has made and left behind
            os._exit(0)
        send({**(reply or {}), "id": request["id"], "seconds": round(time.monotonic() - started, 3)})
    os._exit(0)


def _handle(request: dict, notebook: Notebook, wire) -> dict | None:
    if request["do"] == "look":
        return {"seen": [path for path in request["paths"] if os.path.exists(path)]}
    if request["do"] == "plan":
        return notebook.plan(request["cells"], request.get("names", []))
    if request["do"] == "cell":
        return notebook.run(request["number"], request["seconds"])
    arguments = wire.decode(request["arguments"], trusted=True)
    if request.get("models"):
        import models

        arguments = tuple(models.rebuilt(argument) for argument in arguments)
    return notebook.call(request["name"], arguments, request["seconds"], wire)


def _interfaces() -> list[str]:
    with contextlib.suppress(OSError), open("/proc/net/dev") as file:
        return [line.split(":")[0].strip() for line in file.readlines()[2:]]
    return ["unknown"]


if __name__ == "__main__":
    main()
