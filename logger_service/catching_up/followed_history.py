"""One provider's history, followed backup by backup for what is wanted here.

Numbers follow each other, so a look at it is one question for the next name: a listing costs a
hundred times as much. Of a backup, what it changed is wanted, unless it was made from this very
logger's files.
"""

from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from catching_up.what_is_here import UNKNOWN, Here
from shared.errors import ObjectDamaged, ObjectMissing
from shared.format import Manifest
from shared.history import numbers, read_manifest
from shared.names import manifest_name
from shared.provider import Reader

LISTING_SECONDS = 15 * 60  # between two whole listings, which see it when numbers have jumped


class FollowedHistory:
    """What `reader` has of `service`, less what came from `instance` itself.

    `number` is the newest backup that was seen; None before the first listing, after which
    everything is wanted once. `is_unsure` while the newest could not be read: what it holds beyond
    the others is not known.
    """

    def __init__(
        self,
        reader: Reader,
        service: str,
        instance: str,
        here: Here = UNKNOWN,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._reader, self._service, self._instance = reader, service, instance
        self._clock = clock
        self._listed_at = clock()
        self._shown: dict[str, str] | None = None  # path to identity, by the newest readable one
        self.is_unsure = False  # until a newer backup can be read
        self.number = here.number
        self.readable = here.number or 0  # the newest that could be read
        self.wanted = set(here.lacking)

    def look(self) -> None:
        """Read the backups that have come since the last look; raises StorageError, TooNew."""
        if self.number is None:
            self._begin()
        elif self._clock() - self._listed_at > LISTING_SECONDS:
            self._list(self.number)
        else:
            while self._is_there(self.number + 1):
                self._read(self.number + 1)

    def _list(self, seen: int) -> None:
        found, self._listed_at = numbers(self._reader), self._clock()
        if max(found, default=0) < seen:  # somebody has emptied the archive, and it begins anew
            self._begin()
        for number in found:
            self._read(number)

    def _is_there(self, number: int) -> bool:
        with suppress(ObjectMissing):
            self._reader.stat(manifest_name(number))
            return True
        return False

    def _read(self, number: int) -> None:
        if self.number is None or number <= self.number:
            return
        if self._shown is None and not self._read_base(self.number):
            self._begin()
            return
        if manifest := self._manifest(number):
            self._take(manifest, follows=number == self.number + 1)
        self.number = number

    def _read_base(self, number: int) -> bool:
        """Learn what was here already; False where that cannot be told any more."""
        if number == 0:
            self._shown = {}
        elif base := self._manifest(number):
            self._shown = _identities(base)
        return self._shown is not None

    def _begin(self) -> None:
        """Want everything but what came from here since the newest backup that did not."""
        found, self._listed_at = numbers(self._reader), self._clock()
        own, base = [], None
        for number in reversed(found):
            manifest = self._manifest(number)
            if manifest and not self._is_own(manifest):
                base = manifest
                break
            own += [manifest] if manifest else []
        if base is None and own and own[-1].number > 1:
            base = own.pop()  # what it carries over from backups that are gone is not from here
        self._shown = {}
        if base:
            self._shown, self.readable = _identities(base), base.number
            self.wanted |= self._shown.keys()
        before = base.number if base else 0
        for manifest in reversed(own):
            self._take(manifest, follows=manifest.number == before + 1)
            before = manifest.number
        self.number = found[-1] if found else 0

    def _manifest(self, number: int) -> Manifest | None:
        """A backup of this service; None for any other, and for one that cannot be read."""
        try:
            manifest = read_manifest(self._reader, number)
        except (ObjectDamaged, ObjectMissing):
            self.is_unsure = True
            return None
        return manifest if manifest.service == self._service else None

    def _take(self, manifest: Manifest, *, follows: bool) -> None:
        """Want what a backup changed; what came from here since it was wanted is settled.

        A state file that is rewritten here all the time would otherwise come back to lie beside
        itself after each backup.
        """
        shown, self._shown = self._shown or {}, _identities(manifest)
        changed = {path for path, version in self._shown.items() if shown.get(path) != version}
        if self._is_own(manifest) and follows and not self.is_unsure:
            self.wanted -= changed
        else:
            self.wanted |= changed
        self.is_unsure, self.readable = False, manifest.number

    def _is_own(self, manifest: Manifest) -> bool:
        return manifest.snapshot.instance == self._instance


def _identities(manifest: Manifest) -> dict[str, str]:
    return {entry.path: entry.identity for entry in manifest.files}
