"""Zips for students: a lab, or the whole course, without solutions."""

from __future__ import annotations

import re
import subprocess
import zipfile
from pathlib import Path

from grading.labs import ROOT, Lab, all_labs

# What nobody needs who takes the course, or what gives answers away.
WITHHELD = (
    "notebooks/solutions/", "sources/", "grading/", "tests/", "benchmarks/", ".github/", ".ci/", "site/",
    "tools/templates/", "tools/samples/", "nbgrader_config.py", "CONTRIBUTING.md",
)  # fmt: skip
OTHERWISE = {"sign_language": "signs", "turntable_fruits": "fruits_turntable"}  # folders of data/samples
MOMENT = (2026, 1, 1, 0, 0, 0)  # the same files give the same zip


def _tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return sorted(name for name in done.stdout.split("\0") if name)


def for_students(names: list[str]) -> list[str]:
    """Return the files of the course that students get."""
    return [name for name in names if not name.startswith(WITHHELD)]


def write_zip(path: Path, names: list[str], folder: str) -> Path:
    """Write a zip of files of the course, in one folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            if (ROOT / name).is_file():
                entry = zipfile.ZipInfo(f"{folder}/{name}", MOMENT)
                packed = name.endswith((".png", ".jpg", ".npz", ".gz"))
                entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
                entry.external_attr = (0o755 if name.endswith((".sh", "postBuild")) else 0o644) << 16
                archive.writestr(entry, (ROOT / name).read_bytes())
    return path


def lab_files(lab: Lab, names: list[str]) -> list[str]:
    """Return what a lab needs to run by itself: the notebook, the helpers, and the data that it reads."""
    source = lab.source.read_text(encoding="utf-8")
    sets = {OTHERWISE.get(name, name) for name in re.findall(r"datasets\.(\w+)\(", source)}
    wanted = ["helpers/", "results/", *(f"data/samples/{name}/" for name in sorted(sets))]
    if re.search(r"^from helpers.* import .*\b(pretrained|networks)\b", source, re.MULTILINE):
        wanted.append("data/networks/")
    notebook = f"notebooks/labs/{lab.notebook_name}.ipynb"
    always = (notebook, "data/README.md", "requirements", "LICENSE", "INSTALL.md")
    return [name for name in names if name.startswith((*wanted, *always))]


def make(folder: Path, labs: list[Lab] | None = None) -> list[Path]:
    """Write a zip for each lab and one for the whole course; return them."""
    names = for_students(_tracked())
    labs = all_labs() if labs is None else labs
    made = [write_zip(folder / f"{lab.id}.zip", lab_files(lab, names), lab.id) for lab in labs]
    return [*made, write_zip(folder / "course.zip", names, "convolutional-networks-course")]
