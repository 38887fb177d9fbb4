"""The function's log: one JSON object a line, as Cloud Logging reads it.

Of several loggers each entry names its own, also those of the engine, which knows of no other.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock

_about: ContextVar[str] = ContextVar("about", default="")
_writing = Lock()  # print writes a line and its end in two steps


@contextmanager
def about(target: str) -> Iterator[None]:
    """What is logged in this block is about one logger of several; "" where there is only one."""
    before = _about.set(target)
    try:
        yield
    finally:
        _about.reset(before)


def log(severity: str, message: str, **fields: object) -> None:
    """One entry."""
    if target := _about.get():
        message, fields = f"{target}: {message}", {"target": target, **fields}
    entry = json.dumps({"severity": severity, "message": message, **fields})
    with _writing:
        print(entry, flush=True)  # noqa: T201  standard output is where Cloud Logging reads


class _Entries(logging.Handler):
    """What the engine says on its way becomes entries, too."""

    def emit(self, record: logging.LogRecord) -> None:
        """One of them."""
        log(record.levelname, record.getMessage())


def hear_the_engine() -> None:
    """From now on."""
    logging.getLogger("shared").addHandler(_Entries())
