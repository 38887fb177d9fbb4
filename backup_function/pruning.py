"""The action `prune`: let go of what the retention no longer keeps, and leave a record of it."""

from datetime import UTC, datetime

from outcome import Report
from target import Target

from shared.prune import Retention, prune
from shared.prune_record import record_of, store_record
from shared.time_limit import TimeLimit


def report(target: Target, limit: TimeLimit) -> Report:
    """What went and what stays; raises what the engine's prune does."""
    provider, settings, started_at = target.provider(limit), target.settings, datetime.now(UTC)
    retention = Retention(settings.keep_last, settings.keep_daily)
    done = prune(provider, settings.service_name, retention)
    record = record_of(done, started_at)
    stored = store_record(provider, record) if done.kept else ""  # else there is no archive yet
    return {**done.as_dict(), "stored_as": stored}
