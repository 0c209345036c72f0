"""Break the code in many small ways, one at a time, and count which of them the tests notice.

python -m tools.mutants                  every edit of tests/mutants.toml; what is known already is not run again
python -m tools.mutants plots archives   the edits whose name holds one of these words, run anew

An edit is what a tired colleague could do. It is made in a scratch copy, never here. Its tests must pass there without
it first. An edit after which they still pass survives: a test is missing, or the edit changes nothing that counts, and
then its ``reason`` in the list says so. A run that was stopped goes on where it was. Results: results/mutants.json.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import multiprocessing
import os
import platform
import queue
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections import defaultdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tools.manifest import ROOT

LIST = "tests/mutants.toml"
RESULT = "results/mutants.json"
STATE = "build/mutants.json"  # what is known: name → verdict, seconds, and a digest of what it depends on
WORKERS = 2
PATIENCE = 300.0  # seconds; an edit after which the tests hang longer is noticed, too


@dataclasses.dataclass(frozen=True)
class Edit:
    """One way to break one file."""

    file: str
    what: str
    old: str
    new: str
    tests: str  # arguments of pytest
    reason: str = ""  # why it may survive

    @property
    def name(self) -> str:
        """The name by which it is chosen and reported."""
        return f"{self.file}: {self.what}"

    def apply(self, root: Path) -> str:
        """Return the file's text with the edit made.

        Raises:
            ValueError: if the old text does not occur exactly once, or the edit changes nothing.
        """
        text = (root / self.file).read_text(encoding="utf-8")
        if (count := text.count(self.old)) != 1:
            raise ValueError(f"{self.name}: the old text occurs {count} times instead of once: {self.old!r}")
        if self.old == self.new:
            raise ValueError(f"{self.name}: the new text is the old one.")
        return text.replace(self.old, self.new)

    def key(self, root: Path) -> str:
        """Return a digest of everything that decides whether an earlier verdict still holds."""
        paths = [self.file, *(part.partition("::")[0] for part in shlex.split(self.tests))]
        content = [(root / path).read_bytes() for path in paths if (root / path).is_file()]
        texts = [text.encode() for text in (self.old, self.new, self.tests)]
        return hashlib.sha256(b"\0".join([*texts, *content])).hexdigest()


def edits(root: Path = ROOT) -> list[Edit]:
    """Return the recorded edits, in the order of the list.

    Raises:
        ValueError: if two have the same name.
    """
    content = tomllib.loads((root / LIST).read_text(encoding="utf-8"))
    found = [
        Edit(**{"file": file, "tests": group["tests"], **entry})
        for file, group in content.items()
        for entry in group["edits"]
    ]
    names = [edit.name for edit in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{LIST}: this name occurs twice: {min(twice)}")
    return found


# --- In a scratch copy --------------------------------------------------------------------------------------------


def copy_of(root: Path, folder: Path) -> Path:
    """Copy what git knows or would take, as it lies here, into a git repository of its own."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, folder / name)
    for arguments in (["init", "-q"], ["add", "-A"]):  # some tests ask git
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
    return folder


# What most tests import, loaded once: each run of tests is then a copy of a process that has it already.
HEAVY = [
    "hypothesis",
    "jupytext",
    "matplotlib.pyplot",
    "nbconvert",
    "numpy",
    "pytest",
    "scipy.signal",
    "tensorflow",
    "keras",
]
OURS = ("helpers", "tools", "tests")
METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
CONTEXT: Any = multiprocessing.get_context(METHOD)


def passes(copy: Path, tests: str) -> bool:
    """Return whether the tests pass in the copy; tests that never end do not."""
    CONTEXT.set_forkserver_preload(HEAVY)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # while TensorFlow is loaded; tests decide for themselves
    process = CONTEXT.Process(target=_run_tests, args=(str(copy), shlex.split(tests)))
    process.start()
    process.join(PATIENCE)
    process.kill()
    process.join()
    return process.exitcode == 0


def _run_tests(copy: str, arguments: list[str]) -> None:
    """Run pytest in the copy, with nothing of ours in memory from elsewhere, and exit with its status."""
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[name]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it may have been ignored
    os.chdir(copy)
    sys.path[:] = [copy, *(place for place in sys.path if place not in ("", str(ROOT)))]
    # compiled files could outlive an edit that leaves the size and the second of its file
    sys.dont_write_bytecode = True
    os.environ.pop("TF_CPP_MIN_LOG_LEVEL")
    data = os.path.join(copy, "build", "no-data")
    os.environ.update(COURSE_BUDGET="reduced", COURSE_DATA="builtin", COURSE_DATA_DIR=data)
    os.environ.update(PYTHONDONTWRITEBYTECODE="1", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    import pytest

    sys.exit(int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *arguments])))


def verdict(copy: Path, edit: Edit) -> str:
    """Return "killed" or "survived"; the copy is as before afterwards."""
    path = copy / edit.file
    before = path.read_bytes()
    try:
        path.write_text(edit.apply(copy), encoding="utf-8")
        return "survived" if passes(copy, edit.tests) else "killed"
    finally:
        path.write_bytes(before)


# --- A run --------------------------------------------------------------------------------------------------------


class Run:
    """The work of one call: the edits that wait, and what is known of the others."""

    def __init__(self, root: Path, words: list[str]) -> None:
        self.root, self.all = root, edits(root)
        self.known: dict[str, dict] = _read(root / STATE)
        chosen = [edit for edit in self.all if any(word in edit.name for word in words)]
        self.todo = chosen if words else [edit for edit in self.all if not self._is_known(edit)]
        self.done, self.start, self.lock = 0, time.monotonic(), threading.Lock()
        self.broken: list[str] = []  # tests that fail without any edit

    def _is_known(self, edit: Edit) -> bool:
        return self.known.get(edit.name, {}).get("key") == edit.key(self.root)

    def work(self) -> None:
        """Try every edit that waits, with two scratch copies side by side."""
        groups: dict[str, list[Edit]] = defaultdict(list)
        for edit in self.todo:
            edit.apply(self.root)  # refuse all of it before the first is run
            groups[edit.tests].append(edit)
        waiting: queue.SimpleQueue[list[Edit]] = queue.SimpleQueue()
        for group in sorted(groups.values(), key=len, reverse=True):
            waiting.put(group)
        threads = [
            threading.Thread(target=self._worker, args=(waiting,), daemon=True) for _ in range(WORKERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _worker(self, waiting: queue.SimpleQueue[list[Edit]]) -> None:
        with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
            copy = copy_of(self.root, Path(folder))
            while True:
                try:
                    group = waiting.get_nowait()
                except queue.Empty:
                    return
                if passes(copy, group[0].tests):
                    for edit in group:
                        start = time.monotonic()
                        self._note(edit, verdict(copy, edit), time.monotonic() - start, edit.key(copy))
                else:
                    self.broken.append(group[0].tests)

    def _note(self, edit: Edit, outcome: str, seconds: float, key: str) -> None:
        with self.lock:
            self.done += 1
            left = (time.monotonic() - self.start) / self.done * (len(self.todo) - self.done) / 60
            print(
                f"[{self.done}/{len(self.todo)}] {outcome:8}  {edit.name}  (about {left:.0f} min left)",
                flush=True,
            )
            entry = {"verdict": outcome, "seconds": round(seconds, 1), "key": key}
            self.known[edit.name] = entry
            _write(self.root / STATE, self.known)

    def report(self) -> dict | None:
        """Return the content of results/mutants.json; None while an edit has no verdict that still holds."""
        if not all(self._is_known(edit) for edit in self.all):
            return None
        modules: dict[str, dict[str, int]] = {}
        survivors = []
        for edit in self.all:
            counts = modules.setdefault(edit.file, {"edits": 0, "noticed": 0})
            counts["edits"] += 1
            if self.known[edit.name]["verdict"] == "killed":
                counts["noticed"] += 1
            else:
                survivors.append({"edit": edit.name, "reason": edit.reason})
        return {
            "edits": len(self.all),
            "noticed": len(self.all) - len(survivors),
            "score": round(1 - len(survivors) / len(self.all), 3),
            "date": datetime.now(UTC).date().isoformat(),
            "versions": {"python": platform.python_version(), "pytest": version("pytest")},
            "modules": modules,
            "survivors": survivors,
        }


def _read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _write(path: Path, content: dict) -> None:
    """Write a file that is whole or not there, whenever the program is stopped."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(beside, path)


def main(words: list[str], root: Path = ROOT) -> int:
    """Run the edits that are asked for, or are not known yet; say what survived; return the exit status."""
    try:
        run = Run(root, words)
        if words and not run.todo:
            raise ValueError(f"No edit's name holds: {', '.join(words)}")
        run.work()
    except ValueError as problem:
        print(problem)
        return 2
    for tests in run.broken:
        print(f"These tests fail without any edit: {tests}")
    content = run.report()
    if content:
        _write(root / RESULT, content)
        print(
            f"{content['noticed']} of {content['edits']} edits are noticed ({content['score']:.1%}): {RESULT}"
        )
    current = {edit.name: edit for edit in run.all}
    survivors = [
        name for name, entry in run.known.items() if entry["verdict"] == "survived" and name in current
    ]
    for name in survivors:
        print(f"survived: {name}{re.sub('^(?=.)', ' — ', current[name].reason)}")
    return 1 if run.broken or any(not current[name].reason for name in survivors) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
