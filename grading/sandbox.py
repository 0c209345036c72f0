"""Start a process that may do anything, talk to it, and end it: the grader's side of ``jail.py`` and ``worker.py``."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading import wire

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
BESIDE_THE_STUDENT = ("worker.py", "slices.py", "wire.py", "models.py")
BESIDE_THE_JUDGE = ("judge.py", "wire.py", "models.py")
NOTHING_TOLD = 60_000  # bytes of messages on standard error that are kept


@dataclass(frozen=True)
class Limits:
    """What one start of a process may use.

    Args:
        wall_s: seconds by the clock, after which everything is ended.
        cpu_s: seconds of processor time for each process.
        memory_mb: memory of all processes together (each one's, where there are no namespaces).
        address_mb: addresses of each process, used or not: TensorFlow asks for many.
        disk_mb: all files in its home together (the largest file, where there are no namespaces).
        processes: processes and threads.
    """

    wall_s: float = 240
    cpu_s: int = 120
    memory_mb: int = 1500
    address_mb: int = 6000
    disk_mb: int = 128
    processes: int = 256


LIGHT = Limits()
WITH_TENSORFLOW = Limits(wall_s=700, cpu_s=600, memory_mb=4000, address_mb=40_000, processes=400)


class Ended(Exception):
    """The process is gone, or does not answer in time, or answers with something else than a message."""


# --- What is in it ------------------------------------------------------------------------------------------------


# Modules that hold the very functions that a lab asks for, and those that import them.
WITHHELD = {"01": ("convolution", "filters", "explain"), "02": (), "09": ("explain",)}


def helpers_for(lab: Path) -> list[Path]:
    """Return the files of ``helpers`` that a student's process sees: no check, no function that the lab asks for."""
    without = {"checks", *WITHHELD.get(lab.name[:2], ())}
    files = sorted((ROOT / "helpers").rglob("*.py"))
    return [
        path
        for path in files
        if path.relative_to(ROOT / "helpers").parts[0].removesuffix(".py") not in without
    ]


LATER = '''"""The checks of the labs are made elsewhere, after your code has run."""


class _Later:
    passed, message = False, "checked later"

    def __bool__(self):
        return False


def __getattr__(name):
    return lambda *_, **__: _Later()
'''


def furnish(folder: Path, lab: Path) -> None:
    """Write what the student's process needs into ``folder``: the helpers of a lab without checks, and the worker."""
    for path in helpers_for(lab):
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    checks = folder / "helpers/checks"
    checks.mkdir(parents=True)
    (folder / "helpers/__init__.py").write_text("")
    for name in ("__init__", f"lab_{lab.name[:2]}"):
        (checks / f"{name}.py").write_text(LATER)
    for name in BESIDE_THE_STUDENT:
        shutil.copyfile(HERE / name, folder / name)
    _make_readable(folder)


def furnish_judge(folder: Path) -> None:
    """Write what the judge needs into ``folder``: all helpers, all checks, all cases."""
    shutil.copytree(ROOT / "helpers", folder / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    cases = folder / "grading/cases"
    shutil.copytree(HERE / "cases", cases, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "grading/__init__.py").write_text("")
    for name in BESIDE_THE_JUDGE:
        shutil.copyfile(HERE / name, folder / name)
    _make_readable(folder)


def _make_readable(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


# --- A process ----------------------------------------------------------------------------------------------------


class Process:
    """A worker or judge in a jail. Use it in one thread: the system ends it when that thread ends."""

    def __init__(self, program: str, course: Path, limits: Limits, mode: str) -> None:
        """Start ``program`` of the folder ``course``.

        Raises:
            Ended: if it does not come up.
        """
        self.mode, self.limits = mode, limits
        if _STOPPED.is_set():
            raise Ended("no process is started any more")
        self.scratch = Path(tempfile.mkdtemp(prefix="grading-"))
        self.scratch.chmod(0o777 if mode == "plain" and os.geteuid() == 0 else 0o700)
        inside = Path("/course") if mode == "namespaces" else course
        settings = {
            "mode": mode,
            "scratch": str(self.scratch),
            "command": [sys.executable, "-I", "-B", str(inside / program)],
            "show": _shown(course),
            "environment": _environment(inside),
            **vars(limits),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-S", str(HERE / "jail.py"), json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
        )
        _ALIVE.add(self)
        self.buffer, self.number, self.errors = bytearray(), 0, b""
        os.set_blocking(self._out, False)
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()
        try:
            self.hello = self._read(time.monotonic() + 60)
        except Ended as error:
            self.close()
            told = self.errors.decode(errors="replace").strip().splitlines()
            raise Ended(told[-1] if told else str(error)) from None

    @property
    def _out(self) -> int:
        assert self.process.stdout
        return self.process.stdout.fileno()

    def _listen(self) -> None:
        """Keep the first messages on standard error; read the rest, so that nobody waits."""
        assert self.process.stderr
        with contextlib.suppress(ValueError, OSError):
            while part := os.read(self.process.stderr.fileno(), 65_536):
                self.errors = (self.errors + part)[:NOTHING_TOLD]

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a request and return the answer to it.

        Raises:
            Ended: if none comes in time, or none that makes sense.
        """
        self.number += 1
        end = time.monotonic() + seconds
        self._write(wire.dumps({**request, "id": self.number}), end)
        reply = self._read(end)
        if reply.get("id") != self.number:
            raise Ended("the process answers out of turn")
        return reply

    def _write(self, line: bytes, end: float) -> None:
        assert self.process.stdin
        descriptor = self.process.stdin.fileno()
        os.set_blocking(descriptor, False)
        while line:
            if not select.select([], [descriptor], [], max(0, end - time.monotonic()))[1]:
                raise Ended("the process does not read")
            try:
                line = line[os.write(descriptor, line[:65_536]) :]
            except (BrokenPipeError, BlockingIOError) as error:
                if isinstance(error, BrokenPipeError):
                    raise Ended("the process has ended") from error

    def _read(self, end: float) -> dict[str, Any]:
        """Return the next message: one line of bounded length."""
        while b"\n" not in self.buffer:
            if not select.select([self._out], [], [], max(0, end - time.monotonic()))[0]:
                raise Ended("no answer in time")
            with contextlib.suppress(BlockingIOError):
                part = os.read(self._out, 1 << 20)
                if not part:
                    raise Ended("the process has ended")
                self.buffer += part
            if len(self.buffer) > wire.LONGEST + 1000:
                raise Ended("the answer is too large")
        line, _, rest = bytes(self.buffer).partition(b"\n")
        self.buffer = bytearray(rest)
        try:
            return wire.loads(line)
        except wire.BadMessage as error:
            raise Ended("the process answers something else") from error

    def close(self) -> None:
        """End the process and all that came from it, and remove its folder."""
        _ALIVE.discard(self)
        with contextlib.suppress(OSError):
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.listener.join(2)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(OSError):
                pipe and pipe.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_ALIVE: set[Process] = set()
_STOPPED = threading.Event()


@contextlib.contextmanager
def all_ended() -> Iterator[None]:
    """End every process that was started in the block, if the block is left by an error or by Ctrl+C."""
    _STOPPED.clear()
    try:
        yield
    except BaseException:
        _STOPPED.set()
        for process in list(_ALIVE):
            process.close()
        raise


def _shown(course: Path) -> dict[str, str]:
    """Return the folders that a process in namespaces sees, read-only, by the place where it sees them."""
    python = {path: path for path in (sys.prefix, sys.base_prefix)}
    data = {f"/course/{name}": str(ROOT / name) for name in ("data/samples", "data/networks", "results")}
    for name in data:
        (course / Path(name).relative_to("/course")).mkdir(parents=True, exist_ok=True)
    return {**python, "/course": str(course), **data}


def _environment(course: Path) -> dict[str, str]:
    one = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    return {
        **one,
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "MPLBACKEND": "Agg",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "-1",
        "COURSE_BUDGET": "reduced",
        "COURSE_DATA": "builtin",
        "COURSE_DATA_DIR": str(course / "data"),
    }


# --- What this system can do --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Protection:
    """What a process is kept from on this system, as tried out."""

    mode: str
    files: bool
    network: bool
    processes: bool
    reason: str = ""

    def sentences(self) -> list[str]:
        """Say what is protected and what is not."""
        if self.mode == "plain":
            return [
                f"This system has no namespaces for programs ({self.reason}). Limits of time, memory and file size "
                "hold, and processes are ended.",
                "NOT protected: a notebook can read the files that you can read (the solutions among them), use the "
                "network, and write where you can write. Grade work that counts on Linux.",
            ]
        if not (self.files and self.network and self.processes):
            return [
                f"NOT fully protected: a notebook reaches {self.reason}. Move the course out of Python's folder."
            ]
        return [
            "Each notebook runs in namespaces of its own: it sees no file of yours, no network, no other process."
        ]


def protection(mine: Sequence[Path] = ()) -> Protection:
    """Try out what this system can do.

    Args:
        mine: files and folders that nobody must see.

    Raises:
        RuntimeError: if no process starts, for another reason than that the system cannot protect anything.
    """
    if sys.platform == "win32":
        raise RuntimeError("Grading needs Linux or macOS; on Windows use WSL.")
    _STOPPED.clear()
    reason = sys.platform
    with course_of(min((ROOT / "sources/labs").glob("*.py"))) as course:
        if sys.platform == "linux":
            try:
                with Process("worker.py", course, LIGHT, "namespaces") as process:
                    return _seen_from(process, [ROOT / "course.toml", *mine])
            except Ended as error:
                reason = str(error).removeprefix("jail: ")
                if reason == str(error):  # the jail was made; what is in it failed
                    raise RuntimeError(f"The sandbox does not start ({error}). Try again.") from error
        with Process("worker.py", course, LIGHT, "plain"):
            return Protection("plain", False, False, False, reason)


def _seen_from(process: Process, mine: list[Path]) -> Protection:
    """Ask a process in namespaces what it sees."""
    seen = process.ask({"do": "look", "paths": [str(path) for path in mine]}, 20)["seen"]
    network = set(process.hello["interfaces"]) <= {"lo", "unknown"}
    reason = ", ".join(seen) or ("" if network else "the network")
    return Protection("namespaces", not seen, network, process.hello["process"] < 10, reason)


@contextlib.contextmanager
def course_of(lab: Path) -> Iterator[Path]:
    """Make the folder that the student's processes of a lab see, for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix="grading-course-") as folder:
        furnish(Path(folder), lab)
        yield Path(folder)


@contextlib.contextmanager
def course_of_judge() -> Iterator[Path]:
    """Make the folder that the judge sees, for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix="grading-judge-") as folder:
        furnish_judge(Path(folder))
        yield Path(folder)
