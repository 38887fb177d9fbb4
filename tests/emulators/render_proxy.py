"""The public address of a service on the platform stand-in: it forwards connections.

A connection goes to the instance that has the traffic when it comes, and stays there until it
ends. Where none has, the answer is a 502.
"""

import asyncio
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from contextlib import suppress

BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_PIECE = 1 << 16


class Proxy:
    """Forwards to the port that `target` tells, or waits for; `last_traffic` is monotonic."""

    def __init__(self, target: Callable[[], Awaitable[int | None]]) -> None:
        self.port = 0
        self.last_traffic = time.monotonic()
        self._target = target
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop: no connection remains."""
        if self._server:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        self._connections.add(connection)
        self.last_traffic = time.monotonic()
        try:
            with suppress(ConnectionError):  # either end may go as it likes
                await self._connect(reader, writer)
        finally:
            self._connections.discard(connection)
            writer.close()

    async def _connect(self, reader: StreamReader, writer: StreamWriter) -> None:
        port = await self._target()
        try:
            behind = port and await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:  # it has ended, and nobody has noticed yet
            behind = None
        if not behind:
            writer.write(BAD_GATEWAY)
            await writer.drain()
            return
        there, back = self._forward(reader, behind[1]), self._forward(behind[0], writer)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(there)
                both.create_task(back)
        except* ConnectionError:
            writer.transport.abort()
        finally:
            behind[1].close()

    async def _forward(self, reader: StreamReader, writer: StreamWriter) -> None:
        while piece := await reader.read(_PIECE):
            self.last_traffic = time.monotonic()
            writer.write(piece)
            await writer.drain()
        writer.write_eof()
