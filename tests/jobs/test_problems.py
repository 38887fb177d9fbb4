"""Every error that the logger answers is a problem document that says what may be done."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from job_processes import JobProcess, running_logger

TOO_MUCH = b'{"files":"' + b"x" * 70_000 + b'"}'


@pytest.fixture(scope="module")
def logger(logger_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JobProcess]:
    """One that holds nothing, and is open to its own machine."""
    with running_logger(logger_folder, tmp_path_factory.mktemp("data")) as process:
        yield process


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nothing", b"", 404),
        ("GET", "/backup/trigger", b"", 405),
        ("POST", "/backup/trigger", b'{"unknown":1}', 400),
        ("POST", "/backup/trigger", b'{"providers":"nowhere"}', 400),
        ("POST", "/backup/restore", b'{"backup":NaN}', 400),
        ("POST", "/backup/restore", b'{"at":"0001-01-01T00:00+14:00"}', 400),
        ("POST", "/backup/restore", b'{"at":"9999-12-31T23:59-14:00"}', 400),
        ("POST", "/backup/restore", b'{"backup":1,"at":"2026-11-22"}', 400),
        ("POST", "/backup/restore?wait=true", b'{"backup":9}', 404),
        ("POST", "/backup/restore", TOO_MUCH, 413),
        ("GET", "/backup/list?limit=0", b"", 400),
        ("GET", "/csv/none.csv", b"", 404),
        ("GET", "/prices?from=yesterday", b"", 400),
        ("GET", "/snapshot", b"", 401),
    ],
)
def test_an_error_has_a_hint(
    logger: JobProcess, method: str, path: str, body: bytes, status: int
) -> None:
    """Whether a route, Flask or the server itself has found it."""
    answer = logger.request(method, path, body=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert (told["status"], bool(told["detail"]), bool(told["hint"])) == (status, True, True)


def test_a_request_that_is_none_is_answered_so_too(logger: JobProcess) -> None:
    """It never comes to a route; what a browser may do with the answer is said all the same."""
    answer = logger.request("POST", "/backup/trigger", headers={"Content-Length": "many"})
    assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert answer.json()["hint"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
