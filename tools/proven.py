"""What ran where, and how it ended: the site's page "Last proven".

python -m tools.proven record NAME [--junit FILE] [--environment FOLDER] [--status success]
    write build/proven/NAME.json about a run that has just ended
python -m tools.proven collect FOLDER
    merge every JSON file in FOLDER into results/proven.json; of each place the newest run stays

A run records itself even where nothing could be installed, so this module needs the standard library only.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "results" / "proven.json"
RECORDS = ROOT / "build" / "proven"

SYSTEMS = {"linux": "Linux", "macos": "macOS", "windows": "Windows"}
VERSIONS = ("oldest", "locked", "newest")
OTHERS = {
    "colab-current": "Linux, versions of Colab's current runtime",
    "colab-previous": "Linux, versions of Colab's previous runtime",
    "links": "links to other servers",
}
PLACES = {
    f"{key}-{versions}": f"{name}, {versions} versions"
    for key, name in SYSTEMS.items()
    for versions in VERSIONS
} | OTHERS
OUTCOMES = ("passed", "failed", "did not finish")
PACKAGES = {"tensorflow": "TensorFlow", "keras": "Keras", "numpy": "NumPy"}


class RefusedError(ValueError):
    """A file that is no record of a run; the message names the file and says why."""


@dataclass
class Run:
    """One run in one place."""

    name: str  # one of PLACES
    date: str  # when it ended: ISO 8601 with time zone
    system: str
    python: str  # empty: no environment could be made
    versions: dict[str, str]
    lessons: dict[str, str]  # "03": "passed" or "failed"
    tests: dict[str, int] | None  # passed, failed, skipped; None where none were meant to run
    outcome: str  # one of OUTCOMES
    commit: str
    address: str  # of the log, empty for a run at somebody's desk
    last_passed: str = ""  # the same kind of date; empty: never yet


# --- Record a run -------------------------------------------------------------------------------------------------


def system() -> str:
    """Return the name and version of this operating system, and its kind of processor."""
    name = f"{platform.system()} {platform.release()}"
    if platform.system() == "Darwin":
        name = f"macOS {platform.mac_ver()[0]}"
    if platform.system() == "Linux":
        try:
            name = platform.freedesktop_os_release()["PRETTY_NAME"]
        except OSError:
            name = "Linux"
    return f"{name}, {platform.machine()}"


def python_version(environment: Path | None) -> str:
    """Return the version of the environment's Python; without an environment, of this one."""
    if environment is None:
        return platform.python_version()
    try:
        text = (environment / "pyvenv.cfg").read_text(encoding="utf-8")
    except OSError:
        return ""
    match = re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+\.\d+)", text, flags=re.M)
    return match[1] if match else ""


def installed(environment: Path | None) -> dict[str, str]:
    """Return the versions of TensorFlow, Keras and NumPy, as far as they are installed."""
    folders = sys.path
    if environment is not None:
        found = [*environment.glob("lib/python*/site-packages"), environment / "Lib" / "site-packages"]
        folders = [str(folder) for folder in found]
    versions = {}
    for distribution in distributions(path=folders):
        name = re.sub(r"[-_]cpu$", "", (distribution.metadata["Name"] or "").lower())
        if name in PACKAGES:
            versions[name] = distribution.version
    return {name: versions[name] for name in PACKAGES if name in versions}


def read_junit(path: Path) -> tuple[dict[str, int], dict[str, str]]:
    """Return how many tests passed, failed and were skipped, and how each lesson ended.

    A file that is missing or broken off counts no test: the run never got that far.
    """
    counts = dict.fromkeys(("passed", "failed", "skipped"), 0)
    lessons: dict[str, str] = {}
    try:
        cases = list(ElementTree.parse(path).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return counts, {}
    for case in cases:
        kinds = {child.tag for child in case}
        result = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        counts[result] += 1
        number = lesson_of(case.get("classname", ""), case.get("name", ""))
        if number and result != "skipped" and lessons.get(number) != "failed":
            lessons[number] = result
    return counts, dict(sorted(lessons.items()))


def lesson_of(classname: str, name: str) -> str:
    """Return the number of the lesson that a test executes, empty if it executes none."""
    for pattern, text in (
        (r"notebooks\.(\d\d)_\w+\.ipynb$", classname),  # nbval: one test for each cell
        (r"in_colab::.*\[(\d\d)\]$", f"{classname}::{name}"),
    ):
        if match := re.search(pattern, text):
            return match[1]
    return ""


def outcome(status: str, tests: dict[str, int] | None) -> str:
    """Return how a run ended, from the job's status and the tests.

    Args:
        status: what GitHub calls it: success, failure, cancelled or skipped.
        tests: None where none were meant to run.
    """
    if status in {"cancelled", "skipped"}:
        return "did not finish"
    if status != "success":
        return "failed"
    return "passed" if tests is None or (tests["passed"] and not tests["failed"]) else "failed"


def commit() -> str:
    """Return the commit that ran, marked where files differed from it."""
    if sha := os.environ.get("GITHUB_SHA"):
        return sha[:10]
    command = ["git", "describe", "--always", "--dirty", "--exclude=*", "--abbrev=10"]
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def log_address() -> str:
    """Return the address of the hosted run, empty elsewhere."""
    parts = [os.environ.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
    return "{}/{}/actions/runs/{}".format(*parts) if all(parts) else ""


def record(name: str, junit: Path | None, environment: Path | None, status: str = "success") -> Path:
    """Write the record of a run that has just ended on this machine; return the file.

    Args:
        name: one of PLACES.
        junit: pytest's report; None where no test was meant to run.
        environment: the virtual environment that ran; None: this Python.
        status: see `outcome`.
    """
    kind = name.split("-")[0]
    here = {"Darwin": "macos"}.get(platform.system(), platform.system().lower())
    if name not in PLACES:
        raise RefusedError(f"'{name}' is no known place. Known are: {', '.join(PLACES)}.")
    if kind in SYSTEMS and kind != here:
        raise RefusedError(f"'{name}' cannot be recorded on {platform.system()}.")
    tests, lessons = (None, {}) if junit is None else read_junit(junit)
    run = Run(
        name=name,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        system=system(),
        python=python_version(environment),
        versions=installed(environment),
        lessons=lessons,
        tests=tests,
        outcome=outcome(status, tests),
        commit=commit(),
        address=log_address(),
    )
    run.last_passed = run.date if run.outcome == "passed" else ""
    path = RECORDS / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(run), indent=1) + "\n", encoding="utf-8")
    return path


# --- Collect ------------------------------------------------------------------------------------------------------


def read_runs(path: Path) -> list[Run]:
    """Return the runs of one file: one record, or what `collect` has written."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RefusedError(f"{path.name} cannot be read as JSON: {error}") from error
    entries = content["runs"] if isinstance(content, dict) and "runs" in content else [content]
    if not isinstance(entries, list):
        raise RefusedError(f"{path.name}: 'runs' is no list.")
    return [checked(entry, path.name) for entry in entries]


def checked(entry: Any, file: str) -> Run:
    """Return the record as a Run if every field is there and of the right kind."""
    if not isinstance(entry, dict):
        raise RefusedError(f"{file}: a record must be an object, not {type(entry).__name__}.")
    names = {field.name for field in fields(Run)}
    if set(entry) != names:
        raise RefusedError(f"{file}: fields missing or unknown: {', '.join(sorted(set(entry) ^ names))}.")
    for name in ("versions", "lessons"):
        if not _maps_to(entry[name], str):
            raise RefusedError(f"{file}: '{name}' must map names to texts.")
    if entry["tests"] is not None and not _maps_to(entry["tests"], int):
        raise RefusedError(f"{file}: 'tests' must map names to numbers.")
    for name in sorted(names - {"versions", "lessons", "tests"}):
        if not isinstance(entry[name], str):
            raise RefusedError(f"{file}: '{name}' must be a text.")
    run = Run(**entry)
    if run.name not in PLACES or run.outcome not in OUTCOMES:
        raise RefusedError(f"{file}: unknown place or outcome: '{run.name}', '{run.outcome}'.")
    for date in filter(None, (run.date, run.last_passed)):
        _moment(date, file)
    return run


def _maps_to(value: Any, kind: type) -> bool:
    return isinstance(value, dict) and all(
        isinstance(key, str) and isinstance(item, kind) for key, item in value.items()
    )


def _moment(text: str, file: str = "") -> datetime:
    """Return the date as a number that can be compared."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RefusedError(f"{file}: '{text}' is no date.") from error
    if moment.tzinfo is None:
        raise RefusedError(f"{file}: '{text}' has no time zone.")
    return moment


def merged(runs: list[Run]) -> list[Run]:
    """Return the newest run of each place, which also knows when that place last passed."""
    newest: dict[str, Run] = {}
    for run in sorted(runs, key=lambda run: _moment(run.date)):
        if (earlier := newest.get(run.name)) and not run.last_passed:
            run.last_passed = earlier.last_passed
        newest[run.name] = run
    return [newest[name] for name in PLACES if name in newest]


def collect(folder: Path, result: Path = RESULT) -> list[Run]:
    """Merge the records in ``folder`` into ``result``, which is written only if all of them are in order."""
    files = sorted(folder.rglob("*.json")) + [path for path in (result,) if path.exists()]
    runs = merged([run for path in files for run in read_runs(path)])
    if runs:
        text = json.dumps({"runs": [asdict(run) for run in runs]}, indent=1) + "\n"
        result.write_text(text, encoding="utf-8")
    return runs


# --- The page -----------------------------------------------------------------------------------------------------


def page(result: Path = RESULT) -> str:
    """Return the site's page "Last proven", as Markdown."""
    runs = read_runs(result) if result.exists() else []
    parts = ["# Last proven"]
    if runs:
        newest = max(runs, key=lambda run: _moment(run.date))
        parts += [
            "What ran where, with which versions, and how it ended; of each place the newest run. The newest of all "
            f"is of **{day(newest.date)}**.",
            table(runs),
        ]
    else:
        parts.append("No run has been recorded yet.")
    parts.append(missing({run.name for run in runs}))
    parts.append(
        "None of these machines is Colab itself (only its versions of the packages are tried), or Binder, and none "
        "has a GPU."
    )
    return "\n\n".join(parts) + "\n"


def table(runs: list[Run]) -> str:
    """Return one line for each run."""
    lines = ["| where | versions | what ran | outcome | date |", "| --- | --- | --- | --- | --- |"]
    for run in runs:
        versions = [f"Python {run.python}" if run.python else "no environment"]
        versions += [f"{PACKAGES.get(name, name)} {number}" for name, number in run.versions.items()]
        cells = (
            f"{PLACES[run.name]} ({run.system})",
            ", ".join(versions),
            what_ran(run),
            how_it_ended(run),
            f"{day(run.date)}, `{run.commit}`" if run.commit else day(run.date),
        )
        lines.append("| " + " | ".join(_cell(text) for text in cells) + " |")
    return "\n".join(lines)


def what_ran(run: Run) -> str:
    """Return which lessons and how many tests ran, and what failed."""
    if run.tests is None:
        return "every link" if run.name == "links" else "no tests"
    by_outcome: dict[str, list[str]] = {"passed": [], "failed": []}
    for number, word in run.lessons.items():
        by_outcome.setdefault(word, []).append(number)
    parts = []
    if by_outcome["passed"]:
        parts.append(f"lessons {', '.join(by_outcome['passed'])}")
    if by_outcome["failed"]:
        parts.append(f"lessons that failed: {', '.join(by_outcome['failed'])}")
    parts.append(f"{run.tests.get('passed', 0)} tests passed, {run.tests.get('failed', 0)} failed")
    return "; ".join(parts)


def how_it_ended(run: Run) -> str:
    """Return the outcome, with a link to the log; after a failure also when it last passed."""
    text = f"[{run.outcome}]({run.address})" if run.address else run.outcome
    if run.outcome == "passed":
        return text
    since = f"last passed {day(run.last_passed)}" if run.last_passed else "never passed yet"
    return f"**{text}**; {since}"


def missing(names: set[str]) -> str:
    """Return a sentence about the places where nothing has run yet."""
    parts = []
    for key, name in SYSTEMS.items():
        lacking = [versions for versions in VERSIONS if f"{key}-{versions}" not in names]
        if lacking:
            parts.append(f"{name} ({', '.join(lacking)} versions)")
    parts += [label for name, label in OTHERS.items() if name not in names]
    if not parts:
        return "Every place on the list has been tried."
    return f"**Not yet run on:** {'; '.join(parts)}."


def day(date: str) -> str:
    """Return the day of a date, as it was in London."""
    return _moment(date).astimezone(UTC).date().isoformat()


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tools.proven")
    commands = parser.add_subparsers(dest="command", required=True)
    recording = commands.add_parser("record", help="write build/proven/NAME.json about a run")
    recording.add_argument("name", help=", ".join(PLACES))
    recording.add_argument("--junit", type=Path, help="pytest's report; leave it out where no tests run")
    recording.add_argument("--environment", type=Path, help="the virtual environment that ran")
    recording.add_argument("--status", default="success", help="success, failure, cancelled or skipped")
    collecting = commands.add_parser("collect", help="merge records into results/proven.json")
    collecting.add_argument("folder", type=Path)
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "record":
            print(record(chosen.name, chosen.junit, chosen.environment, chosen.status))
        else:
            for run in collect(chosen.folder):
                print(f"{run.name:16} {run.outcome:15} {run.date}")
    except RefusedError as error:
        sys.exit(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
