"""The commands of bootstrap.py."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tools import copies, lab, locks
from tools.bootstrap import check_python, complain
from tools.environment import GROUPS, Environment
from tools.files import only_one
from tools.installer import Failure

ROOT = Path(__file__).resolve().parent.parent


def run(command: Sequence[str], explicit: bool) -> int:
    """Carry out a command and return the exit status.

    Args:
        command: the words of the command line, for example ``["lab", "--no-browser"]``; see ``bootstrap.py``.
        explicit: whether it was asked for that the environment has the Python that runs this.
    """
    name = command[0] if command else "student"
    try:
        if name == "lock":
            locks.renew(ROOT, keep="--keep" in command)
        elif name == "lab":
            return open_lab(command[1:], explicit)
        elif name == "edit":
            return open_for_authors(command[1:], explicit)
        else:
            make(command or ["student"], explicit)
    except (Failure, OSError) as failure:
        complain(f"{getattr(failure, 'details', '')}\n{failure}".lstrip())
    return 0


def make(groups: Sequence[str], explicit: bool) -> None:
    """Make the environment that holds ``groups``, or bring it up to date."""
    if unknown := set(groups) - set(GROUPS):
        complain(
            f"There is no {', '.join(sorted(unknown))}. There are: lab, edit, lock, {', '.join(GROUPS)}."
        )
    environment = Environment(ROOT / (".venv" if list(groups) == ["student"] else ".venv-dev"))
    with only_one(environment.folder):
        prepare(environment, groups, explicit)


def open_lab(arguments: Sequence[str], explicit: bool) -> int:
    """Open JupyterLab for a student, on copies of the notebooks."""
    environment = Environment(ROOT / ".venv")
    own = ROOT / "my-notebooks"
    with only_one(environment.folder):
        prepare(environment, ["student"], explicit, old_will_do=True)
        copies.update(ROOT / "notebooks", own)
    return lab.open_lab(environment.folder, environment.python, own, "START_HERE.md", arguments)


def open_for_authors(arguments: Sequence[str], explicit: bool) -> int:
    """Open JupyterLab for an author, in the course's folder: jupytext looks there for what is paired."""
    environment = Environment(ROOT / ".venv-dev")
    with only_one(environment.folder):
        prepare(environment, ["tests"], explicit, old_will_do=True)
    return lab.open_lab(environment.folder, environment.python, ROOT, "notebooks/START_HERE.md", arguments)


def prepare(
    environment: Environment, groups: Sequence[str], explicit: bool, old_will_do: bool = False
) -> None:
    """Bring ``environment`` up to date. If it is, whatever Python runs this, nothing is done.

    Args:
        environment: the environment.
        groups: what it must hold.
        explicit: whether it must have the Python that runs this.
        old_will_do: whether one that works is enough, where it cannot be brought up to date.

    Raises:
        Failure, OSError: if that is not possible; the environment is as it was.
    """
    environment.recover()
    version = environment.version()
    other_python = explicit and version != sys.version_info[:2]
    if version and environment.holds(groups) and not other_python:
        return
    check_python()
    try:
        if version and environment.holds(environment.digests()) and not other_python:
            environment.add(groups)
        else:
            environment.replace(groups)
    except (Failure, OSError) as failure:
        if other_python or not (version and old_will_do):
            raise
        print(f"{failure} {environment.name} stays as it is and is used; the next start tries again.")
