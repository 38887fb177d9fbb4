"""Each exchange: its last price, whether it answers, and the rows that are missing."""

from collections.abc import Mapping
from dataclasses import dataclass

from charts.price_scale import dollars
from dashboard.part import Part, Told
from health.health import Health
from health.look import Look
from health.reasons import recorder_silence
from record.state import Last, Parked

SECONDS = 5.0


@dataclass(frozen=True)
class ExchangeShown:
    """One of them; `parked` while it is left alone, `is_silent` while it should have answered."""

    source: str
    last: Last | None
    parked: Parked | None
    is_silent: bool
    rows: int
    missing: Mapping[str, int]  # by cause


def exchanges_part(health: Health) -> Part:
    """As they are asked all the while."""
    return Part("exchanges", "Exchanges", SECONDS, lambda: _told(health))


def _told(health: Health) -> Told:
    look, longest = health.look(), recorder_silence(health.watched.settings)
    figures = look.figures
    return {
        "exchanges": [_shown(look, source, longest) for source in figures.sources],
        "writer": figures,
        "newest_at": look.newest.at if look.newest else None,
        "dollars": dollars,
    }


def _shown(look: Look, source: str, longest: float) -> ExchangeShown:
    """After so many seconds without a row it is silent."""
    figures = look.figures
    parked, last = figures.parked.get(source), figures.last.get(source)
    missing = {cause: rows for (name, cause), rows in figures.missing.items() if name == source}
    return ExchangeShown(
        source,
        last,
        parked if parked and parked.until > look.at else None,
        last is not None and (look.at - last.ts_utc).total_seconds() > longest,
        figures.given.get(source, 0),
        dict(sorted(missing.items())),
    )
