"""Which rows are missing, and whether the promise allows that.

A crash that takes the disk may take what was written since the last backup; so may the shutdown
of an instance for whose whole length the storage refused. Every other row is to be in the archive
and with the running logger.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from soak.evidence import Files, Taken
from soak.ledger import Ledger, Row

LINES_OF_ONE_WRITE = 2  # of one source: the first row comes with the header


class Cause(StrEnum):
    """Why a row is gone for good."""

    CRASH = "SIGKILL took the disk"
    REFUSED = "storage refused the whole shutdown"
    NONE = "no cause that the promise allows"


@dataclass
class Losses:
    """What was lost so far, and which disks may have lost something."""

    gone: dict[str, Cause] = field(default_factory=dict)  # by disk
    rows: dict[Row, Cause] = field(default_factory=dict)

    @property
    def by_cause(self) -> dict[str, int]:
        """How many rows."""
        found = Counter(self.rows.values())
        return {cause: found[cause] for cause in Cause}

    def missing(
        self, ledger: Ledger, until: float, archive: Files, live: Files
    ) -> dict[Row, list[str]]:
        """The rows put on disk until then, and not lost before, with where each is missing."""
        places = {"the archive": lines_of(archive), "the running logger": lines_of(live)}
        due = [row for row in ledger.rows if row.at <= until and row not in self.rows]
        found = {
            row: [place for place, held in places.items() if row.text not in held.get(row.file, ())]
            for row in due
        }
        return {row: where for row, where in found.items() if where}

    def explain(
        self, missing: dict[Row, list[str]], loggers: dict[str, str], covers: Sequence[Taken]
    ) -> dict[Row, Cause]:
        """The cause of each missing row; one that is somewhere is not lost with its disk."""
        covered = covered_until(loggers, covers)
        return {
            row: self.gone[row.disk]
            if len(where) == 2 and row.disk in self.gone and row.at > covered.get(row.disk, 0)
            else Cause.NONE
            for row, where in missing.items()
        }


def covered_until(loggers: dict[str, str], covers: Iterable[Taken]) -> dict[str, float]:
    """Up to when each disk is in a backup."""
    until: dict[str, float] = {}
    for taken in covers:
        if disk := loggers.get(taken.logger):
            until[disk] = max(taken.at, until.get(disk, 0))
    return until


def lines_of(files: Files) -> dict[str, set[str]]:
    """The lines of each file."""
    return {path: set(content.decode("ascii").splitlines()) for path, content in files.items()}


def file_faults(ledger: Ledger, files: Files, place: str) -> list[str]:
    """Files that are no beginning of what their recorder wrote, or hold a row twice.

    The ledger must have been read after the files.
    """
    faults = []
    for path, content in files.items():
        known = "".join(f"{line}\n" for line in ledger.lines.get(path, [])).encode()
        shared = min(len(content), len(known))
        # One write may lack in the ledger: a kill may come after its fsync, or before.
        unknown = content[shared:].count(b"\n")
        if content[:shared] != known[:shared] or unknown > LINES_OF_ONE_WRITE:
            faults.append(f"{path} in {place} is no beginning of what was recorded")
        lines = content.splitlines()
        if len(set(lines)) < len(lines):
            faults.append(f"{path} in {place} has a row twice")
    return faults
