"""A heartbeat is one bounded request that never fails whoever sends it."""

import socket
from pathlib import Path

import pytest
from pydantic import SecretStr

from shared.heartbeat import send_heartbeat
from telling.watchdog import Watchdog


def test_a_heartbeat_is_one_get() -> None:
    """Of just that address."""
    with Watchdog() as watchdog:
        assert send_heartbeat(SecretStr(watchdog.url))
        assert watchdog.asked == ["/ping/secret-uuid"]


def test_a_redirect_is_not_followed(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody is led elsewhere, and a moved address is told."""
    with Watchdog() as elsewhere, Watchdog(status=302, location=elsewhere.url) as watchdog:
        assert not send_heartbeat(SecretStr(watchdog.url))
        assert elsewhere.asked == []
    assert caplog.messages == ["HEARTBEAT_URL answered 302"]


def test_a_refusal_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """With the status, and without the address."""
    with Watchdog(status=404) as watchdog:
        assert not send_heartbeat(SecretStr(watchdog.url))
    assert caplog.messages == ["HEARTBEAT_URL answered 404"]
    assert "secret-uuid" not in caplog.text


def test_nobody_there_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """An error of the connection shows the address, so only its kind is told."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/secret-uuid"
        assert not send_heartbeat(SecretStr(url))
    assert caplog.messages == ["HEARTBEAT_URL did not answer: ConnectionError"]


def test_one_that_never_answers_is_left_behind(caplog: pytest.LogCaptureFixture) -> None:
    """The backup that it tells of has long been made."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/secret-uuid"
        assert not send_heartbeat(SecretStr(url), 0.2)
    assert caplog.messages[0].startswith("HEARTBEAT_URL did not answer: ")


def test_a_netrc_gives_nothing_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The passwords in it are for others."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with Watchdog() as watchdog:
        assert send_heartbeat(SecretStr(watchdog.url))
        assert "Authorization" not in watchdog.headers[0]
