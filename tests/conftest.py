"""Settings for all tests, and one line for each notebook with its seconds."""

import os
import sys
from collections import defaultdict
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
os.environ.setdefault("COURSE_BUDGET", "reduced")

# Deterministic, and without deadlines: a slow machine is no bug of the code.
hypothesis.settings.register_profile("course", max_examples=60, deadline=None, derandomize=True)
hypothesis.settings.load_profile("course")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root folder."""
    return ROOT


def pytest_terminal_summary(terminalreporter):
    """Print what each notebook took and whether it passed."""
    seconds, cells, failed = defaultdict(float), defaultdict(int), defaultdict(int)
    for category in ("passed", "failed", "error"):
        for report in terminalreporter.stats.get(category, []):
            path = getattr(report, "nodeid", "").split("::")[0]
            if path.endswith(".ipynb"):
                seconds[path] += report.duration
                cells[path] += report.when == "call"
                failed[path] += category != "passed"
    if seconds:
        terminalreporter.section("notebooks")
    for path in sorted(seconds):
        outcome = f"{failed[path]} FAILED" if failed[path] else "passed"
        terminalreporter.write_line(f"{seconds[path]:6.1f} s  {cells[path]:3} cells  {outcome:9} {path}")
