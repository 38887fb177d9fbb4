"""What the doctor makes of an address under which something else answers than the logger."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from google_cloud.logger_checks import ask, examine_logger
from jobs.scripted_logger import Scripted, ScriptedLogger

PROBLEM = {"Content-Type": "application/problem+json"}


class Anybody(ScriptedLogger):
    """It lives, refuses strangers, and answers whoever has a token with `page`."""

    def __init__(self) -> None:
        super().__init__()
        self.page = Scripted()
        self.snapshot = lambda headers: (
            self.page if "Authorization" in headers else Scripted(status=401)
        )

    def _answer(self, target: str, headers: dict[str, str]) -> Scripted:
        return Scripted() if target == "/health/live" else super()._answer(target, headers)


@pytest.fixture
def anybody() -> Iterator[Anybody]:
    """A server on loopback."""
    with Anybody() as running:
        yield running


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Scripted(b"<html>welcome</html>"), "200, with no snapshot"),
        (Scripted(b"[]"), "200, with no snapshot"),
        (Scripted(json.dumps({"files": []}).encode()), "200, with no snapshot"),
        (Scripted(b"<html>out of order</html>", 502), "502: <html>out of order</html>"),
        (Scripted(b"out of order", 503, PROBLEM), "503: out of order"),
    ],
)
def test_a_page_that_is_no_snapshot_is_named(anybody: Anybody, page: Scripted, said: str) -> None:
    """With what it says, and no traceback."""
    anybody.page = page
    *well, last = examine_logger("btc-logger", anybody.url, "a-token", "gs://bucket/btc-logger")
    assert [finding.ok for finding in well] == [True, True]
    assert (last.ok, last.said) == (False, said)
    assert last.hint


def test_a_netrc_neither_opens_the_door_nor_replaces_the_token(
    anybody: Anybody, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger is one, whatever the laptop keeps for the logger's host."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    anybody.snapshot = lambda headers: Scripted(headers.get("Authorization", "none").encode())
    heard = [ask(f"{anybody.url}/snapshot", token) for token in ("", "a-token")]
    assert [isinstance(one, str) or one.text for one in heard] == ["none", "Bearer a-token"]
