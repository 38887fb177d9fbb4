"""Waits until archive and running logger hold every row, and tells of those that never come."""

import time
from pathlib import Path

from soak.evidence import Archive, Live, Unreadable
from soak.ledger import Row
from soak.losses import Cause, Losses, file_faults
from soak.waiting import POLL_SECONDS
from soak.world import BUCKET, SERVICE, TOKEN, World

SECONDS = 30.0  # within which all that was recorded is in both
_BESIDE = (".restored-", ".replaced-", ".earlier-")


class Settling:
    """Looks at a world after each event; everything gets so many `seconds` to be there."""

    def __init__(self, world: World, losses: Losses, seconds: float = SECONDS) -> None:
        self._world, self._losses, self._seconds = world, losses, seconds
        self._archive = Archive(SERVICE)
        self.local_backups = 0  # looked at so far
        self._live = Live(world.render.url, TOKEN)

    def settle(self) -> list[str]:
        """What is wrong once everything had its time; rows that are missing then count as lost."""
        until, deadline = time.time(), time.monotonic() + self._seconds
        while True:
            try:
                lost, faults = self._look(until)
            except Unreadable as error:
                lost, faults = {}, [str(error)]
            has_no_cause = Cause.NONE in lost.values()
            if not (faults or has_no_cause) or time.monotonic() > deadline:
                break
            time.sleep(POLL_SECONDS * 10)
        self._losses.rows |= lost
        unexplained = [row for row, cause in lost.items() if cause is Cause.NONE]
        return faults + _told(unexplained) + self._local_faults()

    def _local_faults(self) -> list[str]:
        """What is wrong with the backups on the running instance's own disk."""
        archive, place = Archive(SERVICE), self._world.local_backups
        # Manifests first: what they name was there before them.
        files = [*place.rglob("backups/*.json"), *place.rglob("chunks/*/*.zst")]
        try:
            held = archive.files({str(one.relative_to(place)): one.read_bytes() for one in files})
        except Unreadable as error:
            return [f"on the instance's disk: {error}"]
        self.local_backups += len(archive.covers)
        self._world.ledger.read()
        return file_faults(self._world.ledger, held, "the local backups")

    def conflicts(self) -> int:
        """Files that a restore or the catch-up has put beside others, on the running instance."""
        data = self._world.render.instance.source / "data"
        names = (place.name for place in data.rglob("*"))
        return sum(any(mark in name for mark in _BESIDE) for name in names)

    def _look(self, until: float) -> tuple[dict[Row, Cause], list[str]]:
        """What is missing now, with its cause, and which files are not as they should be."""
        ledger = self._world.ledger
        archive = self._archive.files(self._world.storage.objects(BUCKET))
        live = self._live.files()
        ledger.read()
        missing = self._losses.missing(ledger, until, archive, live)
        lost = self._losses.explain(missing, ledger.loggers, self._archive.covers)
        faults = file_faults(ledger, archive, "the archive")
        return lost, faults + file_faults(ledger, live, "the running logger")


def _told(rows: list[Row]) -> list[str]:
    """One line for each file that lacks rows."""
    files = sorted({row.file for row in rows})
    return [
        f"{sum(row.file == file for row in rows)} rows of {Path(file).name} are lost"
        for file in files
    ]
