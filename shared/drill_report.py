"""The verdict of a drill, kept with the backups.

Prune heeds the newest one and keeps the newest backup that passed; a drill that time ran out on
is gone on with from what it has proven.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import ConfigDict, Field

from shared.document import LARGEST_DOCUMENT, Document, encode, parse
from shared.errors import (
    LostRace,
    Malformed,
    ObjectDamaged,
    ObjectExists,
    ObjectMissing,
    StorageError,
)
from shared.format import Digest
from shared.names import DRILLS, drill_name, drill_number
from shared.provider import Provider, Reader

SAME_SECOND = 10  # drills that may begin in it: each further one is named for the next second


class DrillReport(Document):
    """The verdict on the archive as a restore would find it now."""

    model_config = ConfigDict(title="drill report")

    passed: bool
    partial: bool = False  # time ran out: what has not been read may be good or bad
    number: int  # of the newest backup that could be read; 0 for none
    backups: dict[str, int] = Field(default_factory=dict)  # provider's address to number
    started_at: str
    seconds: float
    files: int = 0
    versions: int = 0  # current and earlier ones
    raw_bytes: int = 0
    lost: dict[str, str] = Field(default_factory=dict)  # path to what is missing, and why
    lost_chunks: tuple[str, ...] = ()  # digests of which there is no good copy
    proven: tuple[Digest, ...] = ()  # of a partial one: chunks that the next need not read again
    gaps: tuple[str, ...] = ()  # numbers that no backup has: pruned, or deleted by hand
    unreachable: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    foreign: tuple[str, ...] | None = None  # objects that are none of ours; None: nobody looked
    warnings: tuple[str, ...] = ()

    @property
    def is_first_boot(self) -> bool:
        """Every provider answered and is empty: nothing to prove, and nothing wrong."""
        return not (self.backups or self.unreachable or self.unreadable)

    @property
    def result(self) -> str:
        """In a word or two; what is known to be damaged counts more than what was not read."""
        if self.is_first_boot:
            return "nothing to drill"
        if self.partial and not (self.lost or self.unreachable or self.unreadable):
            return "partial"
        return "passed" if self.passed else "failed"


def store_report(provider: Provider, report: DrillReport) -> str:
    """Keep the verdict with the backups: prune never drops the newest one that passed.

    Raises:
        LostRace: as many drills began in these seconds as have names.
        StorageError: it could not be kept.
    """
    started_at = datetime.fromisoformat(report.started_at)
    for seconds in range(SAME_SECOND):
        name = drill_name(report.number, started_at + timedelta(seconds=seconds))
        try:
            provider.put(name, encode(report))
        except ObjectExists:
            continue
        return name
    raise LostRace(f"{SAME_SECOND} drills of backup {report.number} began at once", name=name)


def newest_report_name(reader: Reader) -> str | None:
    """The newest verdict's name, by the time of its drill; raises StorageError."""
    return max((info.name for info in reader.list(DRILLS)), key=_time_of, default=None)


def newest_of_each(names: Iterable[str]) -> dict[int, str]:
    """By a backup's number, the name of its newest verdict; the newest of all comes first."""
    newest: dict[int, str] = {}
    for name in sorted(names, key=_time_of, reverse=True):
        newest.setdefault(drill_number(name), name)
    return newest


def read_report(reader: Reader, name: str) -> DrillReport:
    """One verdict; raises Malformed, ObjectDamaged, ObjectMissing, StorageError."""
    return parse(DrillReport, reader.get(name, LARGEST_DOCUMENT), name)


def unfinished(reader: Reader) -> DrillReport | None:
    """The newest verdict, if time ran out on it; raises StorageError."""
    name = newest_report_name(reader)
    try:
        report = read_report(reader, name) if name else None
    except (Malformed, ObjectDamaged, ObjectMissing):
        return None  # then nothing counts as proven, which is the careful answer
    return report if report and report.partial else None


def every_report(reader: Reader, warnings: list[str]) -> list[DrillReport]:
    """All verdicts that can be read, the newest last; raises StorageError."""
    reports = []
    for info in reader.list(DRILLS):
        try:
            reports.append(read_report(reader, info.name))
        except (Malformed, StorageError) as error:
            warnings.append(f"{info.name} cannot be read: {error.message}")
    return sorted(reports, key=lambda report: report.started_at)


def _time_of(name: str) -> str:
    return name[-len("20261122T203000Z.json") :]
