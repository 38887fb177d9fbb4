"""The chunks of one backup, from whichever provider has a good copy."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from shared.chunk_store import places_of
from shared.errors import StorageError
from shared.format import Manifest
from shared.history import newest_first, numbers
from shared.provider import Reader

OpenReaders = Callable[[], Iterator[Reader]]


class ChunkSource:
    """What `manifest` names is read where `reader` should have it, else wherever `all_readers` do.

    A restore would also look at what every older backup calls a chunk. Nobody waits for that here,
    and no download is worth the memory: the newest backups' names and the plain one have to do.
    """

    def __init__(self, reader: Reader, manifest: Manifest, all_readers: OpenReaders) -> None:
        self._places = places_of((reader, manifest))
        self._service, self._all_readers = manifest.service, all_readers
        self._has_asked_others = False

    def read(self, digest: str, length: int) -> bytes:
        """The raw bytes, proven to be those; raises StorageError, naming what each place has."""
        try:
            return self._places.read(digest, length)
        except StorageError:
            self._ask_others()
            return self._places.read_by_any_name(digest, length)

    def _ask_others(self) -> None:
        """Learn what the newest backup of each provider calls its chunks, once."""
        if self._has_asked_others:
            return
        self._has_asked_others = True
        for reader in self._all_readers():
            self._places.readers.add(reader)
            with suppress(StorageError):  # its chunks may still be there by their plain names
                for newest in _newest(reader, self._service):
                    self._places.add(reader, newest.refs())


def _newest(reader: Reader, service: str) -> Sequence[Manifest]:
    """The newest that can be read; nothing where there is none."""
    made = newest_first(reader, numbers(reader), service, [], any_age=True)
    newest = next(made, None)
    return (newest,) if newest else ()
