"""Release, grade and return labs.

python -m grading release LAB                            the students' version, in build/grading/release
python -m grading grade LAB SUBMISSIONS [options]        points, feedback, gradebook, tables for Moodle and Canvas
python -m grading packages                               a zip for each lab and for the course, without solutions
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from grading import labs, packages
from grading import secret as secrets

RELEASED = labs.ROOT / "build/grading/release"


def _class() -> Path:
    return Path(os.environ.get("COURSE_CLASS_DIR") or labs.ROOT / "my-class")


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m grading", description="Release, grade and return labs.")
    commands = parser.add_subparsers(dest="command", required=True)
    release = commands.add_parser("release", help="write the students' version of a lab")
    release.add_argument("lab")
    grade = commands.add_parser("grade", help="grade what was handed in")
    grade.add_argument("lab")
    grade.add_argument(
        "submissions", type=Path, help="a folder or zip: plain, or as Moodle or Canvas download it"
    )
    grade.add_argument("--roster", type=Path, help="the list of the class, CSV")
    grade.add_argument("--secret", type=Path, help="the file of the secret (made the first time)")
    grade.add_argument("--assignment", default="", help="the number of the assignment in Canvas")
    commands.add_parser("packages", help="write zips for students")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Carry out a command; return the exit status."""
    arguments = _arguments(words)
    if threading.current_thread() is threading.main_thread():  # `kill` is Ctrl+C from elsewhere
        signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    from grading.book import Book

    try:
        if arguments.command == "packages":
            for path in packages.make(labs.ROOT / "build/packages"):
                print(f"{path.relative_to(labs.ROOT)}  {path.stat().st_size / 1e6:.1f} MB")
        elif arguments.command == "release":
            print(Book(_class(), RELEASED).release(labs.find(arguments.lab)))
        else:
            from grading.batch import Batch

            secret = secrets.load(arguments.secret)
            book = Book(_class(), RELEASED)
            Batch(
                labs.find(arguments.lab),
                arguments.submissions,
                book,
                secret,
                arguments.roster,
                _say,
                arguments.assignment,
            ).run()
    except (LookupError, FileNotFoundError, ValueError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted. What was graded is kept; the same command goes on.", file=sys.stderr)
        return 130
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
