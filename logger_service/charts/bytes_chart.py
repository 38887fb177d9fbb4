"""New bytes of backups over time: a row of bars for each provider, all on the same two axes.

The axis of bytes is logarithmic: a first backup is a thousand times as large as those after it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, log10

import humanize

from charts.time_spans import TimeSpans, spans_over
from dashboard.texts import counted
from watching.archive_state import ArchiveState, BackupSummary

LOWEST, LEAST_TOP = 1, 4  # powers of ten: the axis begins at 10 B, and has 10 kB at least
BASE, TOP = 112.0, 20.0  # pixels from above: where bars stand, and where the largest may end
LEAST_HEIGHT = 2.0  # pixels, for what is 10 bytes or less
GAP = 0.25  # of a bar's width, between it and the next
MARKED = ("critical", "shutdown", "manual")  # the most telling first; any other is as planned


@dataclass(frozen=True)
class Bar:
    """What the backups of one span of time added; places in percent, heights in pixels."""

    left: float
    middle: float
    top: float
    height: float
    is_known: bool  # whether it is known what they added
    mark: str  # one of MARKED, or empty
    title: str


@dataclass(frozen=True)
class BytesRow:
    """The bars of one provider, and all of them in a sentence."""

    kind: str
    sentence: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Tick:
    """A line of an axis: its place, and what is written there, perhaps nothing."""

    place: float
    text: str
    at: datetime | None = None  # of one that is no whole day


@dataclass(frozen=True)
class BytesChart:
    """All rows, and their axes."""

    rows: tuple[BytesRow, ...]
    width: float  # of each bar, in percent
    levels: tuple[Tick, ...]
    times: tuple[Tick, ...]
    span: str  # how much time one bar stands for
    marks: tuple[str, ...]  # of those that any bar has


def bytes_chart(archives: Sequence[ArchiveState]) -> BytesChart | None:
    """Of all that has been read by now; None where that is nothing."""
    told = [archive for archive in archives if archive.backups]
    if not told:
        return None
    times = [one.created_at for archive in told for one in archive.backups]
    spans = spans_over(min(times), max(times))
    sums = [_by_span(archive, spans) for archive in told]
    top = _top(_sum(made) or 0 for found in sums for made in found.values())
    rows = [_row(archive, spans, found, top) for archive, found in zip(told, sums, strict=True)]
    marks = {bar.mark for row in rows for bar in row.bars}
    return BytesChart(
        tuple(rows),
        width=round(100 * (1 - GAP) / spans.count, 3),
        levels=tuple(_level(power, top) for power in range(LOWEST, top + 1)),
        times=tuple(_time(spans, at) for at in spans.ticks()),
        span=humanize.precisedelta(spans.seconds),
        marks=tuple(mark for mark in MARKED if mark in marks),
    )


def _row(
    archive: ArchiveState, spans: TimeSpans, found: Mapping[int, Sequence[BackupSummary]], top: int
) -> BytesRow:
    bars = tuple(_bar(spans, place, made, top) for place, made in found.items())
    return BytesRow(archive.kind, _sentence(archive), bars)


def _top(sums: Iterable[int]) -> int:
    """The power of ten that no bar is higher than."""
    return max(ceil(log10(max(max(sums, default=0), 1))), LEAST_TOP)


def _by_span(archive: ArchiveState, spans: TimeSpans) -> dict[int, list[BackupSummary]]:
    found: dict[int, list[BackupSummary]] = {}
    for made in archive.backups:
        found.setdefault(spans.place(made.created_at), []).append(made)
    return found


def _sum(made: Sequence[BackupSummary]) -> int | None:
    """Of what they added; None where that is known of none."""
    known = [one.new_bytes for one in made if one.new_bytes is not None]
    return sum(known) if known else None


def _bar(spans: TimeSpans, place: int, made: Sequence[BackupSummary], top: int) -> Bar:
    added, share = _sum(made), 100 / spans.count
    height = _height(added or 0, top)
    kinds = {_kind(one) for one in made}
    return Bar(
        left=round((place + GAP / 2) * share, 3),
        middle=round((place + 0.5) * share, 3),
        top=round(BASE - height, 1),
        height=round(height, 1),
        is_known=added is not None,
        mark=next((mark for mark in MARKED if mark in kinds), ""),
        title=_title(made, added),
    )


def _height(added: int, top: int) -> float:
    power = log10(max(added, 1)) - LOWEST
    return max(power / (top - LOWEST) * (BASE - TOP), LEAST_HEIGHT)


def _kind(one: BackupSummary) -> str:
    """The word that the reason begins with."""
    return one.reason.partition(":")[0]


def _title(made: Sequence[BackupSummary], added: int | None) -> str:
    newest, oldest = made[0], made[-1]
    size = humanize.naturalsize(added) if added is not None else "not known how many"
    reasons = ", ".join(dict.fromkeys(_kind(one) for one in made))
    if len(made) == 1:
        return f"Backup {newest.number}, {_utc(newest.created_at)}, {reasons}: {size} new bytes"
    numbers = f"{len(made)} backups, {oldest.number} to {newest.number}"
    return f"{numbers}, until {_utc(newest.created_at)}, {reasons}: {size} new bytes"


def _sentence(archive: ArchiveState) -> str:
    """What whoever does not see the bars should know."""
    newest, oldest = archive.backups[0], archive.backups[-1]
    known = [one for one in archive.backups if one.new_bytes is not None]
    if not known:
        return f"Backup {newest.number}, of {_utc(newest.created_at)}: its new bytes are not known"
    largest = max(known, key=lambda one: one.new_bytes or 0)
    return (
        f"{counted(len(archive.backups), 'backup')} from {_utc(oldest.created_at)} to "
        f"{_utc(newest.created_at)}: {humanize.naturalsize(_sum(known) or 0)} of new bytes in all, "
        f"the most, {humanize.naturalsize(largest.new_bytes or 0)}, in backup {largest.number}"
    )


def _level(power: int, top: int) -> Tick:
    """Each second power of ten has its text, the largest in any case."""
    place = BASE - (power - LOWEST) / (top - LOWEST) * (BASE - TOP)
    text = humanize.naturalsize(10**power, format="%.0f") if (top - power) % 2 == 0 else ""
    return Tick(round(place, 1), text.replace("Bytes", "B"))


def _time(spans: TimeSpans, at: datetime) -> Tick:
    text = f"{at.day} {at:%b}" if spans.has_days else f"{at:%H:%M}"
    return Tick(round(100 * spans.share(at), 3), text, None if spans.has_days else at)


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
