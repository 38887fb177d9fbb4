"""What Cloud Logging sees of the function: one JSON object a line, and never the token."""

import errno
import json
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from job_processes import (
    FUNCTION_WORDS,
    TOKEN,
    JobProcess,
    run_job,
    running_function,
    running_logger,
)
from jobs.scripted_logger import Scripted, ScriptedLogger, listing
from processes import copy_job
from shared.errors import BadSettings
from shared.settings import FunctionSettings, load

CONTENT = b"row\n"


def entries(function: JobProcess) -> list[dict[str, Any]]:
    """Each line of its standard output, read as Cloud Logging would."""
    return [json.loads(line) for line in function.stdout]


def test_every_line_is_one_entry_with_a_severity_and_a_message(
    function_folder: Path, scripted: ScriptedLogger, tmp_path: Path
) -> None:
    """Successes, warnings, refused requests and failures alike, in the order of the requests."""
    scripted.serve(CONTENT)
    (tmp_path / "backups" / "btc-logger").mkdir(parents=True)
    settings = {"LOCAL_BACKUP_DIR": str(tmp_path / "backups")}
    with running_function(function_folder, scripted.url, **settings) as function:
        function.request("POST")
        scripted.snapshot = lambda _headers: Scripted(listing())
        function.request("POST")
        scripted.serve(CONTENT, "other.csv")
        scripted.file = lambda _path: Scripted(b"not a frame")
        function.request("POST")
        function.request("GET")
        scripted.snapshot = lambda _headers: Scripted(b"line one\nline two", 500)
        function.request("POST")
        for chunk in tmp_path.rglob("*.zst"):
            chunk.unlink()
        function.request("POST", body=b'{"action": "drill"}')
    assert all(
        isinstance(entry["message"], str) and entry["message"] for entry in entries(function)
    )
    assert [entry["severity"] for entry in entries(function)] == [
        "INFO",  # a backup
        "WARNING",  # a file has vanished from the logger
        "WARNING",  # a file could not be had
        "WARNING",  # a GET
        "ERROR",  # the logger failed
        "ERROR",  # the drill failed
    ]
    assert "line one\nline two" in entries(function)[4]["message"]


Answerer = Callable[[dict[str, str]], Scripted]


def _echo_as_error(headers: dict[str, str]) -> Scripted:
    return Scripted(json.dumps(headers).encode(), 500)


def _echo_as_another_success(headers: dict[str, str]) -> Scripted:
    return Scripted(json.dumps(headers).encode(), 203)


def _echo_after_much_else(headers: dict[str, str]) -> Scripted:
    """So that the quoted part of the answer ends within the token."""
    return Scripted(b"x" * 195 + headers["Authorization"].removeprefix("Bearer ").encode(), 500)


@pytest.fixture(scope="module")
def echoing(
    tmp_path_factory: pytest.TempPathFactory, function_folder: Path
) -> Iterator[tuple[ScriptedLogger, JobProcess]]:
    """The function with a logger whose answers the tests choose."""
    settings = {"LOCAL_BACKUP_DIR": str(tmp_path_factory.mktemp("backups"))}
    with (
        ScriptedLogger() as scripted,
        running_function(function_folder, scripted.url, **settings) as function,
    ):
        yield scripted, function


@pytest.mark.parametrize("echo", [_echo_as_error, _echo_as_another_success, _echo_after_much_else])
def test_a_logger_that_echoes_the_token_does_not_get_it_logged(
    echoing: tuple[ScriptedLogger, JobProcess], echo: Answerer
) -> None:
    """Error pages of proxies show what they were sent; the answer and the log do not."""
    scripted, function = echoing
    scripted.snapshot = echo
    lines = len(function.stdout)
    answer = function.request("POST")
    assert answer.status_code == 502
    function.wait_for_lines(lines + 1)
    for text in (answer.text, function.output):
        assert TOKEN not in text
        assert "x" + TOKEN[:5] not in text


def test_the_token_is_nowhere_in_what_a_working_function_writes(
    function_folder: Path, logger_folder: Path, tmp_path: Path
) -> None:
    """Nor in what the logger writes, at success and when the tokens differ."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "prices.csv").write_bytes(CONTENT)
    settings = {"LOCAL_BACKUP_DIR": str(tmp_path / "backups")}
    with running_logger(logger_folder, tmp_path / "data") as logger:
        with running_function(function_folder, logger.url, **settings) as function:
            assert function.request("POST").status_code == 200
        settings["SNAPSHOT_TOKEN"] = "another-token"
        with running_function(function_folder, logger.url, **settings) as stranger:
            answer = stranger.request("POST")
            assert answer.status_code == 502
            assert "SNAPSHOT_TOKEN" in answer.json()["hint"]
    for text in (function.output, stranger.output, logger.output):
        assert TOKEN not in text
        assert "another-token" not in text


def test_a_logger_that_is_down_is_named(function_folder: Path, tmp_path: Path) -> None:
    """502 after a few tries, so that the scheduler tries again later."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: every connection is refused
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with running_function(function_folder, url, LOCAL_BACKUP_DIR=str(tmp_path)) as function:
            answer = function.request("POST")
    assert answer.status_code == 502
    refused = f"[Errno {errno.ECONNREFUSED}] {os.strerror(errno.ECONNREFUSED)}"
    assert answer.json()["message"] == f"{url}/snapshot did not answer: {refused}"
    assert list(tmp_path.iterdir()) == []


def test_what_speaks_no_http_is_told_in_words(function_folder: Path, tmp_path: Path) -> None:
    """Its raw bytes alone would say nothing of what is wrong with them."""
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        url = f"http://127.0.0.1:{stranger.getsockname()[1]}"
        speaking = Thread(target=answer_with, args=(stranger, b"220 mail.example ready\r\n"))
        speaking.start()
        with running_function(function_folder, url, LOCAL_BACKUP_DIR=str(tmp_path)) as function:
            answer = function.request("POST")
        speaking.join()
    assert answer.status_code == 502
    assert "BadStatusLine" in answer.json()["message"]
    assert "220 mail.example ready" in answer.json()["message"]


def answer_with(server: socket.socket, said: bytes) -> None:
    """Say that to the first who comes."""
    connection, _ = server.accept()
    with connection:
        connection.sendall(said)
        connection.recv(65536)


GOOD = {"SNAPSHOT_URL": "https://logger.example", "SNAPSHOT_TOKEN": TOKEN}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SNAPSHOT_URL", "https://name:secret@logger.example"),
        ("SNAPSHOT_TOKEN", "secret token"),
        ("KEEP_LAST", "0"),
    ],
)
def test_a_bad_setting_ends_the_process_and_is_named(
    function_folder: Path, variable: str, value: str
) -> None:
    """Exit code 2 and one entry, so that the deployment fails and the old one goes on."""
    ended = run_job(
        function_folder, *FUNCTION_WORDS, "--port", "0", settings=GOOD | {variable: value}
    )
    assert ended.returncode == 2
    (line,) = ended.stdout.splitlines()
    entry = json.loads(line)
    assert entry["severity"] == "CRITICAL"
    assert entry["message"].startswith(f"{variable}: ")
    assert "secret" not in ended.stdout + ended.stderr


def test_what_nobody_foresaw_is_an_entry_with_its_trace(tmp_path: Path) -> None:
    """500, and the log stays one JSON object a line."""
    broken = copy_job("backup_function", tmp_path)
    with (broken / "shared" / "status.py").open("a") as file:
        file.write("\n\ndef status(*_: object) -> None:\n    raise RuntimeError('a bug')\n")
    with running_function(broken, "https://logger.example") as function:
        answer = function.request("POST", body=b'{"action": "status"}')
    assert answer.status_code == 500
    assert answer.json()["message"] == "unforeseen: RuntimeError('a bug')"
    (entry,) = entries(function)
    assert entry["severity"] == "ERROR"
    assert "status.py" in entry["trace"]


def test_on_cloud_run_a_bucket_is_not_optional(function_folder: Path) -> None:
    """A missing one is never replaced by a directory that is gone with the instance."""
    settings = GOOD | {"K_SERVICE": "backup", "GCS_BUCKET_NAME": ""}
    ended = run_job(function_folder, *FUNCTION_WORDS, "--port", "0", settings=settings)
    assert ended.returncode == 2
    (line,) = ended.stdout.splitlines()
    assert json.loads(line)["message"].startswith("GCS_BUCKET_NAME: not set")


@pytest.mark.parametrize(
    "address",
    [
        "https://name@logger.example",
        "https://logger.example:0",
        "https://logger.example:99999",
        "https://logger.example/#part",
    ],
)
def test_an_address_has_nothing_that_would_change_the_request(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """A name would replace the token, and a fragment would hide the path."""
    for variable, value in (GOOD | {"SNAPSHOT_URL": address}).items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(BadSettings, match=r"SNAPSHOT_URL: found .* ([Pp]ort|address)"):
        load(FunctionSettings)
