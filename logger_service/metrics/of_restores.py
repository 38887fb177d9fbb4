"""Metrics of the way back: the restore before this start, and the catch-up since."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import Metric

from catching_up.status import CatchUpStatus
from metrics.families import counter, gauge, one, unix
from shared.receipt import Outcome, Receipt


def of_restores(receipt: Receipt | None, status: CatchUpStatus) -> Iterator[Metric]:
    """Without a receipt, of the catch-up alone."""
    yield gauge("catch_up_files_left", "Files still to come", (), one(status.files_left))
    yield gauge("catch_up_bytes_left", "Of those that come just now", (), one(status.bytes_left))
    yield counter("catch_up_files", "Files that came", (), one(status.files_done))
    yield counter("catch_up_bytes", "Bytes that came", (), one(status.bytes_done))
    text = "Whether all that any provider is known to have is here"
    yield gauge("catch_up_whole", text, (), one(status.is_whole))
    if receipt is None:
        return
    outcomes = {(str(outcome),): float(receipt.outcome is outcome) for outcome in Outcome}
    yield gauge("restore_outcome", "1 for how the restore ended", ("outcome",), outcomes)
    started = datetime.fromisoformat(receipt.started_at)
    yield gauge("restore_timestamp_seconds", "When it began", (), one(unix(started)))
    yield gauge("restore_duration_seconds", "How long it took", (), one(receipt.seconds))
    yield gauge("restore_files", "Files that it brought", (), one(receipt.restored_files))
    yield gauge("restore_bytes", "Raw bytes that it brought", (), one(receipt.restored_bytes))
    yield gauge("restore_rows", "Rows that it brought", (), one(receipt.restored_rows))
    yield gauge("restore_problems", "Files that it missed", (), one(len(receipt.problems)))
    text = "From the newest row after it back to its beginning: what may be missing"
    yield gauge("restore_missing_seconds", text, (), one(receipt.missing_seconds))
