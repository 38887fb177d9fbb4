"""Where the state lies: one file among the data directory's notes, replaced after each tick.

A reader sees the old one or the new one, never a mixture. Recording goes on without it: the rows
are what counts, and the file can be made again from them.
"""

import logging
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from time import time

from record.state import State, parse
from shared.document import encode
from shared.durable_file import (
    SECONDS_UNDER_WAY,
    make_directory,
    sync_directory,
    write_durably,
)
from shared.errors import Malformed, TooNew
from shared.names import NOTES
from shared.plain_file import open_plain

NAME = "state.json"
LARGEST = 1024 * 1024  # bytes; a state has about 200 for each source
_log = logging.getLogger(__name__)


class StateFile:
    """The state file of `data_dir`; one thread saves, others and other processes may read."""

    def __init__(self, data_dir: Path) -> None:
        self.place = data_dir / NOTES / NAME
        self._is_refused = False  # by the disk, as has been told

    def read(self) -> State | None:
        """The state; None if there is none, or, which is told, none that can be used."""
        data = b""
        try:
            with open_plain(self.place) as file:
                data = file.read(LARGEST)
            return parse(data, str(self.place))
        except FileNotFoundError:
            return None
        except (OSError, Malformed, TooNew) as error:
            _log.warning("The state is made again from the rows: %s; found %.100r", error, data)
            return None

    def save(self, state: State) -> None:
        """Replace the file; a disk that refuses is told when it begins and when it is over."""
        try:
            self._replace(encode(state))
        except OSError as error:
            if not self._is_refused:
                _log.warning("%s cannot be written: %s", self.place, error)
            self._is_refused = True
            return
        if self._is_refused:
            _log.warning("%s can be written again", self.place)
        self._is_refused = False

    def sweep(self) -> None:
        """Delete what processes that were killed in the middle of a save left, once it is old."""
        for place in self.place.parent.glob(f"{NAME}.*"):
            with suppress(OSError):  # gone, or on a disk that refuses: it is only in nobody's way
                if place.stat().st_mtime < time() - SECONDS_UNDER_WAY:
                    place.unlink()

    def _replace(self, data: bytes) -> None:
        make_directory(self.place.parent)
        # A name of its own, because two instances may have one directory for a while.
        incoming = self.place.with_name(f"{NAME}.{token_hex(4)}")
        try:
            write_durably(incoming, data)
            incoming.replace(self.place)
        finally:
            incoming.unlink(missing_ok=True)
        sync_directory(self.place.parent)
