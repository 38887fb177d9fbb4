"""What is wrong with the backups, by provider and over all."""

from collections.abc import Iterator

from health.look import Look
from health.providers import ProviderHealth, expected_within_seconds
from health.reason import BACKUPS, Reason, Severity
from shared.names import timestamp
from shared.settings import LoggerSettings

MOST_UNREADABLE = 3  # that are named of one provider
_REACH = "The doctor of the restore job (--doctor) says what this key may and reaches"


def backup_reasons(look: Look, settings: LoggerSettings) -> Iterator[Reason]:
    """None with BACKUP_ENABLED=false: somebody wanted it so."""
    if not settings.backup_enabled:
        return
    surviving = [provider for provider in look.providers if provider.survives]
    if settings.render and not settings.gcs_bucket_name:
        what = "on Render backups without a bucket go with the disk"
        yield _degraded(what, "Set GCS_BUCKET_NAME")  # rule 14
    for provider in look.providers:
        yield from _of_provider(provider)
    limit = expected_within_seconds(settings)
    has_had_time = look.uptime_seconds > limit
    if surviving and has_had_time and all(map(_has_no_young_backup, surviving)):
        what = f"no provider has a backup of the last {limit:g} s, and there is something to lose"
        hint = "Is the function called, and may it read and store? Its log says"
        yield Reason(BACKUPS, Severity.UNHEALTHY, what, hint)


def _has_no_young_backup(provider: ProviderHealth) -> bool:
    """One that never answered is not known to have any."""
    return provider.is_late or not provider.is_known


def _of_provider(provider: ProviderHealth) -> Iterator[Reason]:
    state, standing = provider.state, provider.standing
    if state.error:
        yield _degraded(f"cannot look at {state.address}: {state.error}", _REACH)
    if standing and standing.error:
        what = f"the newest own backup to {state.address} failed: {standing.error}"
        yield _degraded(what, _REACH)
    if provider.is_late:
        yield _degraded(_late(provider), "See that the function is called, or make one by hand")
    if state.last_drill and state.last_drill.result == "failed":
        what = f"the drill of {state.last_drill.started_at} at {state.address} failed"
        yield _degraded(what, "`last_drill` says what is lost; the next backup mends what it can")
    if state.unreadable:
        several = sorted(state.unreadable.items(), reverse=True)[:MOST_UNREADABLE]
        named = "; ".join(f"backup {number}: {why}" for number, why in several)
        what = f"{len(state.unreadable)} backups at {state.address} cannot be read: {named}"
        yield _degraded(what, "Others hold the same files; a prune lets go of old ones")


def _late(provider: ProviderHealth) -> str:
    newest, risk = provider.state.newest, provider.at_risk
    rows = f"{risk.rows} rows are" if risk else "what is new is"
    if newest is None:
        return f"{provider.state.address} has no backup, and {rows} on this disk alone"
    return (
        f"the newest backup at {provider.state.address}, {newest.number}, is of "
        f"{timestamp(newest.created_at)}, and {rows} not in it"
    )


def _degraded(what: str, hint: str) -> Reason:
    return Reason(BACKUPS, Severity.DEGRADED, what, hint)
