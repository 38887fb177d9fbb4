"""Who the logger answers, and what: to a client that may be anyone, nothing but what it should."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from job_processes import TOKEN, JobProcess, running_logger
from jobs.served_directory import BEARER, SECRET, ServedDirectory

ROUTES = ["/snapshot", "/snapshot/files/small.csv?offset=0&length=6"]


def send(logger: JobProcess, request: bytes) -> bytes:
    """The whole answer to bytes that no well-behaved client would send."""
    address = urlsplit(logger.url)
    with socket.create_connection((str(address.hostname), int(str(address.port)))) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as answer:
            return answer.read()


def test_the_health_check_needs_nothing(served: ServedDirectory) -> None:
    """Neither a token nor anything outside the process."""
    answer = served.logger.request("GET", "/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong-token",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN.upper()}",
        TOKEN,
        f"Basic {TOKEN}",
    ],
)
def test_another_token_opens_nothing(served: ServedDirectory, path: str, given: str | None) -> None:
    """401 with the scheme that is wanted; the answer shows neither files nor the token."""
    answer = served.logger.request("GET", path, headers={"Authorization": given})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert TOKEN not in answer.text
    assert "small" not in answer.text


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("token", ["tokén".encode("latin-1"), "tokén€".encode(), b"\xff\xfe"])
def test_a_token_that_is_not_ascii_is_only_wrong(
    served: ServedDirectory, path: str, token: bytes
) -> None:
    """401 and no error of ours, whatever the bytes of the header are."""
    request = b"GET %s HTTP/1.0\r\nAuthorization: Bearer %s\r\n\r\n" % (path.encode(), token)
    assert send(served.logger, request).split()[1] == b"401"


@pytest.mark.parametrize(
    ("settings", "named"),
    [({"SNAPSHOT_TOKEN": ""}, "SNAPSHOT_TOKEN"), ({"BACKUP_ENABLED": "false"}, "BACKUP_ENABLED")],
)
def test_routes_that_are_not_configured_are_closed(
    logger_folder: Path, tmp_path: Path, settings: dict[str, str], named: str
) -> None:
    """503 that names the setting, with whatever token; the health check is as ever."""
    (tmp_path / "small.csv").write_bytes(b"small\n")
    with running_logger(logger_folder, tmp_path, **settings) as logger:
        for path in ROUTES:
            for headers in (BEARER, {}, {"Authorization": "Bearer "}):
                answer = logger.request("GET", path, headers=headers)
                assert answer.status_code == 503
                assert answer.headers["Content-Type"] == "application/problem+json"
                assert named in answer.text
        assert logger.request("GET", "/health/live").status_code == 200


@pytest.mark.parametrize("path", ["notes.txt", "nothing.csv", "link.csv", ".backup/restore.json"])
def test_a_file_that_the_snapshot_does_not_show_is_not_given(
    served: ServedDirectory, path: str
) -> None:
    """409: what the client goes by is not the newest snapshot."""
    served.get("/snapshot")
    answer = served.get(f"/snapshot/files/{path}?offset=0&length=1")
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "../secret.csv",
        "%2e%2e/secret.csv",
        "..%2fsecret.csv",
        "sub%20folder/../../secret.csv",
        "sub%20folder/%2e%2e/%2e%2e/secret.csv",
        "./../secret.csv",
        "..%5csecret.csv",
        "linked/secret.csv",
        "link.csv",
        "%2fetc%2fpasswd",
        "/etc/passwd",
        "//etc/passwd",
        "small.csv%00.csv",
    ],
)
def test_nothing_outside_the_data_directory_is_given(served: ServedDirectory, path: str) -> None:
    """Sent as it is, which no well-behaved client does."""
    served.get("/snapshot")
    target = f"/snapshot/files/{path}?offset=0&length=10"
    request = f"GET {target} HTTP/1.0\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
    answer = send(served.logger, request.encode())
    assert answer.split()[1][:1] == b"4", answer
    assert SECRET[:10] not in answer
    assert b"root:" not in answer


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/no/such/route", 404), ("POST", "/snapshot", 405)],
)
def test_what_is_not_served_is_a_problem_too(
    served: ServedDirectory, method: str, path: str, status: int
) -> None:
    """The same kind of answer as for every other error; a 405 says what is allowed."""
    answer = served.logger.request(method, path)
    assert answer.status_code == status == answer.json()["status"]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert ("GET" in answer.headers.get("Allow", "")) == (status == 405)


def test_a_data_directory_that_is_gone_is_our_own_error(
    logger_folder: Path, tmp_path: Path
) -> None:
    """500 with the setting to check, and the process goes on."""
    data = tmp_path / "data"
    with running_logger(logger_folder, data) as logger:
        logger.wait_until((data / ".backup" / "running.json").exists)  # the start is over
        data.rename(tmp_path / "gone")
        answer = logger.request("GET", "/snapshot", headers=BEARER)
        assert answer.status_code == 500
        assert "DATA_DIR" in answer.json()["hint"]
        assert logger.request("GET", "/health/live").status_code == 200
