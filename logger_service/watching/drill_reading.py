"""How the drills of one provider's backups went, as a reader learns it: each verdict once.

Of a backup the newest drill counts. Prune leaves verdicts behind, so those of backups that are
gone are passed over.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress

from shared.drill_report import DrillReport, newest_of_each, read_report
from shared.errors import Malformed, ObjectDamaged, ObjectMissing
from shared.names import DRILLS
from shared.provider import Reader
from watching.archive_state import DrillVerdict


class DrillReading:
    """The verdicts that `reader` has; `newest` is the newest one whole, whatever it is about."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._names: dict[int, str] = {}  # of a backup's newest verdict, the newest drill first
        self._read: dict[str, DrillVerdict | None] = {}  # by name; None for one that is no good
        self.newest: DrillReport | None = None

    @property
    def verdicts(self) -> Mapping[int, DrillVerdict]:
        """By the backup's number, those that have been read by now."""
        known = ((number, self._read.get(name)) for number, name in self._names.items())
        return {number: verdict for number, verdict in known if verdict}

    def list(self, numbers: Collection[int]) -> None:
        """Learn which there are of these backups; of the newest, also what it says.

        Raises:
            StorageError: the provider failed.
        """
        names = newest_of_each(info.name for info in self._reader.list(DRILLS))
        self.newest = self._report(next(iter(names.values()), ""))
        self._names = {number: name for number, name in names.items() if number in numbers}
        self._read = {name: self._read[name] for name in names.values() if name in self._read}

    def read_next(self) -> bool:
        """Read one more verdict; whether there was one to read. Raises StorageError."""
        unread = next((name for name in self._names.values() if name not in self._read), "")
        if unread:
            self._report(unread)
        return bool(unread)

    def _report(self, name: str) -> DrillReport | None:
        if not name:
            return None
        report = None
        with suppress(Malformed, ObjectDamaged, ObjectMissing):
            report = read_report(self._reader, name)
        self._read[name] = DrillVerdict(report.result, report.started_at) if report else None
        return report
