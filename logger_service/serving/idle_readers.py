"""Who asks and then takes nothing of the answer is let go, with the thread that serves it.

Waitress waits for such a client for ever while it is being answered.
"""

import socket
from typing import Any

SECONDS = 60  # without a byte taken


def let_go_of_idle_readers(server: Any) -> None:
    """Set it for every connection that waitress's server will accept; Linux has the means."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        option = (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SECONDS * 1000)
        server.adj.socket_options = [*server.adj.socket_options, option]
