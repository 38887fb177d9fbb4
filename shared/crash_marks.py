"""What a crash leaves in a file: a last row without its end, or zeros in the place of text."""

import os
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from shared.errors import SourceChanged
from shared.finding import Finding, Verdict
from shared.names import is_json
from shared.plain_file import first_look, open_plain, read_exactly
from shared.selection import SelectedFile
from shared.table import NEWLINE, is_table
from shared.time_limit import TimeLimit

PIECE = 4 * 1024 * 1024  # bytes that are looked through at a time


class CrashMarks:
    """Looks into the tables and the JSON of a data directory while there is time."""

    def __init__(self, root: Path, limit: TimeLimit) -> None:
        self._root, self._limit = root, limit
        self._buffer = bytearray()
        self.unread = 0  # files that there was no time to look through

    def find(self, files: list[SelectedFile]) -> Iterator[Finding]:
        """In the order given: torn rows, which are quickly seen, and then zeros."""
        texts = [file.path for file in files if is_table(file.path) or is_json(file.path)]
        tables = filter(is_table, texts)
        looks = chain(
            ((path, self._row) for path in tables), ((path, self._text) for path in texts)
        )
        unreadable: set[str] = set()
        for path, look in looks:
            if path not in unreadable:
                try:
                    yield from self._attempt(path, look)
                except OSError as error:
                    unreadable.add(path)
                    found = f"what cannot be read: {error.strerror}"
                    yield Finding(Verdict.DAMAGED, path, found, "a file that can be read")

    def _attempt(self, path: str, look: Callable[[str], Iterator[Finding]]) -> Iterator[Finding]:
        try:
            yield from look(path)
        except (FileNotFoundError, SourceChanged):
            return  # somebody is writing here: the next check will tell

    def _row(self, path: str) -> Iterator[Finding]:
        if self._limit.is_over():
            return
        place = self._root / path
        with open_plain(place) as file:
            size = first_look(file, place).size
            if size and read_exactly(file, size - 1, 1) != NEWLINE:
                yield Finding(Verdict.DAMAGED, path, "a last row without its end", "whole rows")

    def _text(self, path: str) -> Iterator[Finding]:
        if self._limit.is_over():
            self.unread += 1
            return
        offset, self._buffer = 0, self._buffer or bytearray(PIECE)  # one for all files
        with open_plain(self._root / path) as file:
            while length := os.readv(file.fileno(), [self._buffer]):
                found = self._buffer.find(0, 0, length)
                if found >= 0:
                    zero = f"a zero byte at {offset + found:,}"
                    yield Finding(Verdict.DAMAGED, path, zero, "text")
                    return
                offset += length
                if self._limit.is_over():
                    self.unread += 1
                    return
