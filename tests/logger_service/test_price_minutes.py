"""Minutes that are read piece by piece are those of the rows, however the file has grown."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from logger_service.quoted import NOON, quoted
from logger_service.recorded_days import lines, write_file
from market.quote import Quote
from reading.recent_prices import PricesSeen, RecentPrices

END = int(NOON.timestamp()) // 60 + 60
ROWS = st.lists(
    st.builds(
        lambda second, source, cents, flags: quoted(
            source,
            f"{cents / 100:.2f}",
            flags=flags,
            observed_at=NOON + timedelta(milliseconds=second),
        ),
        st.integers(0, 300_000),
        st.sampled_from(["kraken", "gemini"]),
        st.integers(1, 10**9),
        st.sampled_from(["", "wide", "stale", "crossed|outlier"]),
    ),
    max_size=30,
    unique_by=lambda row: (row.source, row.observed_at),
)
DOUBTFUL = {"stale", "crossed", "outlier"}


@given(ROWS, st.lists(st.integers(0, 4000), max_size=5))
def test_growing_in_any_pieces_gives_the_same_minutes(rows: list[Quote], cuts: list[int]) -> None:
    """As those that each row tells by itself."""
    with TemporaryDirectory() as folder:
        place, content = write_file(Path(folder), "ab12"), lines(rows)
        prices = RecentPrices(Path(folder))
        at = 0
        for cut in [*sorted(cuts), len(content)]:
            with place.open("ab") as file:
                file.write(content[at:cut])
            at = max(at, cut)
            found = prices.before(END)
    assert _told(found) == _expected(rows)


def _told(found: PricesSeen) -> dict[tuple[str, int], tuple[object, ...]]:
    told: dict[tuple[str, int], tuple[object, ...]] = {}
    for source, minutes in found.sources.items():
        for minute in {*minutes.priced, *minutes.doubted}:
            priced, doubted = minutes.priced.get(minute), minutes.doubted.get(minute)
            told[source, minute] = (
                priced and (priced.rows, priced.price, priced.lowest, priced.highest),
                doubted and (doubted.rows, doubted.price, doubted.first, doubted.last),
            )
    return told


def _expected(rows: Sequence[Quote]) -> dict[tuple[str, int], tuple[object, ...]]:
    by_minute: dict[tuple[str, int], list[Quote]] = {}
    for row in sorted(rows, key=lambda row: row.observed_at):
        minute = int(row.observed_at.timestamp()) // 60
        by_minute.setdefault((row.source, minute), []).append(row)
    return {key: (_good(found), _doubtful(found)) for key, found in by_minute.items()}


def _good(rows: Sequence[Quote]) -> tuple[object, ...] | None:
    prices = [float(row.price) for row in rows if not DOUBTFUL & set(row.flags.split("|"))]
    return (len(prices), prices[-1], min(prices), max(prices)) if prices else None


def _doubtful(rows: Sequence[Quote]) -> tuple[object, ...] | None:
    found = [row for row in rows if DOUBTFUL & set(row.flags.split("|"))]
    if not found:
        return None
    times = [row.observed_at.timestamp() for row in found]
    return len(found), float(found[-1].price), times[0], times[-1]
