"""What is fetched without being asked for: real sets of up to 100 MB, where there is a network.

``COURSE_DATA=builtin`` says no to all of it, and leaves real data aside that is there already.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from helpers.archives import UnpackFailed
from helpers.datasets.registry import REGISTRY, data_dir
from helpers.transfer import MEGABYTE, DownloadFailed, fetch, why_silent

LARGEST = 100 * MEGABYTE
_Result = TypeVar("_Result")
_refused: set[Path] = set()  # what could not be had is not tried again before the next start


def only_built_in() -> bool:
    """Return whether ``COURSE_DATA`` says that built-in data is to be used, whatever else there is.

    Raises:
        ValueError: if ``COURSE_DATA`` is neither "auto" nor "builtin".
    """
    value = os.environ.get("COURSE_DATA") or "auto"
    if value not in ("auto", "builtin"):
        raise ValueError(f'COURSE_DATA is {value!r}: set it to "auto" or "builtin", or remove it.')
    return value == "builtin"


def fetched_unasked(name: str, what: str, prepare: Callable[[], _Result]) -> _Result | None:
    """Fetch a set of up to 100 MB and prepare it, or say in one sentence why not.

    Args:
        name: of the archive in the registry.
        what: is in it, for the message: "3,000 photographs of cats and dogs".
        prepare: unpacks what was fetched, checks it and returns it.

    Returns:
        What ``prepare`` returns, or None if anything went wrong. Nothing half-done is left then.
    """
    remote, path = REGISTRY[name], data_dir() / name
    if remote.size > LARGEST or path in _refused:
        return None
    size = f"{remote.size / MEGABYTE:.0f} MB" if remote.whole else f"up to {remote.size / MEGABYTE:.0f} MB"
    reason = why_silent(remote.url)
    if reason is None:
        print(
            f"Fetching {what} once: {name}, {size}, into {path.parent.name}/. "
            "(COURSE_DATA=builtin in the environment says no to this.)",
            flush=True,
        )
        try:
            fetch(remote, path, timeout=5, attempts=2)
            return prepare()
        except DownloadFailed as error:
            reason = error.reason
        except (UnpackFailed, ValueError):
            path.unlink(missing_ok=True)
            reason = "what arrived is not the published set"
    _refused.add(path)
    print(f"You work with the course's built-in data instead of {what}: {reason}.", flush=True)
    return None
