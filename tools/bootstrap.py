"""Prepare the course and start it. Nothing needs to be installed for this program.

    python3 tools/bootstrap.py lab        make .venv, open JupyterLab in my-notebooks/
    python3 tools/bootstrap.py student    only make .venv, what a student needs
    python3 tools/bootstrap.py tests      make .venv-dev for contributors; also: grading, site, several of them
    python3 tools/bootstrap.py edit       the same, then open JupyterLab on notebooks/, paired with sources/
    python3 tools/bootstrap.py lock       renew the lock files

What follows ``lab`` and ``edit`` is given to JupyterLab. An environment keeps the Python it was made with;
``--with-this-python`` before the command makes it anew with the Python that runs this program.

This file avoids new syntax: any Python 3.6 or later can read it, and say that it is too old.
"""

import json
import os
import signal
import sys

OLDEST = (3, 11)
NEWEST = (3, 13)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RECORD = "course.json"  # in an environment: what it was made from
OPTIONS = ("--with-this-python", "--handed-over")  # the second is for this program's own use


def complain(message: str) -> None:
    """Print ``message`` to stderr and stop with exit status 2."""
    sys.stderr.write("\n" + message + "\n\n")
    sys.exit(2)


def check_python(version: "tuple[int, ...] | None" = None) -> None:
    """Stop with a clear message unless this Python can run the course."""
    found = tuple(version or sys.version_info)[:2]
    if not OLDEST <= found <= NEWEST:
        complain(
            "This course needs Python {}.{} to {}.{}; this is Python {}.{} ({}).\n"
            "Install a fitting version from https://www.python.org/downloads/ and name it, for example:\n"
            "    make lab PYTHON=python3.12".format(*(OLDEST + NEWEST + found), sys.executable)
        )


def python_of(environment: str) -> str:
    """Return the Python that made ``environment``, or "" if it is not known, gone, or the one that runs this."""
    try:
        with open(os.path.join(ROOT, environment, RECORD), encoding="utf-8") as file:
            python = json.load(file)["python"]
        return "" if os.path.samefile(python, sys.executable) else python
    except (OSError, ValueError, KeyError):
        return ""


def become(command: "list[str]") -> int:
    """Let ``command`` take the place of this program; Windows cannot, so wait there and return its exit status."""
    sys.stdout.flush()
    if sys.platform != "win32":
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execv(command[0], command)
    import subprocess

    process = subprocess.Popen(command)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the other program
    return process.wait()


def stop(*_details: object) -> None:
    """End the program at Ctrl+C, with one line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.stderr.write("\nStopped. What was installed before is as it was.\n")
    sys.exit(130)


def main(arguments: "list[str]") -> int:
    """Do what the command line asks for and return the exit status."""
    option = arguments[0] if arguments and arguments[0] in OPTIONS else ""
    command = arguments[1:] if option else arguments
    environment = ".venv" if command[:1] in ([], ["lab"], ["student"]) else ".venv-dev"
    python = "" if option else python_of(environment)
    if python:
        return become([python, os.path.abspath(__file__), "--handed-over", *command])
    if sys.version_info[:2] < OLDEST:
        check_python()
    sys.path.insert(0, ROOT)
    from tools import commands  # in today's syntax

    return commands.run(command, explicit=option == "--with-this-python")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, stop)
    sys.exit(main(sys.argv[1:]))
