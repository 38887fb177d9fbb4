"""Alerts reach the addresses in NOTIFY_URLS, also when they have to be sent again."""

import pytest
from apprise import Apprise
from pydantic import SecretStr

from alerts import Alerts, open_alerts
from logger_service.webhook import Webhook
from programs import wait_until
from shared.errors import BadSettings


def test_an_alert_arrives_with_the_services_name() -> None:
    """A person with several loggers has to know which one it is."""
    with Webhook() as hook:
        alerts = open_alerts("btc-logger", SecretStr(hook.url))
        alerts.send("started without its history", "gs://bucket did not answer")
        wait_until(lambda: hook.messages != [])
        assert hook.texts == [
            ("btc-logger: started without its history", "gs://bucket did not answer")
        ]


def test_each_address_gets_it() -> None:
    """They are separated by spaces."""
    with Webhook() as first, Webhook() as second:
        alerts = open_alerts("btc-logger", SecretStr(f"{first.url} {second.url}"))
        alerts.send("title", "body")
        wait_until(lambda: bool(first.messages and second.messages))


def test_an_alert_that_is_refused_is_sent_again() -> None:
    """Until it is taken."""
    with Webhook(refusals=2) as hook:
        messenger = _messenger(hook.url)
        alerts = Alerts("btc-logger", messenger, pauses=(0.001, 0.001, 0.001))
        alerts.send("title", "body")
        wait_until(lambda: len(hook.messages) == 3)
        alerts.settle(30)
        assert len(hook.messages) == 3


def test_an_alert_that_cannot_be_delivered_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """In the log, without the address, which holds a password."""
    with Webhook(refusals=99) as hook:
        alerts = Alerts("btc-logger", _messenger(hook.url), pauses=(0.001,))
        alerts.send("disk", "body")
        alerts.settle(30)
    assert "the alert 'btc-logger: disk' could not be delivered: see NOTIFY_URLS" in caplog.messages
    assert hook.url not in caplog.text


def test_an_end_waits_for_the_first_try() -> None:
    """A logger that refuses to start still says why."""
    with Webhook() as hook:
        alerts = open_alerts("btc-logger", SecretStr(hook.url))
        alerts.send("title", "body")
        alerts.settle(30)
        assert len(hook.messages) == 1


def test_without_an_address_nothing_is_sent() -> None:
    """Nor is anything waited for."""
    alerts = open_alerts("btc-logger", None)
    alerts.send("title", "body")
    alerts.settle(0)


def test_an_address_that_is_none_stops_the_start() -> None:
    """With the setting's name, and without what it held."""
    with pytest.raises(BadSettings, match="NOTIFY_URLS: expected addresses") as caught:
        open_alerts("btc-logger", SecretStr("pager://hunter2@example"))
    assert "hunter2" not in str(caught.value)


def _messenger(url: str) -> Apprise:
    messenger = Apprise()
    messenger.add(url)
    return messenger
