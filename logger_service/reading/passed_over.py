"""What a reading could not use, to be told in the log when it ends."""

import logging

_log = logging.getLogger(__name__)


class PassedOver:
    """Counts files and lines that are none of ours, with the first of each."""

    def __init__(self) -> None:
        self.files = self.lines = 0
        self._first_file = self._first_line = ""

    def file(self, name: str, why: str) -> None:
        """A file that is no price file, or cannot be read."""
        self.files += 1
        self._first_file = self._first_file or f"{name}: {why}"

    def line(self, name: str, line: bytes) -> None:
        """A line that is no row, or a row that does not belong into its file."""
        self.lines += 1
        self._first_line = self._first_line or f"{name}: {line[:100]!r}"

    def tell(self, reading: str) -> None:
        """One line of the log, if there is anything to tell."""
        if self.files:
            _log.warning("%s passed over %d files: %s", reading, self.files, self._first_file)
        if self.lines:
            _log.warning("%s passed over %d lines: %s", reading, self.lines, self._first_line)
