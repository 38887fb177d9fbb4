"""Routes on the logger's own web server, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from flask import Blueprint

from dashboard.problem_page import problem_page
from serving.web_server import create_app, open_server
from shared.settings import LoggerSettings


@contextmanager
def served(*routes: Blueprint) -> Iterator[str]:
    """Their address; at the end of the block the server has ended, too."""
    settings = LoggerSettings.model_construct(host="127.0.0.1", port=0)
    server = open_server(settings, create_app(routes, problem_page))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.task_dispatcher.shutdown()
        sockets = server._map  # noqa: SLF001  waitress has no other name for all that it has open
        has_been_told = Event()

        def close_all() -> None:
            has_been_told.wait()  # the telling writes to one of them
            server.asyncore.close_all(sockets)

        # In the server's own thread, which would otherwise still look at what has been closed.
        server.trigger.pull_trigger(close_all)
        has_been_told.set()
        thread.join()
