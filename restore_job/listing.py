"""Which backups there are, or with a pattern which files one of them holds."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from arguments import Arguments
from shared.archive import read_archive
from shared.errors import NothingMatches, StorageError
from shared.format import FileEntry, Manifest
from shared.history import newest_first, numbers
from shared.provider import Reader
from shared.selection import matches
from shared.settings import RestoreSettings


@dataclass
class Listing:
    """One provider's backups, newest first; with a pattern the files of the wanted one."""

    provider: str
    backups: list[Manifest] = field(default_factory=list)
    files: list[FileEntry] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    error: str | None = None

    def as_dict(self) -> dict[str, object]:
        """For JSON: backups without their files, which --file shows."""
        return {
            "provider": self.provider,
            "backups": [_summary(backup) for backup in self.backups],
            "files": [entry.model_dump(mode="json") for entry in self.files],
            "damaged": self.damaged,
            "error": self.error,
        }


def list_backups(
    readers: Sequence[Reader], settings: RestoreSettings, arguments: Arguments
) -> list[Listing]:
    """Look at every provider; one that does not answer is told of in its listing.

    Raises:
        NothingMatches: files were asked for, all providers answered, and none has such a file.
    """
    listings = [_listing(reader, settings.service_name, arguments) for reader in readers]
    has_backups = any(listing.backups for listing in listings)
    is_answered = any(listing.files or listing.error for listing in listings)
    if arguments.file and has_backups and not is_answered:
        patterns = ", ".join(arguments.file)
        raise NothingMatches(f"no file of such a backup matches {patterns}")
    return listings


def _listing(reader: Reader, service: str, arguments: Arguments) -> Listing:
    listing = Listing(reader.address)
    try:
        made = newest_first(reader, numbers(reader), service, listing.damaged, any_age=True)
        listing.backups = list(made)
        if arguments.file and listing.backups:
            listing.files = _files(reader, service, arguments)
    except StorageError as error:
        listing.error = str(error)
    return listing


def _files(reader: Reader, service: str, arguments: Arguments) -> list[FileEntry]:
    with suppress(NothingMatches):  # another provider may have the wanted backup
        archive = read_archive([reader], service, arguments.wanted)
        return [entry for entry in archive.files if matches(entry.path, arguments.file)]
    return []


def _summary(backup: Manifest) -> dict[str, object]:
    return {
        "number": backup.number,
        "created_at": backup.created_at,
        "reason": backup.reason,
        "by": backup.by.job,
        "files": len(backup.files),
        "raw_bytes": backup.raw_bytes,
        "partial": backup.partial,
        "warnings": list(backup.warnings),
    }
