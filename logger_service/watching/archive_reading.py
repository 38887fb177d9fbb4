"""One provider's archive as a reader learns it: which backups there are, and what each one says.

While nothing changes, a look is one question for the next number; a whole listing costs twelve
times as much. Each manifest is read once, the newest first, and then each drill's verdict.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic

from shared.errors import ObjectDamaged, ObjectMissing, TooNew
from shared.format import Manifest
from shared.history import read_manifest
from shared.names import BACKUPS, manifest_name, number_of
from shared.provider import Reader
from shared.prune_record import newest_record
from watching.added_bytes import Files, added_bytes
from watching.archive_state import ArchiveState, BackupSummary
from watching.drill_reading import DrillReading

LISTING_SECONDS = 15 * 60  # between two whole listings, which show what has been pruned

Key = tuple[int, int]  # a number, and the generation of the manifest that has it


class ArchiveReading:
    """What `reader` holds of `service`; any thread may read `state`, and one looks."""

    def __init__(
        self, reader: Reader, service: str, clock: Callable[[], float] = monotonic
    ) -> None:
        self._reader, self._service, self._clock = reader, service, clock
        self._listed_at: float | None = None
        self._keys: list[Key] = []  # of all backups there are, newest first
        self._read: dict[Key, BackupSummary] = {}
        self._unreadable: dict[Key, str] = {}
        self._files: dict[Key, Files] = {}  # of backups, to compare others with
        self._newest: Key | None = None  # that could be read
        self._drills = DrillReading(reader)
        self.state = ArchiveState(reader.kind, reader.address)

    def look(self, *, whole: bool = False) -> None:
        """Learn which backups there are; of the newest, also what it says. Raises BackupError.

        `whole` has everything listed: also drills and prunes.
        """
        if whole or self._is_listing_due() or self._has_next():
            self._list()
        self.state = replace(self.state, looked_at=datetime.now(UTC))
        if self._unread()[:1] == self._keys[:1]:
            self.read_next()

    def read_next(self) -> bool:
        """Read one more backup, the newest of the unread, or else one more drill's verdict.

        Whether there was one to read.

        Raises:
            StorageError: the provider failed.
        """
        unread = self._unread()
        if unread:
            self._read_one(unread[0])
        elif not self._drills.read_next():
            return False
        self._tell()
        return True

    def _is_listing_due(self) -> bool:
        return self._listed_at is None or self._clock() - self._listed_at > LISTING_SECONDS

    def _has_next(self) -> bool:
        newest = self._keys[0][0] if self._keys else 0
        with suppress(ObjectMissing):
            self._reader.stat(manifest_name(newest + 1))
            return True
        return False

    def _list(self) -> None:
        named = ((number_of(info.name), info.generation) for info in self._reader.list(BACKUPS))
        keys = [(number, generation) for number, generation in named if number is not None]
        self._keys = keys[::-1]
        self._unreadable.clear()  # a listing is time to try those again
        is_anew = self._newest not in keys  # nobody prunes the newest: the archive was emptied
        for known in (self._read, self._files):
            for key in list(known) if is_anew else known.keys() - set(keys):
                del known[key]
        self._drills.list({number for number, _ in keys})
        last_prune = newest_record(self._reader)
        self.state = replace(self.state, last_drill=self._drills.newest, last_prune=last_prune)
        self._listed_at = self._clock()
        self._tell()

    def _unread(self) -> list[Key]:
        return [key for key in self._keys if key not in self._read and key not in self._unreadable]

    def _read_one(self, key: Key) -> None:
        number, _ = key
        try:
            manifest = read_manifest(self._reader, number)
        except ObjectMissing:
            self._keys.remove(key)  # pruned since it was listed
            return
        except (ObjectDamaged, TooNew) as error:
            self._unreadable[key] = error.message
            return
        if manifest.service != self._service:
            self._unreadable[key] = f"it is of another service, {manifest.service!r}"
            return
        self._read[key] = _summary(manifest)
        self._files[key] = {entry.path: entry for entry in manifest.files}
        self._compare(self._keys.index(key))
        if key == next(one for one in self._keys if one in self._read):
            self._newest = key
            sizes = {entry.path: entry.size for entry in manifest.files}
            forgotten = frozenset(manifest.forgotten_paths)
            self.state = replace(self.state, sizes=sizes, forgotten=forgotten)

    def _compare(self, index: int) -> None:
        """Tell what a backup added to the one before it, as soon as both have been read."""
        for newer in (index - 1, index):
            pair = self._keys[newer : newer + 2] if newer >= 0 else []
            if pair and all(key in self._files for key in pair):
                before = self._files[pair[1]] if pair[1:] else {}
                if pair[1:] or pair[0][0] == 1:  # of the oldest, the one before may be gone
                    new = added_bytes(self._files[pair[0]], before)
                    self._read[pair[0]] = replace(self._read[pair[0]], new_bytes=new)
        self._drop_files()

    def _drop_files(self) -> None:
        """Keep those that a backup may still be compared with: the newest, and beside unread."""
        unread = set(self._unread())
        for position, key in enumerate(self._keys):
            beside = self._keys[max(position - 1, 0) : position + 2]
            if position and not unread.intersection(beside):
                self._files.pop(key, None)

    def _tell(self) -> None:
        backups = tuple(self._read[key] for key in self._keys if key in self._read)
        if not backups:
            self.state = replace(self.state, sizes={}, forgotten=frozenset())
        self.state = replace(
            self.state,
            numbers=tuple(number for number, _ in self._keys),
            backups=backups,
            unreadable={number: why for (number, _), why in self._unreadable.items()},
            drills=self._drills.verdicts,
        )


def _summary(manifest: Manifest) -> BackupSummary:
    return BackupSummary(
        number=manifest.number,
        created_at=manifest.made_at.astimezone(UTC),
        taken_at=datetime.fromisoformat(manifest.snapshot.taken_at).astimezone(UTC),
        reason=manifest.reason,
        job=manifest.by.job,
        instance=manifest.by.instance,
        files=len(manifest.files),
        raw_bytes=manifest.raw_bytes,
        new_bytes=None,
        partial=manifest.partial,
        warnings=manifest.warnings,
    )
