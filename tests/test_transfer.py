"""helpers.transfer against a server on this machine that fails in every way it can."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from helpers import transfer

BODY = bytes(range(256)) * 1000
QUICK = {"timeout": 0.5, "attempts": 2}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    pauses = []
    monkeypatch.setattr(transfer, "sleep", pauses.append)
    return pauses


def python(code, **options):
    """Start a fresh interpreter that fetches; the code sees the names in ``options``."""
    lines = [f"{name} = {value!r}" for name, value in options.items()]
    # whoever starts the tests in the background may have told them to ignore Ctrl+C
    head = (
        "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from pathlib import Path\nfrom helpers.transfer import *\nremote = RemoteFile(url, sha256, size)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", "\n".join(lines) + "\n" + head + textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def described(remote, path):
    return {"url": remote.url, "sha256": remote.sha256, "size": remote.size, "path": str(path)}


def test_whole_file_arrives(tmp_path, serve, capfd):
    path = tmp_path / "new" / "folder" / "file.zip"
    assert transfer.fetch(serve(BODY).remote, path) == path
    assert path.read_bytes() == BODY
    assert list(path.parent.iterdir()) == [path]
    assert str(tmp_path) not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("manner", "words", "requests"),
    [
        ("404", "error 404", 1),
        ("500", "error 500.*tried 2 times", 2),
        ("503", "error 503.*tried 2 times", 2),
        ("cut", "cut after 128000 of 256000 bytes|connection failed", 2),
        ("silent", "connection failed", 2),
        ("drip", "only \\d+ bytes arrived", 2),
        ("wrong", "not the expected file", 1),
        ("html", r"19 bytes \(type text/html\) instead of 256000", 1),
        ("longer", "more than the expected file", 1),
    ],
)
def test_each_failure_is_explained_leaves_nothing_and_recovers(tmp_path, serve, manner, words, requests):
    (tmp_path / "other.txt").write_text("was here before")
    server, path = serve(BODY, manner), tmp_path / "file.zip"
    with pytest.raises(transfer.DownloadFailed, match=words) as caught:
        transfer.fetch(server.remote, path, **QUICK)
    message = str(caught.value)
    assert "\n" not in message
    assert "Nothing was kept" in message
    assert "again" in message
    assert server.requests == requests
    assert [p.name for p in tmp_path.iterdir()] == ["other.txt"]
    assert (tmp_path / "other.txt").read_text() == "was here before"

    server.manners[:] = ["whole"]
    assert transfer.fetch(server.remote, path).read_bytes() == BODY


@pytest.mark.parametrize("manner", ["500", "cut", "silent"])
def test_a_passing_failure_is_retried_after_a_pause(tmp_path, serve, manner, no_pauses):
    server = serve(BODY, manner, manner, "whole")
    assert transfer.fetch(server.remote, tmp_path / "file.zip", timeout=1.5).read_bytes() == BODY
    assert server.requests == 3
    assert no_pauses == [1, 2]


def test_a_slow_start_is_no_failure(tmp_path, serve):
    """A transfer is judged only after the time limit."""
    body = BODY[:20]  # a second, one byte after the other
    server = serve(body, "drip")
    assert transfer.fetch(server.remote, tmp_path / "file.zip", timeout=20).read_bytes() == body
    assert server.requests == 1


def test_a_server_that_says_nothing_is_not_waited_for(tmp_path, serve):
    start = time.monotonic()
    with pytest.raises(transfer.DownloadFailed, match="connection failed"):
        transfer.fetch(serve(BODY, "silent").remote, tmp_path / "file.zip", timeout=0.5, attempts=1)
    assert time.monotonic() - start < 4  # it would go on after 5 seconds


@pytest.mark.parametrize(("size", "words"), [(100, "offers 256000 bytes"), (len(BODY) + 1, None)])
def test_without_a_digest_the_size_is_a_bound(tmp_path, serve, size, words):
    server, path = serve(BODY), tmp_path / "file.zip"
    remote = transfer.RemoteFile(server.remote.url, None, size)
    if words is None:
        assert transfer.fetch(remote, path).read_bytes() == BODY
    else:
        with pytest.raises(transfer.DownloadFailed, match=words):
            transfer.fetch(remote, path, **QUICK)
        assert server.requests == 1


def test_refused_connection(tmp_path):
    remote = transfer.RemoteFile("http://127.0.0.1:9/file", "0" * 64, 10)
    with pytest.raises(transfer.DownloadFailed, match=r"connection failed.*tried 2 times"):
        transfer.fetch(remote, tmp_path / "file.zip", **QUICK)
    assert list(tmp_path.iterdir()) == []


def test_too_small_disk_is_noticed_before_the_transfer(tmp_path, serve):
    server = serve(BODY)
    huge = transfer.RemoteFile(server.remote.url, server.remote.sha256, 10**18)
    with pytest.raises(transfer.DownloadFailed, match="MB left"):
        transfer.fetch(huge, tmp_path / "file.zip")
    assert server.requests == 0


@pytest.mark.skipif(os.name == "nt", reason="limits of a process exist on Unix only")
def test_disk_that_fills_up_while_writing(tmp_path, serve):
    """A process that may write 100 kB only meets a failing write in the middle."""
    path = tmp_path / "file.zip"
    code = """
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            fetch(remote, Path(path))
        except DownloadFailed as error:
            print(error)
    """
    process = python(code, **described(serve(BODY).remote, path))
    output = process.communicate(timeout=60)[0]
    assert "the disk is full" in output
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_written(tmp_path, serve):
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(transfer.DownloadFailed, match="data/ cannot be written"):
        transfer.fetch(serve(BODY).remote, tmp_path / "data" / "file.zip")
    assert (tmp_path / "data").read_text() == "a file where the folder should be"


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder that even root cannot write")
def test_read_only_folder(serve):
    from pathlib import Path

    with pytest.raises(transfer.DownloadFailed, match="cannot be written"):
        transfer.fetch(serve(BODY).remote, Path("/proc/self/file.zip"))


def test_two_processes_at_once(tmp_path, serve):
    server, path = serve(BODY), tmp_path / "file.zip"
    both = [python("fetch(remote, Path(path))", **described(server.remote, path)) for _ in range(2)]
    for process in both:
        output = process.communicate(timeout=60)[0]
        assert process.returncode == 0, output
    assert path.read_bytes() == BODY
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="sends a Unix signal")
def test_interrupt_in_the_middle(tmp_path, serve):
    server, path = serve(BODY, "drip", "whole"), tmp_path / "file.zip"
    process = python("fetch(remote, Path(path))", **described(server.remote, path))
    deadline = time.monotonic() + 30
    while not any(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in process.communicate(timeout=60)[0]
    assert list(tmp_path.iterdir()) == []
    assert transfer.fetch(server.remote, path).read_bytes() == BODY


def test_an_existing_file_is_replaced_only_by_a_whole_one(tmp_path, serve):
    path = tmp_path / "file.zip"
    path.write_bytes(b"old")
    server = serve(BODY, "cut")
    with pytest.raises(transfer.DownloadFailed):
        transfer.fetch(server.remote, path, **QUICK)
    assert path.read_bytes() == b"old"
    server.manners[:] = ["whole"]
    assert transfer.fetch(server.remote, path).read_bytes() == BODY
