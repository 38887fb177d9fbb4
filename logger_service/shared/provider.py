"""Where backups are kept: five verbs behind one gate.

The gate checks names, counts operations and settles a refused create that was one's own
earlier success (rule 2); a provider only does the input and output. Restore and drill are
given a `Reader`, a type that cannot write.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from shared.errors import ObjectExists, UnsafePath
from shared.names import FOLDERS, check_object_name, is_object_name


@dataclass(frozen=True)
class ObjectInfo:
    """What a provider knows of an object without reading it."""

    name: str
    size: int  # bytes
    generation: int  # changes whenever the object's bytes may have
    created_at: datetime  # aware, by the provider's clock


class Reader(ABC):
    """The reading half of a provider."""

    kind: str  # "local" or "gcs"
    address: str  # as a person writes it: gs://bucket/prefix or a directory

    def __init__(self) -> None:
        self.operations: Counter[str] = Counter()
        self._counting = Lock()

    def get(self, name: str, limit: int) -> bytes:
        """The bytes of an object of at most `limit` bytes.

        Raises:
            ObjectMissing, ObjectDamaged (larger than `limit`), StorageError.
        """
        self._count("get")
        return self._get(check_object_name(name), limit)

    def stat(self, name: str) -> ObjectInfo:
        """What is known of an object; raises ObjectMissing, StorageError."""
        self._count("stat")
        return self._stat(check_object_name(name))

    def list(self, prefix: str, after: str = "") -> Iterator[ObjectInfo]:
        """The objects below one of our folders in the order of their names.

        What else lies there is passed over, such as the empty object that a console makes for
        a folder. `after` leaves out every name up to it and itself. A place that holds nothing
        yet gives nothing; raises StorageMissing for a missing bucket, and StorageError.
        """
        if prefix not in FOLDERS:
            raise UnsafePath(f"{prefix!r} is not a folder of ours", name=prefix)
        self._count("list")
        return (info for info in self._list(prefix, after) if is_object_name(info.name))

    def foreign(self) -> Iterator[str]:
        """The names of what lies among our objects and is none of ours; raises as `list` does.

        The empty object that a console makes for a folder is nobody's.
        """
        self._count("list")
        names = (info.name for info in self._list("", ""))
        return (name for name in names if not is_object_name(name) and not name.endswith("/"))

    def _count(self, verb: str) -> None:
        with self._counting:
            self.operations[verb] += 1

    @abstractmethod
    def _get(self, name: str, limit: int) -> bytes: ...

    @abstractmethod
    def _stat(self, name: str) -> ObjectInfo: ...

    @abstractmethod
    def _list(self, prefix: str, after: str) -> Iterator[ObjectInfo]: ...


class Provider(Reader):
    """A reader that can also create, and where the key allows it, delete."""

    def put(self, name: str, data: bytes) -> ObjectInfo:
        """Create an object, or find that it is already there with the same bytes.

        Raises:
            ObjectExists: the name is taken by other bytes.
            StorageError: it could not be created.
        """
        self._count("put")
        try:
            return self._put(check_object_name(name), data)
        except ObjectExists:
            info = self.stat(name)
            if info.size == len(data) and self.get(name, len(data)) == data:
                return info
            raise

    def delete(self, name: str, generation: int) -> None:
        """Delete the object if it still is of this generation; one that is gone is fine.

        Raises:
            ObjectExists: it has been replaced since.
            StorageError: it could not be deleted.
        """
        self._count("delete")
        self._delete(check_object_name(name), generation)

    def sweep(self) -> None:
        """Delete what writers that were killed left; a store of whole objects has nothing."""

    @abstractmethod
    def _put(self, name: str, data: bytes) -> ObjectInfo:
        """Create only: raises ObjectExists when the name is taken, whatever by."""

    @abstractmethod
    def _delete(self, name: str, generation: int) -> None: ...
