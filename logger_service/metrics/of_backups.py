"""Metrics of the backups: what each provider has and lacks, and how its drill went."""

from collections.abc import Callable, Iterator

from prometheus_client.core import Metric

from health.at_risk import AtRisk
from health.look import Look
from health.providers import ProviderHealth
from metrics.families import counter, gauge, unix
from pushing.destination import Standing
from shared.drill_report import DrillReport
from watching.archive_state import BackupSummary

ADDRESS = ("provider",)


def of_backups(look: Look) -> Iterator[Metric]:
    """By the provider's address."""
    for name, text, read in _GAUGES:
        yield gauge(name, text, ADDRESS, _each(look, read))
    for name, text, read in _COUNTERS:
        yield counter(name, text, ADDRESS, _each(look, read))


Reading = Callable[[ProviderHealth], float | None]


def _each(look: Look, read: Reading) -> dict[tuple[str, ...], float | None]:
    return {(one.state.address,): read(one) for one in look.providers}


def _newest(read: Callable[[BackupSummary], float | None]) -> Reading:
    """Of the newest backup; likewise below: unknown where there is none."""
    return lambda one: read(one.state.newest) if one.state.newest else None


def _risk(read: Callable[[AtRisk], float]) -> Reading:
    return lambda one: read(one.at_risk) if one.at_risk else None


def _push(read: Callable[[Standing], float]) -> Reading:
    return lambda one: read(one.standing) if one.standing else None


def _drill(read: Callable[[DrillReport], float]) -> Reading:
    return lambda one: read(one.state.last_drill) if one.state.last_drill else None


def _count(one: ProviderHealth) -> float | None:
    return len(one.state.numbers) if one.state.looked_at else None


def _took(newest: BackupSummary) -> float:
    return (newest.created_at - newest.taken_at).total_seconds()


_Families = tuple[tuple[str, str, Reading], ...]
_GAUGES: _Families = (
    ("provider_up", "Whether the newest look did well", lambda one: not one.state.error),
    (
        "provider_looked_timestamp_seconds",
        "When it answered last",
        lambda one: unix(one.state.looked_at),
    ),
    ("backups", "Backups that there are", _count),
    ("backups_unreadable", "Backups that cannot be read", lambda one: len(one.state.unreadable)),
    ("backup_number", "Number of the newest backup", _newest(lambda newest: newest.number)),
    ("backup_age_seconds", "Age of the newest backup", lambda one: one.age_seconds),
    (
        "backup_expected_within_seconds",
        "Age from which on it may be late",
        lambda one: one.expected_within_seconds,
    ),
    ("backup_late", "Whether a newer one should be there", lambda one: one.is_late),
    ("backup_files", "Files in the newest backup", _newest(lambda newest: newest.files)),
    ("backup_size_bytes", "Raw bytes in it", _newest(lambda newest: newest.raw_bytes)),
    (
        "backup_new_bytes",
        "Raw bytes of its chunks that the one before has not",
        _newest(lambda newest: newest.new_bytes),
    ),
    ("backup_duration_seconds", "From its look at the data to its end", _newest(_took)),
    ("backup_partial", "Whether time ran out on it", _newest(lambda newest: newest.partial)),
    ("files_at_risk", "Files of which it lacks something", _risk(lambda risk: risk.files)),
    ("rows_at_risk", "Rows that it lacks", _risk(lambda risk: risk.rows)),
    ("at_risk_bytes", "Bytes that it lacks", _risk(lambda risk: risk.bytes)),
    ("at_risk_seconds", "Since the oldest of them", _risk(lambda risk: risk.seconds)),
    (
        "push_duration_seconds",
        "Of the newest own push that did well",
        _push(lambda push: push.seconds),
    ),
    ("push_new_bytes", "Raw bytes that it brought", _push(lambda push: push.new_bytes)),
    ("push_wire_bytes", "The same, compressed", _push(lambda push: push.stored_bytes)),
    ("drill_passed", "Whether the newest drill passed", _drill(lambda drill: drill.passed)),
    ("drill_duration_seconds", "How long it took", _drill(lambda drill: drill.seconds)),
    ("drill_files_lost", "Files that it missed", _drill(lambda drill: len(drill.lost))),
)
_COUNTERS: _Families = (
    ("pushes", "Own pushes that did well", _push(lambda push: push.pushes)),
    ("push_failures", "Own pushes that failed", _push(lambda push: push.failures)),
)
