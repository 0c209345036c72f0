"""What installs packages: uv where it can be had, otherwise pip. Both ask the index that the user has configured."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from tools.files import only_one

# How uv calls what people have configured for pip.
SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}
# Only what a lock names by its hash, and nothing that would have to be compiled first.
STRICT = ("--require-hashes", "--only-binary", ":all:")


class Failure(Exception):
    """Something could not be installed; what worked before works as before."""

    def __init__(self, message: str, details: str = "") -> None:
        """Take one sentence, and what a program printed about it."""
        super().__init__(message)
        self.details = details


def run(
    command: Iterable[str | Path],
    show: bool = False,
    show_errors: bool = False,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end and return its exit status, and what it printed as far as that was not shown.

    Ctrl+C in the terminal does not reach it, so it prints no traceback; it ends with this program.
    """
    return subprocess.run(
        [str(word) for word in command],
        stdout=None if show else subprocess.PIPE,
        stderr=None if show_errors else subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, **variables},
        start_new_session=True,  # on Windows this does nothing, and the next line does it
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def python_in(folder: Path) -> Path:
    """Return the path of the interpreter in the environment ``folder``."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def packages_in(folder: Path) -> Path | None:
    """Return the folder that holds the packages of the environment ``folder``."""
    return next(
        folder.glob("Lib/site-packages" if sys.platform == "win32" else "lib/python3*/site-packages"), None
    )


def base_python() -> str:
    """Return the Python that runs this; not an environment's, but the one that it was made with."""
    return str(getattr(sys, "_base_executable", sys.executable))


def make_with_venv(folder: Path) -> None:
    """Make an empty environment with pip in it, as Python itself does it."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as error:
        raise Failure(
            "This Python has no working 'venv' module, which the course needs to make its own environment.\n"
            "On Debian or Ubuntu:  sudo apt-get install python3-venv\n"
            "Elsewhere: install Python from https://www.python.org/downloads/."
        ) from error
    done = run([base_python(), "-m", "venv", "--clear", folder])
    if done.returncode:
        raise Failure("An empty environment could not be made.", done.stdout + done.stderr)


class Tool(Protocol):
    """What both installers can do."""

    cache: Path  # needs as much space as the environment, if it is on another disk

    def create(self, folder: Path) -> None:
        """Make an empty environment in ``folder``."""

    def check(self, folder: Path, locks: Sequence[Path]) -> None:
        """Raise ``Failure`` if it is clear from the start that ``install`` cannot work, as without a network."""

    def install(self, folder: Path, locks: Sequence[Path]) -> None:
        """Install what ``locks`` name; say on the terminal how far it is."""


class Pip:
    """Installs with the pip that each environment holds."""

    cache = Path(tempfile.gettempdir())

    def create(self, folder: Path) -> None:
        """Make an empty environment in ``folder``."""
        make_with_venv(folder)

    def check(self, folder: Path, locks: Sequence[Path]) -> None:
        """Do nothing: pip finds out as it goes."""

    def install(self, folder: Path, locks: Sequence[Path]) -> None:
        """Install what ``locks`` name."""
        pip = [str(python_in(folder)), "-m", "pip", "--disable-pip-version-check", "install", "--no-compile"]
        done = run([*pip, *STRICT, *requirements(locks)], show=True)
        if done.returncode:
            reason = last_line(done.stderr)
            raise Failure(f"Not everything could be installed; is there a network? ({reason})", done.stderr)


class Uv:
    """Installs with uv: in seconds, and what it has once fetched it does not fetch again."""

    def __init__(self, program: str, settings: dict[str, str]) -> None:
        """Take the program, and its settings as variables."""
        self.program = program
        self.settings = settings
        self.network: list[str] = []
        self.cache = Path(run([program, "cache", "dir"]).stdout.strip())

    def create(self, folder: Path) -> None:
        """Make an empty environment in ``folder``, whose scripts find it wherever it is moved."""
        command = [
            self.program,
            "venv",
            "--no-project",
            "--relocatable",
            "--python",
            base_python(),
            str(folder),
        ]
        done = run(command, variables={"UV_PYTHON_DOWNLOADS": "never"})
        if done.returncode:
            raise Failure("An empty environment could not be made.", done.stderr)

    def command(self, folder: Path, locks: Sequence[Path]) -> list[str]:
        """Return the command that installs what ``locks`` name."""
        install = [self.program, "pip", "install", *self.network, "--python", str(python_in(folder))]
        return [*install, *STRICT, *requirements(locks)]

    def check(self, folder: Path, locks: Sequence[Path]) -> None:
        """Raise ``Failure`` if the packages can be had neither from the network nor from an earlier time."""
        problem = ""
        for self.network in ([], ["--offline"]):
            done = run([*self.command(folder, locks), "--dry-run"], variables=self.settings)
            if done.returncode == 0:
                return
            problem = problem or done.stderr
        raise Failure(f"New packages cannot be fetched ({last_line(problem)}).", problem)

    def install(self, folder: Path, locks: Sequence[Path]) -> None:
        """Install what ``locks`` name."""
        done = run(self.command(folder, locks), show=True, show_errors=True, variables=self.settings)
        if done.returncode:
            raise Failure("Not everything could be installed; the lines above say why.")


def requirements(locks: Sequence[Path]) -> list[str]:
    """Return the options that name ``locks``, for either installer."""
    return [f"--requirement={lock}" for lock in locks]


def last_line(text: str) -> str:
    """Return the last line of what a program printed; it says most."""
    return ([line.strip() for line in text.splitlines() if line.strip()] or ["no reason given"])[
        -1
    ].removeprefix("cause: ")


def choose(root: Path) -> Tool:
    """Return uv, or pip where it cannot be had or the variable COURSE_INSTALLER asks for pip."""
    if os.environ.get("COURSE_INSTALLER") == "pip":
        return Pip()
    lock = root / "locks/uv.lock"
    wanted = version_in(lock.read_text(encoding="utf-8"))
    own = root / ".venv-uv"
    program = python_in(own).with_name("uv.exe" if sys.platform == "win32" else "uv")
    for candidate in (shutil.which("uv"), str(program)):
        if candidate and fits(candidate, wanted):
            return Uv(candidate, pip_settings(own))
    with only_one(own):
        if fits(str(program), wanted) or fetch(own, lock):
            return Uv(str(program), pip_settings(own))
    print("uv cannot be had here, so pip installs: that takes longer.", flush=True)
    return Pip()


def version_in(text: str) -> tuple[int, ...]:
    """Return the first version number in ``text``."""
    found = re.search(r"\d+(\.\d+)+", text)
    return tuple(int(number) for number in found.group().split(".")) if found else ()


def fits(program: str, wanted: tuple[int, ...]) -> bool:
    """Return whether ``program`` is a uv that runs, of the ``wanted`` version or a later one."""
    try:
        done = run([program, "--version"])
    except OSError:
        return False
    return done.returncode == 0 and version_in(done.stdout) >= wanted


def fetch(folder: Path, lock: Path) -> bool:
    """Install uv alone into ``folder``; return whether that went well."""
    print("Fetching the installer uv (18 MB) ...", flush=True)
    try:
        make_with_venv(folder)
    except Failure:
        return False
    pip = [str(python_in(folder)), "-m", "pip", "--disable-pip-version-check", "--retries=1", "--quiet"]
    return run([*pip, "install", *STRICT, f"--requirement={lock}"]).returncode == 0


def pip_settings(own: Path) -> dict[str, str]:
    """Return what is configured for pip, as variables for uv, unless uv has its own configuration."""
    if any(re.match(r"UV_.*INDEX", name) for name in os.environ):
        return {}
    variables = {
        "UV_INDEX_STRATEGY": "unsafe-best-match"
    }  # look everywhere, as pip does: hashes are compared
    printed = ""
    for python in (base_python(), python_in(own)):
        with contextlib.suppress(OSError):
            printed = printed or run([python, "-m", "pip", "config", "list"]).stdout
    for section in ("global", "install", ":env:"):  # the later one counts
        for name, value in re.findall(rf"^{section}\.([\w-]+)=(.*)$", printed, re.MULTILINE):
            if name in SETTINGS and SETTINGS[name] not in os.environ:
                separator = "," if name == "find-links" else " "
                variables[SETTINGS[name]] = separator.join(ast.literal_eval(value).split())
    return variables
