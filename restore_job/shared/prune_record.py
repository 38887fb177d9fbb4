"""What the newest prune did, kept with the backups: whoever looks there sees that it takes place.

Each prune puts its own and deletes those before it.
"""

from datetime import datetime

from pydantic import ConfigDict

from shared.document import LARGEST_DOCUMENT, Document, encode, parse
from shared.errors import Malformed, ObjectDamaged, ObjectExists, ObjectMissing
from shared.names import PRUNES, prune_name, timestamp
from shared.provider import Provider, Reader
from shared.prune import PruneReport


class PruneRecord(Document):
    """What one prune did; `bytes_freed` as stored."""

    model_config = ConfigDict(title="prune record")

    started_at: str
    kept: int  # backups
    dropped: int
    chunks_kept: int
    chunks_dropped: int
    bytes_freed: int
    warnings: tuple[str, ...] = ()


def record_of(report: PruneReport, started_at: datetime) -> PruneRecord:
    """What is kept of a prune's report."""
    return PruneRecord(
        started_at=timestamp(started_at),
        kept=len(report.kept),
        dropped=len(report.dropped),
        chunks_kept=report.chunks_kept,
        chunks_dropped=report.chunks_dropped,
        bytes_freed=report.bytes_freed,
        warnings=tuple(report.warnings),
    )


def store_record(provider: Provider, record: PruneRecord) -> str:
    """Put it in the place of all others; its name. Raises StorageError."""
    before = list(provider.list(PRUNES))
    name = prune_name(datetime.fromisoformat(record.started_at))
    try:
        provider.put(name, encode(record))
    except ObjectExists:
        return name  # another prune began in the same second, and says as much
    for info in before:
        if info.name != name:
            provider.delete(info.name, info.generation)
    return name


def newest_record(reader: Reader) -> PruneRecord | None:
    """The newest one; None where there is none that can be read. Raises StorageError."""
    name = max((info.name for info in reader.list(PRUNES)), default=None)
    try:
        return parse(PruneRecord, reader.get(name, LARGEST_DOCUMENT), name) if name else None
    except (Malformed, ObjectDamaged, ObjectMissing):
        return None
