"""The start step: a look at the data, a restore, another look, and a receipt whatever comes of it.

Where all was there already, the first look stands for the second. The receipt is what the logger
goes by that starts next.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from shared.errors import TooNew
from shared.integrity import Expectations, Integrity, check
from shared.names import timestamp
from shared.newest_row import newest_row
from shared.progress import Progress
from shared.provider import Reader
from shared.receipt import Outcome, Receipt, keep_receipt, read_receipt
from shared.restore import Options, restore
from shared.selection import Selection
from shared.settings import RestoreSettings
from shared.time_limit import TimeLimit

LOOKING = 0.005  # share of the time limit for reading in each look: the restore needs the rest


@dataclass(frozen=True)
class Started:
    """What a start step came to."""

    receipt: Receipt
    before: Integrity
    after: Integrity


class StartStep:
    """One start step into DATA_DIR."""

    def __init__(self, settings: RestoreSettings, root: Path, options: Options) -> None:
        self._service, self._root, self._options = settings.service_name, root, options
        self._selection = Selection(settings.backup_include, settings.backup_exclude)
        self._expected = Expectations(
            self._selection, settings.freshness_hours, settings.critical_files
        )
        self.before = self._look(read_receipt(root))

    def run(self, providers: Sequence[Reader], progress: Progress) -> Started:
        """Restore, and keep the receipt; raises TooNew."""
        began = datetime.now(UTC)
        try:
            receipt = restore(providers, self._service, self._root, self._options, progress)
        except TooNew as error:
            self._keep(_nothing(self._root, began, error), began)
            raise
        receipt = self._keep(receipt, began)
        is_as_before = receipt.kept_files and not receipt.restored_files
        after = self.before if is_as_before else self._look(receipt)
        return Started(receipt, self.before, after)

    def _look(self, last: Receipt | None) -> Integrity:
        seconds = self._options.seconds
        return check(self._root, self._expected, last, TimeLimit(seconds and seconds * LOOKING))

    def _keep(self, receipt: Receipt, began: datetime) -> Receipt:
        """With what no restore alone can tell: up to when there is history now."""
        newest = newest_row(self._root, self._selection)
        if newest:
            missing = max(0.0, (began - newest.at).total_seconds())
            told = {
                "newest_row": timestamp(newest.at),
                "newest_row_by": newest.by,
                "missing_seconds": round(missing, 3),
            }
            receipt = receipt.model_copy(update=told)
        return keep_receipt(self._root, receipt)


def _nothing(root: Path, began: datetime, error: TooNew) -> Receipt:
    """For backups that this version cannot read; what earlier restores left stays known."""
    last = read_receipt(root)
    return Receipt(
        outcome=Outcome.NOTHING,
        directory=os.fsencode(root).decode(errors="backslashreplace"),
        started_at=timestamp(began),
        unreadable=(str(error),),
        states=last.states if last else {},
    )
