"""Why the logger is not well: each reason with how bad it is, and what a person can do."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from health.backup_reasons import backup_reasons
from health.look import Look
from health.reason import DATA, Reason, Severity
from shared.finding import Finding, Verdict
from shared.settings import LoggerSettings
from start_outcome import StartOutcome

HISTORY_MISSING, NOT_WRITTEN = "history missing", "not written"
WRITER = "writer"
LEAST_SILENCE, SILENT_INTERVALS = 60.0, 5  # seconds, or intervals if that is longer, without a row
LONG_PARK_SECONDS = 15 * 60.0  # what recovers by itself is asked again sooner

_NOTHING_WRITTEN = (Verdict.STALE, Verdict.EMPTY, Verdict.MISSING)
_HINTS = {
    Verdict.STALE: "See `writer` and `exchanges`; FRESHNESS_HOURS says how old it may be",
    Verdict.EMPTY: "See `writer` and `exchanges`; DATA_DIR and BACKUP_INCLUDE say what counts",
    Verdict.MISSING: "Check DATA_DIR, and whose it is",
    Verdict.INCOMPLETE: "Check CRITICAL_FILES, and whether the restore brought them",
    Verdict.DAMAGED: "Move the file away and restart: the restore brings what the backups have",
}


class Verdicts(NamedTuple):
    """All reasons, and what the data's part of the answer says in a word or two."""

    reasons: tuple[Reason, ...]
    data: str


def judge(look: Look, settings: LoggerSettings, start: StartOutcome) -> Verdicts:
    """What is wrong, the worst first."""
    is_history_missing = start.is_history_missing and not look.catch_up.is_whole
    reasons = [
        *(_missing_history(start) if is_history_missing else ()),
        *_of_data(look, settings),
        *_of_writer(look, settings),
        *backup_reasons(look, settings),
        *_of_exchanges(look),  # last: while others answer, it costs the least
    ]
    data: str = look.integrity.verdict
    if look.figures.disk_refuses:
        data = NOT_WRITTEN
    elif is_history_missing:
        data = HISTORY_MISSING
    reasons.sort(key=lambda reason: reason.severity is not Severity.UNHEALTHY)
    return Verdicts(tuple(reasons), data)


def _missing_history(start: StartOutcome) -> Iterator[Reason]:
    hint = "It comes by itself once the storage gives it; `catch_up` says how far that is"
    yield Reason(DATA, Severity.DEGRADED, f"started without history: {start.sentence}", hint)


def _of_data(look: Look, settings: LoggerSettings) -> Iterator[Reason]:
    for finding in look.integrity.findings:
        yield Reason(
            DATA, _severity(finding, look, settings), str(finding), _HINTS[finding.verdict]
        )
    if more := look.integrity.more_findings:
        yield Reason(DATA, Severity.DEGRADED, f"{more} more findings", "`--check` names all")


def _severity(finding: Finding, look: Look, settings: LoggerSettings) -> Severity:
    """A process that has just begun has had no time to write."""
    has_had_time = look.uptime_seconds > _silence(look, settings)
    is_silence = finding.verdict in _NOTHING_WRITTEN
    return Severity.UNHEALTHY if is_silence and has_had_time else Severity.DEGRADED


def _silence(look: Look, settings: LoggerSettings) -> float:
    """Seconds after which a row, or a file of a user's own logger, should have come."""
    if look.figures.tally is None:
        return settings.freshness_hours * 3600
    return recorder_silence(settings)


def recorder_silence(settings: LoggerSettings) -> float:
    """Seconds after which a row of the recorder should have come."""
    return max(LEAST_SILENCE, SILENT_INTERVALS * settings.log_interval_seconds)


def _of_writer(look: Look, settings: LoggerSettings) -> Iterator[Reason]:
    figures = look.figures
    if figures.disk_refuses:
        waiting = figures.tally.rows_waiting if figures.tally else 0
        what = f"the disk refuses rows: {waiting} wait in memory"
        yield Reason(DATA, Severity.UNHEALTHY, what, "Make room on the disk of DATA_DIR")
    if not figures.is_running:
        what = f"the logger command does not run, after {figures.starts} starts"
        yield Reason(WRITER, Severity.DEGRADED, what, "The log says how it ended")
    silence = _silence(look, settings)
    if figures.tally is not None and look.uptime_seconds > silence:
        last = figures.last_row_at
        seconds = (look.at - last).total_seconds() if last else look.uptime_seconds
        if seconds > silence:
            hint = "`exchanges` says what keeps each away"
            what = f"no row was written for {seconds:.0f} s"
            yield Reason(WRITER, Severity.DEGRADED, what, hint)


def _of_exchanges(look: Look) -> Iterator[Reason]:
    """The least of all: the others go on."""
    for source, parked in look.figures.parked.items():
        if (parked.until - look.at).total_seconds() > LONG_PARK_SECONDS:
            what = f"{source} is left alone until {parked.until:%Y-%m-%d %H:%M} UTC: "
            what += f"{parked.reason} ({parked.cause})"
            hint = "Leave it out of PRICE_SOURCES if that does not pass"
            yield Reason(WRITER, Severity.DEGRADED, what, hint)


def worst(reasons: Sequence[Reason]) -> Severity | None:
    """The worst severity; None without a reason."""
    found = {reason.severity for reason in reasons}
    return next((severity for severity in reversed(Severity) if severity in found), None)
