"""Which files of an archive a restore is about, and in which order it brings them."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from shared.archive import Archive
from shared.errors import NothingMatches
from shared.format import FileEntry
from shared.selection import matches


@dataclass(frozen=True)
class Choice:
    """Those that match the patterns, if any are given, and of them those of the paths, if any."""

    patterns: tuple[str, ...] = ()
    paths: Collection[str] | None = None
    critical: tuple[str, ...] = ()  # files that match come first

    def of(self, archive: Archive, root: Path) -> list[FileEntry]:
        """The files wanted, the most urgent first; raises NothingMatches."""
        entries = [one for one in archive.files if not self.patterns or self._fits(one)]
        if self.patterns and archive.backups and not entries:
            raise NothingMatches(
                f"no file of the backup matches {', '.join(self.patterns)}",
                hint="--list --file '*' shows all of them",
            )
        if self.paths is not None:
            entries = [entry for entry in entries if entry.path in self.paths]

        def urgency(entry: FileEntry) -> tuple[bool, bool, int]:
            """Critical ones; then the missing, before what must be compared; the newest first."""
            is_critical = matches(entry.path, self.critical)
            return not is_critical, os.path.lexists(root / entry.path), -entry.mtime_ns

        return sorted(entries, key=urgency)

    def _fits(self, entry: FileEntry) -> bool:
        return matches(entry.path, self.patterns)
