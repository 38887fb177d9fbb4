"""The state at a glance: a word, the reason in a sentence, and what a lost disk would take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.part import Part, Told
from dashboard.provider_names import provider_name
from health.health import HEALTHY
from health.look import Look
from health.providers import ProviderHealth
from health.reason import Reason
from health.reasons import worst
from serving.backups import Backups
from shared.settings import LoggerSettings

SECONDS = 5.0
BY_FUNCTION = "function"


@dataclass(frozen=True)
class NextBackup:
    """When the next scheduled one is expected, and from whom; `is_due` once that has passed."""

    at: datetime
    by: str
    is_due: bool


@dataclass(frozen=True)
class ProviderShown:
    """One provider, and what comes next there."""

    name: str
    health: ProviderHealth
    next: NextBackup | None


def state_part(backups: Backups) -> Part:
    """It is looked at all the while."""
    return Part("state", "State", SECONDS, lambda: _told(backups))


def _told(backups: Backups) -> Told:
    health = backups.health
    look = health.look()
    reasons = health.judge(look).reasons
    settings = health.watched.settings
    return {
        "word": worst(reasons) or HEALTHY,
        "sentence": reasons[0].what if reasons else _all_is_well(look, settings),
        "reasons": reasons,
        "more": _after_the_first(reasons),
        "risk": look.at_risk,
        "at_risk_since": _since(look),
        "providers": [_shown(backups, one, look.at) for one in look.providers],
        "is_enabled": settings.backup_enabled,
        "to_come": None if look.catch_up.is_whole else look.catch_up,
    }


def _all_is_well(look: Look, settings: LoggerSettings) -> str:
    """Why a person may close the page again."""
    if not settings.backup_enabled:
        return "Recording; backups are switched off by BACKUP_ENABLED=false"
    if look.at_risk is None:
        return "Recording; the backups are being looked at"
    if not any(one.state.newest for one in look.providers):
        return "Recording; the first backup is still to come"
    if not look.at_risk.files:
        return "All that has been recorded is in a backup that survives this disk"
    return "Recording; all but the newest rows are in a backup that survives this disk"


def _after_the_first(reasons: Sequence[Reason]) -> str:
    more = len(reasons) - 1
    if more < 1:
        return ""
    return f"and {more} more" if more > 1 else "and one more"


def _since(look: Look) -> datetime | None:
    risk = look.at_risk
    return look.at - timedelta(seconds=risk.seconds) if risk and risk.files else None


def _shown(backups: Backups, one: ProviderHealth, now: datetime) -> ProviderShown:
    found = _next(backups, one)
    following = NextBackup(*found, is_due=found[0] < now) if found else None
    return ProviderShown(provider_name(one.state.kind), one, following)


def _next(backups: Backups, one: ProviderHealth) -> tuple[datetime, str] | None:
    """Cloud Scheduler's plan is not known here: the function's next call is told by its last."""
    by_function = [made for made in one.state.backups if made.job == BY_FUNCTION]
    if by_function:
        interval = timedelta(minutes=backups.health.watched.settings.backup_interval_minutes)
        return by_function[0].created_at + interval, "the function"
    local_at = backups.own_backups.next_local_at
    return (local_at, "the logger") if local_at and one.state.kind == "local" else None
