"""The action `backup`: pull what the archive lacks from the logger, and commit."""

from secrets import token_hex

from outcome import Report
from target import Target

from shared.backup import Job, backup
from shared.format import Writer
from shared.http_source import HttpSource
from shared.prune import Retention
from shared.time_limit import TimeLimit

INSTANCE = token_hex(8)  # of this process, in what it writes


def report(target: Target, limit: TimeLimit) -> Report:
    """What it brought; raises what the engine's backup does."""
    return pull(target, limit, "scheduled")


def pull(
    target: Target, limit: TimeLimit, reason: str, lost: frozenset[str] = frozenset()
) -> Report:
    """A backup for that reason, which stores again what is known to be lost."""
    settings = target.settings
    source = HttpSource(
        settings.snapshot_url,
        settings.snapshot_token.get_secret_value(),
        settings.transfer_threads,
        limit,
        settings.max_snapshot_gb * 1e9,
    )
    job = Job(
        settings.service_name,
        reason,
        Writer(job="function", instance=INSTANCE),
        lost,
        Retention(settings.keep_last, settings.keep_daily),
    )
    return backup(source, target.provider(limit), job, settings.transfer_threads, limit).as_dict()
