"""Files that are whole at every moment, and one program at a time."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write ``content`` so that ``path`` holds all of it or what it held before; its permissions stay."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    if path.exists():
        shutil.copymode(path, partial)
    os.replace(partial, path)


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Wait until no other start of the course works on ``folder``. A program that was killed is in nobody's way."""
    with open(folder.with_name(folder.name + ".lock"), "w") as file:
        told = False
        while not _locked(file.fileno()):
            if not told:
                print(f"Another start is working on {folder.name}: waiting for it ...", flush=True)
                told = True
            time.sleep(0.3)
        yield


def _locked(descriptor: int) -> bool:
    """Return whether the file is locked now; the system unlocks it when the program ends, however it ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # some network drives know no locks: do without
        return True
    return True
