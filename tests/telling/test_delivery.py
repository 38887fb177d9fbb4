"""Messages reach the addresses in NOTIFY_URLS, each of them by itself."""

import socket
from threading import Event

import pytest
from pydantic import SecretStr

from shared.delivery import Delivery, open_delivery
from shared.errors import BadSettings
from shared.told import Message
from telling.webhook import Webhook

MESSAGE = Message(title="title", body="body", at="2026-11-22T12:00:00.000Z")
OTHER = Message(title="other", body="body", at="2026-11-22T12:00:00.000Z")


def deliver(*urls: str, messages: tuple[Message, ...] = (MESSAGE,)) -> list[Message]:
    """Those that were taken."""
    return open_delivery("btc-logger", SecretStr(" ".join(urls))).deliver(messages, 30)


@pytest.fixture
def dead() -> str:
    """An address where nobody listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return f"json://name:hunter2@127.0.0.1:{closed.getsockname()[1]}/hook"


def test_a_message_arrives_with_the_services_name() -> None:
    """A person with several loggers has to know which one it is."""
    with Webhook() as hook:
        assert deliver(hook.url) == [MESSAGE]
        assert hook.texts == [("btc-logger: title", "body")]


def test_each_address_gets_each_message_in_order() -> None:
    """Addresses are separated by spaces or commas."""
    with Webhook() as first, Webhook() as second:
        assert deliver(f"{first.url}, {second.url}", messages=(MESSAGE, OTHER)) == [MESSAGE, OTHER]
        expected = [("btc-logger: title", "body"), ("btc-logger: other", "body")]
        assert first.texts == second.texts == expected


def test_a_dead_address_hides_no_other_and_is_told_without_its_name(
    dead: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A message that one address took is taken, and the log shows no password."""
    with Webhook() as hook:
        assert deliver(dead, hook.url) == [MESSAGE]
        assert len(hook.messages) == 1
    told = "address 1 of NOTIFY_URLS failed with the alert 'title': it was not taken"
    assert caplog.messages == [told]


def test_a_message_that_nobody_takes_is_not_taken(dead: str) -> None:
    """Refused here, and dead there."""
    with Webhook(refusals=1) as hook:
        assert deliver(hook.url, dead) == []


def test_of_several_messages_those_that_were_taken_are_told() -> None:
    """Only the others are to be sent again."""
    with Webhook(refusals=1) as hook:
        assert deliver(hook.url, messages=(MESSAGE, OTHER)) == [OTHER]


def test_an_address_that_hangs_is_left_behind() -> None:
    """What others took by then counts."""
    may_go_on = Event()

    class Hanging:
        def notify(self, body: str, title: str) -> object:
            return bool(body and title and may_go_on.wait(30))

    class Quick:
        def notify(self, body: str, title: str) -> object:
            return bool(body and title)

    try:
        delivery = Delivery("btc-logger", [Hanging(), Quick()])
        assert delivery.deliver([MESSAGE], 0.5) == [MESSAGE]
    finally:
        may_go_on.set()


def test_a_plugin_that_raises_is_an_address_that_did_not_take_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its error may hold the address, so only its name is logged."""

    class Broken:
        def notify(self, body: str, title: str) -> object:
            raise ValueError(f"hunter2 {title} {body}")

    assert Delivery("btc-logger", [Broken()]).deliver([MESSAGE], 30) == []
    assert caplog.messages[0].endswith("'title': ValueError")


def test_without_an_address_nothing_is_sent() -> None:
    """Nor is anything taken."""
    delivery = open_delivery("btc-logger", None)
    assert not delivery.has_addresses
    assert delivery.deliver([MESSAGE], 30) == []


@pytest.mark.parametrize("urls", ["pager://hunter2@example", "hunter2", " "])
def test_an_address_that_is_none_stops_the_start(
    urls: str, caplog: pytest.LogCaptureFixture
) -> None:
    """With the setting's name, and without what it held."""
    with pytest.raises(BadSettings, match="NOTIFY_URLS: expected addresses") as caught:
        open_delivery("btc-logger", SecretStr(urls))
    assert "hunter2" not in str(caught.value) + caplog.text
