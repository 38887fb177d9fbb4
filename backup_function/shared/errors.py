"""What can go wrong, each error named for what happened.

Every error says which object it is about, what was found and what to do about it (`hint`),
and each process turns them into an HTTP status or an exit code in one place only.
"""


class BackupError(Exception):
    """Base of every error that this system raises on purpose."""

    def __init__(
        self, message: str, *, name: str = "", hint: str = "", status: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.name = name  # of the object, path, setting or address that it is about
        self.hint = hint
        self.status = status  # the HTTP status that said so, where one did

    def __str__(self) -> str:
        return f"{self.message}. {self.hint}" if self.hint else self.message

    def as_dict(self) -> dict[str, object]:
        """The error for a JSON answer: kind, message and whatever else is known."""
        details = {"name": self.name, "hint": self.hint, "status": self.status}
        known = {key: value for key, value in details.items() if value}
        return {"error": type(self).__name__, "message": self.message, **known}


class BadSettings(BackupError):
    """A setting is missing, malformed or out of range."""


class UnsafePath(BackupError):
    """A path or an object name is not one that we would ever write to (rule 12)."""


class Malformed(BackupError):
    """A snapshot, a manifest or a frame is not what its format says."""


class TooNew(BackupError):
    """A manifest wants a newer reader than this one."""


class SourceError(BackupError):
    """What is to be backed up could not be read; the base of three more exact kinds."""


class SourceUnreachable(SourceError):
    """The logger did not answer, or not in time."""


class SourceRefused(SourceError):
    """The logger answered, and would not or could not give what was asked for."""


class SourceChanged(SourceError):
    """The bytes read are not the ones that the snapshot announced."""


class StorageError(BackupError):
    """A provider failed; the base of the more exact kinds below."""


class StorageUnavailable(StorageError):
    """The provider did not answer, or failed, after all retries."""


class StorageForbidden(StorageError):
    """The provider answered, and this key lacks a right."""


class StorageMissing(StorageError):
    """The bucket or the directory that should hold the backups does not exist."""


class ObjectMissing(StorageError):
    """No object of this name."""


class ObjectExists(StorageError):
    """A create was refused: another object has this name, with other bytes."""


class ObjectDamaged(StorageError):
    """An object is there, but its bytes are not what its name promises."""


class LostRace(StorageError):
    """Other writers took the next number again and again."""


class NothingMatches(BackupError):
    """No backup of this number or time, or no file of this pattern."""
