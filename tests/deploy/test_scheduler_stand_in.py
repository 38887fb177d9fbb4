"""The stand-in for Cloud Scheduler sends what the real one sends."""

import json
import socket
import subprocess
import sys
from datetime import datetime
from typing import Any

import pytest

from deploy.scheduler_target import Target
from vendor import ROOT

SCRIPT = ROOT / "tests" / "emulators" / "scheduler.py"


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
    (sent,) = target.requests
    assert (sent.method, sent.path, sent.body) == ("POST", "/", b'{"action": "drill"}')
    headers = sent.headers
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
