"""What the first cell of a notebook runs in Colab: fetch the course, install what Colab lacks.

Colab ships NumPy, TensorFlow and Keras in versions that fit its hardware and each other, so these are never touched,
and nothing is allowed to pull in other versions of them (``--no-deps``). With ``SAVE_TO_DRIVE = True`` before the cell,
what a notebook saves is kept in your Google Drive.
"""

import os
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

REPOSITORY, TAG = "", "v0.1.0"
NEVER = {"numpy", "tensorflow", "keras", "jupyterlab"}
DRIVE = "/content/drive"


def missing(requirements: str) -> list[str]:
    """Return the lines of ``requirements`` whose package is not installed."""
    wanted = []
    for line in requirements.splitlines():
        match = re.match(r"[\w.-]+", line)
        if match and match.group() not in NEVER:
            try:
                version(match.group())
            except PackageNotFoundError:
                wanted.append(line)
    return wanted


def fetch_course(save_to_drive: bool = False) -> None:
    """Clone the course at its release, make it importable, install what is missing."""
    folder = os.environ.setdefault("COURSE_FOLDER", os.path.abspath("course"))
    if not os.path.isdir(folder):
        command = ["git", "clone", "-q", "--depth=1", f"--branch={TAG}", REPOSITORY, folder]
        subprocess.run(command, check=True)
    names = missing(Path(folder, "requirements.txt").read_text(encoding="utf-8"))
    if names:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", *names]
        subprocess.run(command, check=True)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    if save_to_drive:
        from google.colab import drive

        drive.mount(DRIVE)
        own = Path(DRIVE, "MyDrive", "convolutional-networks")
        own.mkdir(parents=True, exist_ok=True)
        os.chdir(own)


if "google.colab" in sys.modules:
    fetch_course(globals().get("SAVE_TO_DRIVE", False))
