"""Completing a file in place while a logger runs: its missing end is appended, chunk by chunk.

A foreign program may have opened it already, and would go on writing to a file that another one
has replaced. So no byte that is there is changed, and nothing is appended to a file that is no
longer as it was left.
"""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.chunk import CHUNK_SIZE
from shared.errors import SourceChanged
from shared.names import locate
from shared.plain_file import has_name, open_to_append, read_exactly, state_of
from shared.plan import Action, LocalFile, Step


class Completing:
    """One file that grows where it lies; what has come stays, whatever happens next.

    It stands in for `Placing`. Chunks arrive from the one on in which the local beginning ends.

    Raises:
        OSError, UnsafePath: it cannot be opened.
    """

    def __init__(self, root: Path, step: Step, local: LocalFile) -> None:
        self._step = step
        self._place = locate(root, step.target)
        self._state = local.state  # as we left it
        self._file = open_to_append(self._place)
        self._row = b""  # the beginning of one whose end is in the next chunk
        self.size = local.whole_chunks * CHUNK_SIZE  # of the version, here or just come
        self.brought = 0  # bytes appended

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(self, raw: bytes) -> None:
        """Append what is missing of these bytes, which have been checked, up to a row's end.

        Should somebody else write now, or this process be killed, no row is torn by that.

        Raises:
            SourceChanged: somebody else has written to the file, or put another in its place.
        """
        self._check_untouched()
        here = max(self._state.size - self.size, 0)
        if read_exactly(self._file, self.size, min(here, len(raw))) != raw[:here]:
            raise SourceChanged(f"{self._step.target} does not begin the backup's version")
        self.size += len(raw)
        missing = self._row + raw[here:]
        ends_at = missing.rfind(b"\n") + 1
        is_all = self.size == self._step.version.size
        if is_all or len(missing) - ends_at > CHUNK_SIZE:  # the latter is no table
            ends_at = len(missing)
        self._append(missing[:ends_at])
        self._row = missing[ends_at:]

    def keep(self, _action: Action) -> tuple[Path, os.stat_result]:
        """Give it the backup's time; where it is, and its status.

        Raises:
            SourceChanged: somebody else has written to it.
        """
        self._check_untouched()
        mtime_ns = self._step.version.mtime_ns
        os.utime(self._file.fileno(), ns=(mtime_ns, mtime_ns))
        status = os.fstat(self._file.fileno())
        if status.st_size != self._state.size:  # written to just now: it must not look old
            os.utime(self._file.fileno())
            raise self._has_changed()
        os.fsync(self._file.fileno())
        return self._place, status

    def _append(self, missing: bytes) -> None:
        rest = memoryview(missing)
        while rest:
            self._check_untouched()
            written = self._file.write(rest) or 0
            self.brought += written
            ends_at, before = self._file.tell(), self._state.size
            self._state = state_of(self._file)
            # What others appended between the look and the write lies before our bytes.
            if not ends_at == before + written == self._state.size:
                raise self._has_changed()
            rest = rest[written:]
        os.fsync(self._file.fileno())

    def _check_untouched(self) -> None:
        if state_of(self._file) != self._state or not has_name(self._file):
            raise self._has_changed()

    def _has_changed(self) -> SourceChanged:
        return SourceChanged(f"{self._step.target} has changed meanwhile, and stays")
