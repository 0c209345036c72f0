"""The repository's address: stored once, in pyproject.toml, and nowhere used before it is set.

python -m tools.address        (make stamp) take it from the git remote ``origin``, write it where it is needed
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tools.manifest import ROOT

RAW = "https://raw.githubusercontent.com"


def project(root: Path = ROOT) -> dict:
    """Return the table ``project`` of pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def address(root: Path = ROOT) -> str | None:
    """Return the repository's address, for example ``https://github.com/NAME/COURSE``; None while there is none."""
    return project(root).get("urls", {}).get("Repository")


def tag(root: Path = ROOT) -> str:
    """Return the git tag of the release that notebooks in Colab fetch."""
    return f"v{project(root)['version']}"


def badges(notebook: str, root: Path = ROOT) -> str:
    """Return the lines with the buttons for Colab and Binder; nothing while there is no address.

    Args:
        notebook: the path in the repository.
    """
    home = address(root)
    if home is None:
        return ""
    path = home.removeprefix("https://github.com/")
    colab = f"https://colab.research.google.com/github/{path}/blob/{tag(root)}/{notebook}"
    binder = f"https://mybinder.org/v2/gh/{path}/{tag(root)}?urlpath=lab/tree/{notebook}"
    return (
        f"[![Open in Colab badge](https://colab.research.google.com/assets/colab-badge.svg)]({colab})\n"
        f"[![Launch on Binder badge](https://mybinder.org/badge_logo.svg)]({binder})\n\n"
    )


def setup_cell(root: Path = ROOT) -> str | None:
    """Return the code that fetches the course in Colab; None while there is no address to fetch it from."""
    home = address(root)
    if home is None:
        return None
    file = f"{home.replace('https://github.com', RAW)}/{tag(root)}/tools/colab.py"
    return (
        "import sys, urllib.request  # in Colab the next line fetches the course; elsewhere it does nothing\n"
        f'if "google.colab" in sys.modules: exec(urllib.request.urlopen("{file}").read())'
    )


def from_remote(root: Path = ROOT) -> str | None:
    """Return the address of the git remote ``origin`` if that is on GitHub, else None."""
    command = ["git", "remote", "get-url", "origin"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    match = re.fullmatch(
        r"(?:https://|ssh://git@|git@)github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?", done.stdout.strip()
    )
    return f"https://github.com/{match[1]}" if match else None


def stamp(root: Path = ROOT) -> str | None:
    """Write the remote's address into pyproject.toml, CITATION.cff and tools/colab.py; return the address in use.

    An address that is set already is kept where the remote has none.
    """
    home = from_remote(root) or address(root)
    if home is None:
        return None
    _rewrite(root / "pyproject.toml", r"\n*\[project\.urls\]\n(?:#.*\n)*Repository = .*\n", "\n")
    _rewrite(
        root / "pyproject.toml", r"(?=\n\[tool\.setuptools\]\n)", f'\n[project.urls]\nRepository = "{home}"\n'
    )
    _rewrite(root / "CITATION.cff", r"^repository-code:.*\n", "")
    with open(root / "CITATION.cff", "a", encoding="utf-8") as file:
        file.write(f"repository-code: {home}\n")
    _rewrite(root / "tools/colab.py", r"^REPOSITORY, TAG = .*$", f'REPOSITORY, TAG = "{home}", "{tag(root)}"')
    return home


def _rewrite(path: Path, pattern: str, replacement: str) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(pattern, lambda _match: replacement, text, count=1, flags=re.M), encoding="utf-8")


def main() -> int:
    """Stamp, and say what was done."""
    home = stamp()
    if home is None:
        print(
            "The git remote `origin` is not on GitHub, so there is no address to write. Nothing was changed."
        )
        return 1
    print(f"{home} is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
