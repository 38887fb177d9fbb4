"""The health checks of the platform stand-in: one question, and what a row of answers means."""

import asyncio
import time

from emulators.render_service import Times

_GOOD = range(200, 400)


async def is_healthy(port: int, path: str | None, patience: float) -> bool:
    """Whether the answer to a GET is 2xx or 3xx; without a path, whether somebody listens."""
    try:
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                return path is None or await _status(reader, writer, path) in _GOOD
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError):  # the last for what is no status line
        return False


async def _status(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> int:
    head = f"GET {path} HTTP/1.1\r\nHost: a-service.onrender.com\r\nConnection: close\r\n\r\n"
    writer.write(head.encode())
    line = await reader.readline()
    _, status, *_ = line.decode("latin-1").split(" ")
    return int(status)


class Health:
    """What the checks of one running instance have come to; it begins healthy."""

    def __init__(self, times: Times) -> None:
        self._times = times
        self._failing_since: float | None = None

    def note(self, healthy: bool) -> None:
        """Take the newest answer."""
        if healthy:
            self._failing_since = None
        elif self._failing_since is None:
            self._failing_since = time.monotonic()

    @property
    def gets_traffic(self) -> bool:
        """Whether requests are still sent there."""
        return self._failing() < self._times.of(self._times.no_traffic)

    @property
    def is_beyond_hope(self) -> bool:
        """Whether it is to be replaced."""
        return self._failing() >= self._times.of(self._times.restart)

    def _failing(self) -> float:
        return time.monotonic() - self._failing_since if self._failing_since else 0
