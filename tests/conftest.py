"""Settings for all tests, and one line for each notebook with its seconds."""

import contextlib
import hashlib
import http.server
import os
import socket
import threading
import time
from collections import defaultdict
from pathlib import Path

import hypothesis
import pytest

from helpers.transfer import RemoteFile

ROOT = Path(__file__).resolve().parent.parent
os.environ.setdefault("COURSE_BUDGET", "reduced")
os.environ.setdefault("COURSE_DATA", "builtin")

# Deterministic, and without deadlines: a slow machine is no bug of the code.
hypothesis.settings.register_profile("course", max_examples=60, deadline=None, derandomize=True)
hypothesis.settings.load_profile("course")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root folder."""
    return ROOT


class Server:
    """A server on this machine that gives a body and misbehaves as told, one manner for each request."""

    def __init__(self, body: bytes, manners: tuple[str, ...]):
        self.body, self.manners, self.requests = body, list(manners), 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.requests += 1
                # the last manner stays
                manner = outer.manners.pop(0) if len(outer.manners) > 1 else outer.manners[0]
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    outer.answer(self, manner)

            def log_message(self, *_arguments):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{self.http.server_port}/file"
        self.remote = RemoteFile(url, hashlib.sha256(body).hexdigest(), len(body))

    def answer(self, handler, manner):
        """Send one answer."""
        body = {"wrong": self.body[:-1] + b"?", "html": b"<html>Log in</html>", "longer": self.body * 2}.get(
            manner, self.body
        )
        if manner == "mute":
            time.sleep(3)
        handler.send_response(int(manner) if manner.isdigit() else 200)
        handler.send_header("Content-Type", "text/html" if manner == "html" else "application/zip")
        if manner != "longer":
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if manner == "cut":
            handler.wfile.write(body[: len(body) // 2])
            handler.wfile.flush()
            handler.connection.shutdown(socket.SHUT_RDWR)
        elif manner == "silent":
            time.sleep(5)
        elif manner == "drip":
            for place in range(min(len(body), 100)):
                handler.wfile.write(body[place : place + 1])
                handler.wfile.flush()
                time.sleep(0.05)
        else:
            handler.wfile.write(body)


@pytest.fixture
def serve():
    """Start servers: ``serve(body, "500", "whole")`` fails once, then gives the body."""
    servers = []

    def start(body, *manners):
        servers.append(Server(body, manners or ("whole",)))
        return servers[-1]

    yield start
    for server in servers:
        server.http.shutdown()
        server.http.server_close()


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
