"""Putting a restored file into its place: whole or not at all, and never over anything else.

Bytes go to a temporary file on the same disk; it gets its name once it is complete and on
disk. What lay there before is replaced only if it still is what the plan saw.
"""

import os
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import Self

from shared.durable_file import make_directory, sync_directory
from shared.errors import SourceChanged
from shared.names import NOTES, beside, locate
from shared.plain_file import open_plain, state_of
from shared.plan import Action, Step, look, read_local

INCOMING = "incoming"  # folder of our notes for files that are being restored


class Placing:
    """One file on its way to its place; leaving the context drops what was not kept."""

    def __init__(self, root: Path, step: Step) -> None:
        self._root, self._step = root, step
        make_directory(root / NOTES / INCOMING)
        self._incoming = root / NOTES / INCOMING / token_hex(8)
        self._file = self._incoming.open("xb")
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._file.close()  # fails where the disk is full
        finally:
            self._incoming.unlink(missing_ok=True)

    def write(self, raw: bytes) -> None:
        """Append bytes that have been checked."""
        self._file.write(raw)
        self.size += len(raw)

    @property
    def brought(self) -> int:
        """Bytes written."""
        return self.size

    def keep(self, action: Action) -> tuple[Path, os.stat_result]:
        """Give the file its name, or one beside it where something has come.

        Returns where it now is, and its status.

        Raises:
            SourceChanged: what lay there has changed since the plan was made, or what has the name
            that it should be put aside under is something else.
        """
        self._file.flush()
        mtime_ns = self._step.version.mtime_ns
        os.utime(self._file.fileno(), ns=(mtime_ns, mtime_ns))
        os.fsync(self._file.fileno())
        place = locate(self._root, self._step.target)
        make_directory(place.parent)
        if action in (Action.COMPLETE, Action.REPLACE):
            self._check_untouched(place)
            if action is Action.REPLACE:
                self._put_aside(place)
            self._incoming.replace(place)
        else:
            place = self._link(place)
        sync_directory(place.parent)
        return place, place.stat()

    def _link(self, place: Path) -> Path:
        """Never over anything: another restore, or a folder that a newer file needs, may be there.

        Twice the same bytes are one file; anything else gets ours put beside it.
        """
        try:
            os.link(self._incoming, place)
        except FileExistsError:
            own = read_local(self._incoming).version.identity
            if place.is_file() and self._holds(self._step.target, own):
                return place
            aside = beside(self._step.target, "restored", self._step.version.identity)
            place = self._root / aside
            if not self._holds(aside, own):
                os.link(self._incoming, place)
        return place

    def _holds(self, path: str, identity: str) -> bool:
        there = look(self._root, path)
        return there is not None and there.version.identity == identity

    def _check_untouched(self, place: Path) -> None:
        with open_plain(place) as file:
            if self._step.local is None or state_of(file) != self._step.local.state:
                raise SourceChanged(f"{self._step.target} has changed meanwhile, and stays")

    def _put_aside(self, place: Path) -> None:
        """Keep the local version under a name of its own; once is enough."""
        local = self._step.local
        if local is None:
            return
        aside = beside(self._step.target, "replaced", local.version.identity)
        try:
            os.link(place, self._root / aside)
        except FileExistsError as error:
            if not self._holds(aside, local.version.identity):
                message = f"{aside} is another file, so {self._step.target} stays"
                raise SourceChanged(message, name=aside) from error
