"""Metrics of the recorder: rows and ticks, and what keeps quotes away."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from health.look import Look
from metrics.families import counter, gauge, one, unix
from writing.tally import Tally

_NO_ERRORS = ("parked", "busy", "clock", "overrun", "restart", "disk", "deleted")


def of_writing(look: Look) -> Iterator[Metric]:
    """Of a user's own logger little is known: whether it runs, and how often it was started."""
    figures = look.figures
    yield gauge("writer_running", "Whether what writes runs", (), one(figures.is_running))
    yield counter("writer_starts", "Starts of what writes", (), one(figures.starts))
    newest = unix(look.newest.at) if look.newest else None
    text = "When the newest row of the data directory was written"
    yield gauge("last_row_timestamp_seconds", text, (), one(newest))
    if figures.tally is None:
        return
    given = {(source,): float(figures.given.get(source, 0)) for source in figures.sources}
    text = "Rows that a source gave; they are written as soon as the disk takes them"
    yield counter("rows", text, ("source",), given)
    missing = {pair: float(count) for pair, count in figures.missing.items()}
    text = "Rows that were due and are not there, by source, if one can be told, and cause"
    yield counter("rows_missing", text, ("source", "cause"), missing)
    errors = {pair: count for pair, count in missing.items() if pair[1] not in _NO_ERRORS}
    text = "Ticks at which a source that was asked gave no quote, by class of the error"
    yield counter("exchange_errors", text, ("source", "class"), errors)
    parked = {
        (source,): max((entry.until - look.at).total_seconds(), 0)
        for source, entry in figures.parked.items()
    }
    text = "Seconds for which a source is still left alone"
    yield gauge("exchange_parked_seconds", text, ("source",), parked)
    yield from _of_ticks(figures.tally)


def _of_ticks(tally: Tally) -> Iterator[Metric]:
    yield counter("rows_written", "Rows that are on disk", (), one(tally.rows_written))
    yield gauge("rows_waiting", "Rows that wait for the disk", (), one(tally.rows_waiting))
    yield counter("ticks", "Ticks that took place", (), one(tally.ticks))
    text = "Ticks that began later than a tenth of the interval after their time"
    yield counter("ticks_late", text, (), one(tally.late_ticks))
    missed = {(cause,): float(count) for cause, count in tally.missed.items()}
    yield counter("ticks_missed", "Ticks that did not take place, by cause", ("cause",), missed)
    text = "How late the newest tick began"
    yield gauge("tick_lateness_seconds", text, (), one(tally.late_seconds))
