"""The action `drill`: prove that the newest backup can be restored, and mend what can be mended."""

from outcome import Report
from target import Target

from shared.drill import DrillOptions, drill
from shared.drill_report import store_report, unfinished
from shared.errors import BackupError
from shared.time_limit import TimeLimit


def report(target: Target, limit: TimeLimit) -> Report:
    """The verdict, which is kept with the backups; raises what the engine's drill does."""
    provider, settings = target.provider(limit), target.settings
    options = DrillOptions(
        unfinished=unfinished(provider), limit=limit, threads=settings.transfer_threads
    )
    verdict = drill([provider], settings.service_name, options)
    stored = store_report(provider, verdict) if verdict.backups else ""
    told = {"result": verdict.result, **verdict.model_dump(mode="json"), "stored_as": stored}
    if verdict.lost_chunks:
        told["repair"] = _repair(target, TimeLimit(limit.left()), frozenset(verdict.lost_chunks))
    return told


def _repair(target: Target, limit: TimeLimit, lost: frozenset[str]) -> Report:
    """A backup that stores lost chunks again while the logger has them; the next drill tells."""
    # Here, because a drill that passes needs none of it.
    from pulling import pull  # noqa: PLC0415

    try:
        return pull(target, limit, f"critical: {len(lost)} chunks are lost in storage", lost)
    except BackupError as error:
        return error.as_dict()
