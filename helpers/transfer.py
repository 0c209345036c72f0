"""Fetch a file so that nothing half-written is ever taken for data."""

from __future__ import annotations

import errno
import shutil
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit

MEGABYTE = 1_000_000


class DownloadFailed(RuntimeError):
    """A download did not succeed; the message says what happened and what to do next, ``reason`` only what happened."""

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason or message


@dataclass(frozen=True)
class RemoteFile:
    """Where a file comes from, and how to tell that it arrived whole.

    GitHub packs the archive of a repository anew for each request, so its bytes are not stable: ``sha256`` is
    then None, ``size`` the most that is accepted, and what was unpacked is checked instead. Of an archive that is
    ``exact``, the size is known though its sha256 is not.
    """

    url: str
    sha256: str | None
    size: int  # bytes
    exact: bool = False

    @property
    def whole(self) -> bool:
        """Whether a file of another size is certainly another file."""
        return self.exact or self.sha256 is not None


class _Temporary(Exception):
    """A failure that another attempt may mend."""


class _Final(Exception):
    """A failure that another attempt would only repeat."""


def fetch(
    remote: RemoteFile, path: Path, timeout: float = 30.0, attempts: int = 3, slowest: float = 10_000.0
) -> Path:
    """Download a file to ``path``, where it appears only when it is complete and its digest is right.

    Args:
        remote: address, sha256 and size of the file.
        path: where to put it; folders are made. A file that is already there is replaced only at the very end.
        timeout: seconds to wait for an answer, and after which a slow transfer is judged.
        attempts: how often to try when the network or the server fails; the pauses grow.
        slowest: bytes per second below which a transfer counts as stuck.

    Returns:
        ``path``.

    Raises:
        DownloadFailed: with one paragraph that says what happened and what to do. Nothing is left behind.
    """
    import pooch

    pooch.get_logger().setLevel("WARNING")  # its messages name folders of this machine

    def download(url: str, output_file: str, _pooch: object) -> None:
        for attempt in range(1, attempts + 1):
            try:
                return _download(remote, output_file, timeout, slowest)
            except _Temporary as problem:
                if attempt == attempts:
                    raise _Final(f"{problem} (tried {attempts} times)") from problem
                sleep(2 ** (attempt - 1))

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass  # the folder can be written
        free = shutil.disk_usage(path.parent).free
        if free < remote.size:
            raise _Final(
                f"the disk has {free / MEGABYTE:.0f} MB left and {remote.size / MEGABYTE:.0f} are needed"
            )
        # pooch writes to a temporary file beside the goal, checks the digest, and renames it
        known = remote.sha256 and f"sha256:{remote.sha256}"
        pooch.retrieve(remote.url, known, path.name, path.parent, downloader=download)
    except (_Final, ValueError, OSError) as error:
        reason = _reason(path, error)
        raise DownloadFailed(_advice(remote, path, reason), reason) from error
    return path


def why_silent(url: str, patience: float = 5.0) -> str | None:
    """Return why an address gives no answer within some seconds, or None if it answers.

    ``requests`` bounds the time for a connection and for an answer, but not the time for finding the name of a host,
    which is what takes long where there is no network: so this asks from a thread of its own.
    """
    answer: list[str | None] = [f"no answer from {urlsplit(url).hostname} within {patience:g} seconds"]

    def ask() -> None:
        import requests

        try:
            with requests.get(url, stream=True, timeout=patience) as response:
                code = response.status_code
                answer[0] = None if code == 200 else f"the server answers with error {code}"
        except requests.RequestException:
            answer[0] = f"{urlsplit(url).hostname} cannot be reached"

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(patience)
    return answer[0]


def _download(remote: RemoteFile, output_file: str, timeout: float, slowest: float) -> None:
    import requests
    import urllib3
    from tqdm import tqdm

    start, received = monotonic(), 0
    try:
        with (
            requests.get(remote.url, stream=True, timeout=timeout) as response,
            open(output_file, "wb") as file,
        ):
            if response.status_code >= 500:
                raise _Temporary(f"the server answers with error {response.status_code}")
            if response.status_code != 200:
                raise _Final(f"the server answers with error {response.status_code}")
            announced = int(response.headers.get("Content-Length", remote.size))
            if announced != remote.size and (remote.whole or announced > remote.size):
                kind = response.headers.get("Content-Type", "unknown")
                raise _Final(f"the server offers {announced} bytes (type {kind}) instead of {remote.size}")
            with tqdm(total=remote.size, unit="B", unit_scale=True, desc=Path(remote.url).name) as bar:
                while block := response.raw.read1(1 << 16):
                    file.write(block)
                    received += len(block)
                    bar.update(len(block))
                    seconds = monotonic() - start
                    if received > remote.size:
                        raise _Final("the server sends more than the expected file")
                    if seconds > timeout and received < slowest * seconds:
                        raise _Temporary(f"only {received} bytes arrived in {seconds:.0f} seconds")
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise _Temporary(f"the connection failed ({type(error).__name__})") from error
    if received < remote.size and remote.whole:
        raise _Temporary(f"the connection was cut after {received} of {remote.size} bytes")


def _reason(path: Path, error: Exception) -> str:
    if isinstance(error, OSError):
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        return (
            "the disk is full"
            if full
            else f"the folder {path.parent.name}/ cannot be written ({error.strerror})"
        )
    if isinstance(error, ValueError):
        return "what arrived is not the expected file: its digest is different"
    return str(error)


def _advice(remote: RemoteFile, path: Path, problem: str) -> str:
    return (
        f"{path.name} could not be fetched: {problem}. Nothing was kept, and what was there before is unchanged. "
        "Run the same line again later, or leave download=True out to use the built-in data, or fetch "
        f"{remote.url} with a browser and put it into the data folder (another folder: set COURSE_DATA_DIR)."
    )
