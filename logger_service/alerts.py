"""Messages to people who are not looking, by way of the addresses in NOTIFY_URLS.

What is worth a message often happens while the network is down too, so one that cannot be
delivered is tried again, in the background, with pauses that grow.
"""

import logging
from collections.abc import Sequence
from threading import Event, Thread
from typing import Protocol

from pydantic import SecretStr

from shared.errors import BadSettings

PAUSES = (5.0, 30.0, 120.0, 600.0, 3600.0)  # seconds between one try and the next
_log = logging.getLogger(__name__)


class Messenger(Protocol):
    """What delivers a message, such as `apprise.Apprise`."""

    def notify(self, body: str, title: str) -> object:
        """Deliver it to every address; something false if one did not take it."""


class Alerts:
    """Sends messages about one service; without a messenger there is nobody to send them to."""

    def __init__(
        self, service: str, messenger: Messenger | None = None, pauses: Sequence[float] = PAUSES
    ) -> None:
        self._service, self._messenger, self._pauses = service, messenger, pauses
        self._stopping = Event()
        self._sending: list[Thread] = []

    def send(self, title: str, body: str) -> None:
        """Begin to deliver the message; never raises, and returns at once."""
        if self._messenger is None:
            return
        words = (self._messenger, f"{self._service}: {title}", body)
        sending = Thread(target=self._deliver, args=words, name="alert", daemon=True)
        self._sending.append(sending)
        sending.start()

    def settle(self, seconds: float) -> None:
        """Wait so long for what is being delivered; then nothing is tried again."""
        self._stopping.set()
        for sending in self._sending:
            sending.join(seconds)

    def _deliver(self, messenger: Messenger, title: str, body: str) -> None:
        pauses = iter(self._pauses)
        while not _is_taken(messenger, title, body):
            pause = next(pauses, None)
            if pause is None or self._stopping.wait(pause):
                _log.error("the alert %r could not be delivered: see NOTIFY_URLS", title)
                return


def _is_taken(messenger: Messenger, title: str, body: str) -> bool:
    try:
        return bool(messenger.notify(body, title))
    except Exception:  # noqa: BLE001  one of a hundred plugins; whoever alerts has to go on
        _log.exception("an alert failed")
        return False


def open_alerts(service: str, urls: SecretStr | None) -> Alerts:
    """Alerts by way of these addresses, separated by commas or spaces.

    Raises:
        BadSettings: one of them is not an address that apprise knows.
    """
    if urls is None:
        return Alerts(service)
    # Here, because a logger without alerts does not owe its 80 ms and its memory.
    from apprise import Apprise  # noqa: PLC0415

    messenger = Apprise()
    if not messenger.add(urls.get_secret_value()):
        raise BadSettings(
            "NOTIFY_URLS: expected addresses such as mailto://..., discord://... or "
            "json://host/path, separated by spaces; one is none that apprise knows",
            name="NOTIFY_URLS",
            hint="https://github.com/caronc/apprise/wiki lists them",
        )
    return Alerts(service, messenger)
