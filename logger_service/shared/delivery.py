"""Messages on their way to the addresses in NOTIFY_URLS.

Each address is tried by itself, all of them at once: one that is dead neither hides nor delays
another. A message is taken when at least one address took it.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import wait
from functools import partial
from typing import Protocol

from pydantic import SecretStr

from shared.errors import BadSettings
from shared.parallel import in_background
from shared.time_limit import TimeLimit
from shared.told import Message

_log = logging.getLogger(__name__)


class Messenger(Protocol):
    """What sends to one address, such as an `apprise.Apprise` that has one."""

    def notify(self, body: str, title: str) -> object:
        """Send it; something false if it was not taken."""


class Delivery:
    """Sends messages about one service; without messengers there is nobody to send them to."""

    def __init__(self, service: str, messengers: Sequence[Messenger] = ()) -> None:
        self._service, self._messengers = service, messengers

    @property
    def has_addresses(self) -> bool:
        """Whether anybody is to be told."""
        return bool(self._messengers)

    def deliver(self, messages: Sequence[Message], seconds: float) -> list[Message]:
        """Those that were taken in so many seconds, which end when every address has answered."""
        limit, taken = TimeLimit(seconds), set[int]()
        sendings = [
            in_background(partial(self._send, place, messages, limit, taken))
            for place in range(len(self._messengers))
        ]
        wait(sendings, limit.left())
        return [messages[number] for number in sorted(taken.copy())]

    def _send(
        self, place: int, messages: Sequence[Message], limit: TimeLimit, taken: set[int]
    ) -> None:
        for number, message in enumerate(messages):
            if limit.is_over():
                return
            if self._is_taken(place, message):
                taken.add(number)

    def _is_taken(self, place: int, message: Message) -> bool:
        """Whether this address took it; neither its name nor an error's, which may hold it."""
        title = f"{self._service}: {message.title}"
        try:
            if self._messengers[place].notify(body=message.body, title=title):
                return True
            why = "it was not taken"
        except Exception as error:  # noqa: BLE001  one of a hundred plugins; whoever alerts goes on
            why = type(error).__name__
        told = "address %d of NOTIFY_URLS failed with the alert %r: %s"
        _log.warning(told, place + 1, message.title, why)
        return False


class LateDelivery(Delivery):
    """Opens the addresses when there is something to send, for a process that often has nothing.

    Raises, then:
        BadSettings: one of them is not an address that apprise knows.
    """

    def __init__(self, service: str, urls: SecretStr | None) -> None:
        super().__init__(service)
        self._urls = urls

    @property
    def has_addresses(self) -> bool:
        """Whether anybody is to be told."""
        return self._urls is not None

    def deliver(self, messages: Sequence[Message], seconds: float) -> list[Message]:
        """As any delivery; the seconds begin when the addresses are open."""
        self.open()
        return super().deliver(messages, seconds)

    def open(self) -> None:
        """Have the addresses looked at now."""
        if self._urls is not None and not self._messengers:
            self._messengers = _messengers(self._urls)


def open_delivery(service: str, urls: SecretStr | None) -> Delivery:
    """By way of these addresses, separated by commas or spaces.

    Raises:
        BadSettings: one of them is not an address that apprise knows.
    """
    return Delivery(service, _messengers(urls) if urls is not None else ())


def _messengers(urls: SecretStr) -> list[Messenger]:
    # Here, because a process that tells nothing does not owe its 200 ms and its memory.
    from apprise import Apprise  # noqa: PLC0415

    # Its own lines show addresses, which hold passwords.
    logging.getLogger("apprise").disabled = True
    every = Apprise()
    if not every.add(urls.get_secret_value()) or not len(every):
        raise BadSettings(
            "NOTIFY_URLS: expected addresses such as mailto://..., discord://... or "
            "json://host/path, separated by spaces; one is none that apprise knows",
            name="NOTIFY_URLS",
            hint="https://github.com/caronc/apprise/wiki lists them",
        )
    return [Apprise(services=one) for one in every]
