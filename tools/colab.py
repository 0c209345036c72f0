"""Install into Colab what the course needs and Colab lacks.

Colab ships NumPy, TensorFlow and Keras in versions that fit its hardware and each other, so these are
never touched, and nothing is allowed to pull in other versions of them (``--no-deps``).
"""

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

NEVER = {"numpy", "tensorflow", "keras", "jupyterlab"}


def missing(requirements: str) -> list[str]:
    """Return the lines of ``requirements`` whose package is not installed."""
    wanted = []
    for line in requirements.splitlines():
        name = re.match(r"[\w.-]*", line).group()
        if name and name not in NEVER:
            try:
                version(name)
            except PackageNotFoundError:
                wanted.append(line)
    return wanted


if __name__ == "__main__":
    names = missing((Path(__file__).parent.parent / "requirements.txt").read_text())
    if names:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", *names], check=True)
