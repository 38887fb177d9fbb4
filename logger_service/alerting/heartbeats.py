"""A sign of life after each good backup that this logger makes to the provider that survives."""

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from pydantic import SecretStr

from pushing.destination import Standing
from shared.parallel import in_background


class Heartbeats:
    """Sends one to `url` when `standing` tells of a new good backup; none without an address."""

    def __init__(self, url: SecretStr | None, standing: Callable[[], Standing | None]) -> None:
        self._url, self._standing = url, standing
        self._told_of: object = None  # when that backup ended

    @property
    def is_wanted(self) -> bool:
        """Whether there is an address."""
        return self._url is not None

    def beat(self) -> Future[bool] | None:
        """Begin to send one, if there is news; it never raises."""
        standing = self._standing() if self._url else None
        if not (self._url and standing and standing.good_at) or standing.good_at == self._told_of:
            return None
        self._told_of = standing.good_at
        return in_background(partial(_send, self._url))


def _send(url: SecretStr) -> bool:
    # Here, because a logger's start does not owe what it costs to import an HTTP client.
    from shared.heartbeat import send_heartbeat  # noqa: PLC0415

    return send_heartbeat(url)
