"""The data on the command line: ``python -m helpers.datasets list | fetch NAME … | verify | where``."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

from helpers.datasets.registry import REGISTRY, data_dir
from helpers.transfer import MEGABYTE, DownloadFailed, RemoteFile, fetch


def _list(name: str, remote: RemoteFile, path: Path) -> bool:
    most = "≤" if remote.sha256 is None else " "
    here = "here" if path.is_file() else "not fetched"
    print(f"{name:27} {most}{remote.size / MEGABYTE:5.0f} MB  {here}")
    return True


def _verify(name: str, remote: RemoteFile, path: Path) -> bool:
    if not path.is_file():
        return True
    if remote.sha256 is None:
        print(f"{name:27} is packed anew for each download, so it has no digest")
        return True
    with open(path, "rb") as file:
        right = hashlib.file_digest(file, "sha256").hexdigest() == remote.sha256
    print(f"{name:27} {'as published' if right else 'DIFFERS: move it away, then fetch it again'}")
    return right


def _fetch(name: str, remote: RemoteFile, path: Path) -> bool:
    if path.is_file():
        return True
    print(f"Fetching {name}, {remote.size / MEGABYTE:.0f} MB …", flush=True)
    try:
        fetch(remote, path)
    except DownloadFailed as error:
        print(error)
        return False
    return True


COMMANDS: dict[str, Callable[[str, RemoteFile, Path], bool]] = {
    "list": _list,
    "fetch": _fetch,
    "verify": _verify,
}


def main(arguments: list[str]) -> int:
    """Do what the command line says; return the exit status."""
    command, *names = arguments or [""]
    unknown = [name for name in names if name not in REGISTRY]
    if command == "where" and not names:
        print(data_dir())
        return 0
    if command not in COMMANDS or unknown:
        print(f"There is no {' '.join(unknown or [repr(command)])}." if arguments else __doc__)
        print(f"Commands: list, fetch NAME …, verify, where. Names: {', '.join(REGISTRY)}.")
        return 2
    results = [COMMANDS[command](name, REGISTRY[name], data_dir() / name) for name in names or REGISTRY]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
