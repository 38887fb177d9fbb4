"""How a background job fails, and the status that whoever waits for it is answered."""

import logging

from shared.errors import BackupError, Malformed, NothingMatches, SourceError, StorageError

_STATUS: tuple[tuple[type[BackupError], int], ...] = (
    (NothingMatches, 404),
    (SourceError, 502),
    (Malformed, 502),
    (StorageError, 503),
)
_log = logging.getLogger(__name__)


class JobFailed(BackupError):
    """A job that has a `result` all the same: what went well is told, too."""

    def __init__(self, message: str, result: object, *, hint: str = "", status: int = 503) -> None:
        super().__init__(message, hint=hint, status=status)
        self.result = result


def status_of(error: BackupError) -> int:
    """The status to answer; what is not named here is ours to mend: 500."""
    if isinstance(error, JobFailed):
        return error.status or 500
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def as_ours(error: Exception) -> BackupError:
    """The error itself, or for one that nobody foresaw one that says so."""
    if isinstance(error, BackupError):
        return error
    _log.error("An error that nobody foresaw", exc_info=error)
    return BackupError(f"unforeseen: {error!r}", hint="The log has the trace")


def described(error: BackupError) -> dict[str, object]:
    """The error as a job tells it."""
    return {**error.as_dict(), "status": status_of(error)}
