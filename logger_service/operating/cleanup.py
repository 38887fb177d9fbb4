"""Letting go of old local backups because somebody asks for it.

In the bucket that is the function's duty: no key on this machine may delete there (rule 10).
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from operating.background_job import Work
from operating.job_progress import JobProgress
from operating.places import BUCKET, LOCAL, Place
from operating.several import Told
from shared.errors import BackupError
from shared.prune import Retention, prune
from shared.prune_record import newest_record, record_of, store_record
from shared.settings import LoggerSettings

DUTY = "the function's: its action prune, as its schedule says"


def cleanup(settings: LoggerSettings, places: Sequence[Place]) -> Work:
    """Prune the local provider, and tell of the bucket when that was done last."""
    retention = Retention(keep_last=settings.max_local_backups, keep_daily=0)

    def work(_progress: JobProgress) -> object:
        (local,) = (place for place in places if place.kind == LOCAL)
        provider, started_at = local.open(), datetime.now(UTC)
        report = prune(provider, settings.service_name, retention)
        if report.kept:  # else there is no archive yet
            store_record(provider, record_of(report, started_at))
        bucket = next((place for place in places if place.kind == BUCKET), None)
        return {**report.as_dict(), "bucket": _told_of(bucket) if bucket else None}

    return work


def _told_of(bucket: Place) -> Told:
    told: Told = {"address": bucket.address, "duty": DUTY, "last_prune": None}
    try:
        record = newest_record(bucket.open())
    except BackupError as error:  # what was asked for is done all the same
        return {**told, "error": error.as_dict()}
    return {**told, "last_prune": record.model_dump(mode="json") if record else None}
