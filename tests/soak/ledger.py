"""What the recorders have put on disk, as their processes themselves have taken it down.

The ledger lies outside of every disk of the platform, so nothing that happens to one of them
changes what is known to have been there.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from soak.waiting import wait_until

_HEADER = "ts_utc,"


@dataclass(frozen=True)
class Row:
    """A line of a recorder's file that an fsync has put on disk."""

    at: float  # when that was done, in seconds since 1970
    disk: str  # the platform's instance
    file: str  # relative to the data directory
    text: str

    @property
    def logger(self) -> str:
        """The process that wrote it, by the id in its file's name."""
        return self.file.split(".")[1]

    @property
    def time(self) -> float:
        """When it was recorded, as it says itself; seconds since 1970."""
        return datetime.fromisoformat(self.text.partition(",")[0]).timestamp()


class Ledger:
    """All the rows so far; `read` takes in what has come since."""

    def __init__(self, place: Path) -> None:
        self.rows: list[Row] = []
        self.lines: dict[str, list[str]] = defaultdict(list)  # of each file, with its header
        self.place, self._read = place, 0

    def read(self) -> None:
        """Take in what is new."""
        if not self.place.exists():
            return
        with self.place.open("rb") as file:
            file.seek(self._read)
            whole, end, _ = file.read().rpartition(b"\n")
        self._read += len(whole) + len(end)
        for line in whole.decode("ascii").splitlines():
            at, disk, name, text = line.split("\t")
            self.lines[name].append(text)
            if not text.startswith(_HEADER):
                self.rows.append(Row(float(at), disk, name, text))

    def wait_for_rows(self, count: int) -> None:
        """Return when so many more rows have been recorded."""
        self.read()
        begun = len(self.rows)

        def recorded() -> bool:
            self.read()
            return len(self.rows) >= begun + count

        wait_until(recorded, f"{count} more rows")

    @property
    def loggers(self) -> dict[str, str]:
        """The disk of each logger."""
        return {row.logger: row.disk for row in self.rows}
