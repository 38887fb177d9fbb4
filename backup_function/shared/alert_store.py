"""Where the function keeps what it has told: numbered objects, of which the newest counts.

Creating the next number is the commit, as with backups. What cannot be read, or is of another
service, counts for nothing and is deleted with the older ones.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from shared.document import LARGEST_DOCUMENT, encode, parse
from shared.errors import Malformed, ObjectDamaged, ObjectExists, ObjectMissing, StorageError
from shared.names import ALERTS, alerts_name, alerts_number
from shared.provider import ObjectInfo, Provider
from shared.told import Told

KEPT = 3  # newest ones: a slow writer must not find the number free that it takes for the next
MOST_DELETED = 20  # at once: a call's answer waits for it
LARGEST_NUMBER = 99_999_999  # that a name can hold


@dataclass(frozen=True)
class Kept:
    """What is stored: the newest that counts, and all that lie there."""

    told: Told
    number: int = 0  # 0 where nothing is stored yet
    generation: int = 0
    infos: tuple[ObjectInfo, ...] = ()

    @property
    def next_number(self) -> int:
        """The first that is free after the newest; 1 once they have run out."""
        taken = {alerts_number(info.name) for info in self.infos}
        after = range(self.number + 1, LARGEST_NUMBER + 1)
        return next((number for number in after if number not in taken), 1)


def read_kept(provider: Provider, service: str, known: Kept | None = None) -> Kept:
    """What is stored now, read only if it is not what is `known`; raises StorageError."""
    infos = tuple(provider.list(ALERTS))
    for info in reversed(infos):
        number = alerts_number(info.name)
        if known and (number, info.generation) == (known.number, known.generation):
            return Kept(known.told, known.number, known.generation, infos)
        try:
            told = parse(Told, provider.get(info.name, LARGEST_DOCUMENT), info.name)
        except (Malformed, ObjectDamaged, ObjectMissing):
            continue
        if told.service == service:
            return Kept(told, number, info.generation, infos)
    return Kept(Told(service=service), infos=infos)


def write_kept(provider: Provider, kept: Kept, told: Told) -> Kept | None:
    """Store it after `kept`; None if another writer was first. Raises StorageError."""
    number = kept.next_number
    before = kept.infos
    if number < kept.number:  # they have run out, as they do where somebody planted a great one
        _delete(provider, before)
        before = ()
    try:
        info = provider.put(alerts_name(number), encode(told))
    except ObjectExists:
        return None
    old = [one for one in before if not number - KEPT < alerts_number(one.name) <= number]
    _delete(provider, old)
    left = tuple(one for one in before if one not in old)
    return Kept(told, number, info.generation, (*left, info))


def _delete(provider: Provider, infos: Sequence[ObjectInfo]) -> None:
    """As far as the storage lets it: the next write tries again."""
    with suppress(StorageError):
        for info in infos[:MOST_DELETED]:
            provider.delete(info.name, info.generation)
