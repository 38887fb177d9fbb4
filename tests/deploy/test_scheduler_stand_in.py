"""The stand-in for Cloud Scheduler sends what the real one sends."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from vendor import ROOT

SCRIPT = ROOT / "tests" / "emulators" / "scheduler.py"


class Target(ThreadingHTTPServer):
    """An HTTP target that keeps the requests it was sent; `url` is its address."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self.status = 200
        self.requests: list[tuple[str, dict[str, str], bytes]] = []  # path, headers, body


class _Handler(BaseHTTPRequestHandler):
    server: Target

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b'{"result": "created"}')

    def log_message(self, *_: object) -> None:
        """The test shows what failed."""


@pytest.fixture
def target() -> Iterator[Target]:
    """A running target."""
    with Target() as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def fire(url: str, *words: str) -> tuple[int, dict[str, Any]]:
    """One execution: exit code and attempt."""
    done = subprocess.run(
        [sys.executable, SCRIPT, url, "--once", *words], capture_output=True, check=False
    )
    return done.returncode, json.loads(done.stdout)


def test_an_execution_is_one_post_with_the_documented_headers(target: Target) -> None:
    """As an HTTP target gets it that sets nothing but a body."""
    code, attempt = fire(target.url, "--body", '{"action": "drill"}')
    assert (code, attempt["status"], attempt["answer"]) == (0, 200, {"result": "created"})
    ((path, headers, body),) = target.requests
    assert (path, body) == ("/", b'{"action": "drill"}')
    assert headers["User-Agent"] == "Google-Cloud-Scheduler"
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["X-CloudScheduler"] == "true"
    assert headers["X-CloudScheduler-JobName"] == "backup"
    scheduled = datetime.fromisoformat(headers["X-CloudScheduler-ScheduleTime"])
    assert scheduled.tzinfo is not None
    assert attempt["schedule_time"] == headers["X-CloudScheduler-ScheduleTime"]


@pytest.mark.parametrize("status", [400, 502, 503])
def test_any_other_status_is_a_failure(target: Target, status: int) -> None:
    """The exit code says so, and the attempt what was answered."""
    target.status = status
    code, attempt = fire(target.url)
    assert (code, attempt["status"]) == (1, status)


def test_a_target_that_does_not_answer_is_a_failure() -> None:
    """There is no status then, and the answer says why."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: every connection is refused
        code, attempt = fire(f"http://127.0.0.1:{closed.getsockname()[1]}/")
    assert (code, attempt["status"]) == (1, None)
    assert "refused" in attempt["answer"]


def test_it_fires_on_the_beat_until_it_is_told_to_stop(target: Target) -> None:
    """A line for each attempt; SIGTERM is an orderly end."""
    process = subprocess.Popen(
        [sys.executable, SCRIPT, target.url, "--every", "0.05"], stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        attempts = [json.loads(process.stdout.readline()) for _ in range(3)]
        process.terminate()
    assert [attempt["status"] for attempt in attempts] == [200, 200, 200]
    assert process.returncode == 0
