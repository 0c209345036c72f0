"""An environment: whether it works, what it lacks, and how it is replaced without ever being lost.

A new environment is made in a folder beside the old one, tried out, and renamed at the very end. So whatever
happens on the way, be it Ctrl+C, a full disk or a power cut, one that works is there. It also works on when the
folder of the course is moved.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import files, installer, lab
from tools.bootstrap import RECORD
from tools.installer import Failure


@dataclass(frozen=True)
class Group:
    """Packages that are installed together, and what was measured on Linux when they were."""

    lock: str
    download: int  # MB
    disk: int  # MB
    proof: str  # must be importable afterwards
    alone: bool = False  # whether the lock also holds what students have


GROUPS = {
    "student": Group("requirements.lock", 490, 2000, "jupyterlab, tensorflow"),
    "grading": Group("locks/grading.lock", 25, 80, "nbgrader"),
    "tests": Group("locks/tests.lock", 95, 300, "pytest"),
    # pages.yml installs it alone
    "site": Group("locks/site.lock", 85, 250, "sphinx", alone=True),
}
SUCCESSOR = ".new-"
LOOK = "import sys, helpers; print(*sys.version_info[:2], helpers.__file__)"


class Environment:
    """An environment in a folder of its own, which lies directly in the course's folder."""

    def __init__(self, folder: Path) -> None:
        """Take the folder, whatever is in it."""
        self.folder = folder
        self.name = folder.name.partition(SUCCESSOR)[0]
        self.course = folder.parent
        self.old = folder.with_name(folder.name + ".old")
        self.python = installer.python_in(folder)

    def version(self) -> tuple[int, int] | None:
        """Return the version of its Python, or ``None`` if it does not run or does not find ``helpers`` here."""
        with contextlib.suppress(OSError):
            self.mend()
        try:
            # -I: without the variables and the folder from which this was started
            done = installer.run([self.python, "-I", "-X", "utf8", "-c", LOOK])
            major, minor, path = done.stdout.split(maxsplit=2)
        except (OSError, ValueError):
            return None
        return (int(major), int(minor)) if Path(path.strip()).is_relative_to(self.course) else None

    def record(self) -> dict[str, Any]:
        """Return what is noted of it: the Python that made it, where it was, and a digest for each group."""
        try:
            record: dict[str, Any] = json.loads((self.folder / RECORD).read_text(encoding="utf-8"))
            return record
        except (OSError, ValueError):
            return {}

    def note(self, place: Path, digests: dict[str, str]) -> None:
        """Note where it is and what is installed."""
        python = self.record().get("python", installer.base_python())
        record = {"python": python, "place": str(place), "digests": digests}
        files.write(self.folder / RECORD, json.dumps(record, indent=1).encode())

    def digests(self) -> dict[str, str]:
        """Return a digest of the lock that each installed group came from."""
        noted = self.record().get("digests", {})
        return {group: noted[group] for group in GROUPS if group in noted}

    def wanted(self, groups: Iterable[str]) -> dict[str, str]:
        """Return the digests of today's locks, for ``groups`` and those that are installed."""
        names = {"student", *groups, *self.digests()}
        return {group: digest(self.course / GROUPS[group].lock) for group in GROUPS if group in names}

    def holds(self, groups: Iterable[str]) -> bool:
        """Return whether ``groups`` are installed, and what students need, in the versions of today's locks."""
        installed = self.digests()
        needed = {"student", *groups}
        return all(installed.get(group) == digest(self.course / GROUPS[group].lock) for group in needed)

    def add(self, groups: Iterable[str]) -> None:
        """Install ``groups`` in place. Nothing that is there changes, because all locks name the same versions.

        Raises:
            Failure: if they cannot be installed.
        """
        wanted = self.wanted(groups)
        self.fill(installer.choose(self.course), wanted)
        self.note(self.folder, wanted)

    def replace(self, groups: Iterable[str]) -> None:
        """Make it anew, with ``groups`` and those that are installed.

        Raises:
            Failure: if that is not possible; it is as it was before.
        """
        wanted = self.wanted(groups)
        successor = Environment(self.folder.with_name(f"{self.name}{SUCCESSOR}{os.getpid()}"))
        try:
            tool = installer.choose(self.course)
            tool.create(successor.folder)
            successor.fill(tool, wanted)
            lab.write_settings(successor.folder)
            redirect_scripts(successor.folder, successor.folder, self.folder)
            successor.note(self.folder, wanted)  # from here on it is complete
            if self.folder.exists():
                self.folder.rename(self.old)
            successor.folder.rename(self.folder)
        finally:
            self.recover()

    def fill(self, tool: installer.Tool, wanted: dict[str, str]) -> None:
        """Install the groups that are ``wanted`` and try out those that are new.

        Raises:
            Failure: if that is not possible.
        """
        new = [GROUPS[group] for group in wanted if group not in self.digests()]
        disk = sum(group.disk for group in new)
        check_space((self.course, tool.cache), disk)
        locks = [self.course / GROUPS[group].lock for group in wanted]
        tool.check(self.folder, locks)
        print(
            f"Preparing {self.name}: at most {sum(group.download for group in new)} MB to fetch, {disk / 1000:.1f} GB "
            "on disk. This takes minutes, once.",
            flush=True,
        )
        tool.install(self.folder, locks)
        print("Trying it out ...", flush=True)
        self.mend()
        proof = ", ".join(group.proof for group in new)
        done = installer.run([self.python, "-I", "-c", f"import helpers, {proof}"])
        if done.returncode:
            reason = installer.last_line(done.stderr)
            raise Failure(f"What was installed does not work ({reason}).", done.stderr)
        print(f"{self.name} is ready.", flush=True)

    def recover(self) -> None:
        """Tidy up after a start that was ended on its way, perhaps when the old environment was just renamed."""
        successors = sorted(self.course.glob(f"{self.name}{SUCCESSOR}*"))
        if not self.folder.exists():
            complete = [successor for successor in successors if (successor / RECORD).exists()]
            candidate = complete[0] if complete else self.old
            if candidate.exists():
                candidate.rename(self.folder)
        for leftover in [*successors, self.old]:
            shutil.rmtree(leftover, ignore_errors=True)

    def mend(self) -> None:
        """Make it find ``helpers``, wherever the course is moved, and its scripts right if it was moved."""
        packages = installer.packages_in(self.folder)
        if packages is None:
            return
        pointer = packages / "course.pth"
        if not pointer.exists():
            files.write(pointer, os.path.relpath(self.course, packages).encode())
        place = self.record().get("place")
        if place and place != str(self.folder):
            redirect_scripts(self.folder, Path(place), self.folder)
            self.note(self.folder, self.digests())


def digest(lock: Path) -> str:
    """Return a digest of the versions that a lock names; its comments and hashes do not count."""
    pins = re.findall(r"^[\w.-]+==[^\\#\n]*", lock.read_text(encoding="utf-8"), re.MULTILINE)
    return hashlib.sha256("\n".join(sorted(pins)).encode()).hexdigest()


def redirect_scripts(environment: Path, old: Path, new: Path) -> None:
    """Replace the place ``old`` by ``new`` in the scripts that pip has written; those of uv need no place."""
    for script in installer.python_in(environment).parent.iterdir():
        if script.is_file() and not script.is_symlink():
            content = script.read_bytes()
            if str(old).encode() in content:
                files.write(script, content.replace(str(old).encode(), str(new).encode()))


def check_space(places: Iterable[Path], needed: int) -> None:
    """Raise ``Failure`` unless each of ``places`` has ``needed`` MB left."""
    for place in places:
        existing = next(folder for folder in (place, *place.parents) if folder.exists())
        free = shutil.disk_usage(existing).free // 1_000_000
        if free < needed:
            raise Failure(f"The disk is too full: {needed} MB are needed in {existing}, {free} MB are free.")
