"""The last day's prices by minute: of all files, each byte read once, and nothing foreign."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from logger_service.quoted import NOON, quoted
from logger_service.recorded_days import lines, row, write_file
from market.quote import SYMBOL
from reading.recent_prices import WINDOW_MINUTES, PricesSeen, RecentPrices
from record.price_row import HEADER
from shared.errors import SourceRefused

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MIDNIGHT = NOON.replace(hour=0)


def minute_of(at: datetime) -> int:
    """Its number since 1970."""
    return int(at.timestamp()) // 60


def seen(prices: RecentPrices, at: datetime = NOON + MINUTE) -> PricesSeen:
    """The 24 hours that end then, by default with the minute of noon."""
    return prices.before(minute_of(at))


def newest(found: PricesSeen, source: str = "kraken") -> dict[int, float]:
    """The newest price of each minute."""
    return {minute: one.price for minute, one in found.sources[source].priced.items()}


def test_a_minute_has_what_a_chart_needs(tmp_path: Path) -> None:
    """The newest price by time, not by place in the file: a clock may have been set back."""
    late, early = NOON + timedelta(seconds=50.5), NOON + timedelta(seconds=1)
    rows = [row(price="3", at=late), row(price="9.5", at=NOON + timedelta(seconds=30))]
    write_file(tmp_path, "ab12", *rows, row(price="2", at=early))
    found = seen(RecentPrices(tmp_path)).sources["kraken"].priced[minute_of(NOON)]
    assert (found.price, found.lowest, found.highest, found.rows) == (3, 2, 9.5, 3)
    assert (found.first, found.last) == (early.timestamp(), late.timestamp())


def test_doubtful_rows_are_told_apart_by_their_flags(tmp_path: Path) -> None:
    """Flags that keep no price from being counted are no doubt, nor is what a source always is."""
    flags = ["", "aggregate", "wide|off_book", "stale", "stale|outlier", "aggregate|untimed"]
    rows = [quoted("kraken", str(1 + n), flags=flag) for n, flag in enumerate(flags)]
    write_file(tmp_path, "ab12", *rows)
    found = seen(RecentPrices(tmp_path)).sources["kraken"]
    assert (found.priced[minute_of(NOON)].rows, found.priced[minute_of(NOON)].highest) == (3, 3)
    doubted = found.doubted[minute_of(NOON)]
    assert (doubted.rows, dict(doubted.flags)) == (3, {"stale": 2, "outlier": 1, "untimed": 1})


def test_only_what_was_added_is_read(tmp_path: Path) -> None:
    """What was read before is not looked at again: here it has been made unreadable meanwhile."""
    place = write_file(tmp_path, "ab12", row(price="1"))
    prices = RecentPrices(tmp_path)
    assert newest(seen(prices)) == {minute_of(NOON): 1}
    with place.open("r+b") as file:
        file.seek(len(HEADER))
        file.write(b"x")
        file.seek(0, os.SEEK_END)
        file.write(lines([row(price="2", at=NOON + timedelta(seconds=5))]))
    assert newest(seen(prices)) == {minute_of(NOON): 2}
    assert seen(prices).sources["kraken"].priced[minute_of(NOON)].rows == 2


def test_a_torn_last_line_is_read_once_it_is_whole(tmp_path: Path) -> None:
    """A row appears page by page."""
    place = write_file(tmp_path, "ab12", row(price="1"))
    prices, more = RecentPrices(tmp_path), lines([row(price="2", at=NOON + MINUTE)])
    for piece, expected in ((more[:30], [1]), (more[30:-1], [1]), (more[-1:], [1, 2])):
        with place.open("ab") as file:
            file.write(piece)
        assert list(newest(seen(prices, NOON + 2 * MINUTE)).values()) == expected


def test_a_file_that_is_shorter_or_another_is_read_anew(tmp_path: Path) -> None:
    """Deleted and begun again, cut, or replaced by a restore."""
    place = write_file(tmp_path, "ab12", row(price="1"), row(price="2"))
    prices = RecentPrices(tmp_path)
    seen(prices)
    place.write_bytes(HEADER + lines([row(price="3")]))
    assert newest(seen(prices)) == {minute_of(NOON): 3}
    other = write_file(tmp_path, "other", *[row(price="4")] * 5)
    other.replace(place)
    replaced = seen(prices).sources["kraken"].priced[minute_of(NOON)]
    assert (replaced.rows, replaced.lowest) == (5, 4)
    place.unlink()
    assert not seen(prices).sources


def test_what_is_not_ours_is_passed_over(tmp_path: Path) -> None:
    """A foreign header, a link, a pipe, lines that are no rows, rows of another day."""
    place = write_file(tmp_path, "ab12", row(price="1"), row(price="9", at=NOON - DAY))
    bad = [b"\n", b"x" * 90_000 + b"\n", b"2026-11-22T12:00:05.000Z,kraken,BTC-USD,nan,,,,,1,\n"]
    bad.append(b"2026-11-22T12:00:05.000Z,kraken,BTC-USD,0.00,,,,,1,\n")
    with place.open("ab") as file:
        file.write(b"".join(bad))
    folder = place.parent
    (folder / "2026-11-22.foreign.csv").write_bytes(b"time,price\n" + lines([row(price="9")]))
    (folder / "2026-11-22.link.csv").symlink_to(place)
    os.mkfifo(folder / "2026-11-22.pipe.csv")
    (folder / "2026-11-22.begun.csv").write_bytes(HEADER[:10])
    assert newest(seen(RecentPrices(tmp_path))) == {minute_of(NOON): 1}


def test_all_instances_files_of_both_days_are_joined(tmp_path: Path) -> None:
    """Two may have rows of the same minute; the newest price is the newest of both."""
    write_file(tmp_path, "a", row(price="1", at=MIDNIGHT - MINUTE), day=MIDNIGHT - DAY)
    write_file(tmp_path, "b", row(price="2", at=MIDNIGHT), row(price="9", at=NOON))
    write_file(tmp_path, "c", row(price="3", at=NOON + timedelta(seconds=5)))
    found = seen(RecentPrices(tmp_path))
    minutes = [minute_of(at) for at in (MIDNIGHT - MINUTE, MIDNIGHT, NOON)]
    assert newest(found) == dict(zip(minutes, (1, 2, 3), strict=True))
    assert found.sources["kraken"].priced[minute_of(NOON)].rows == 2


def test_the_window_has_24_hours_and_no_minute_more(tmp_path: Path) -> None:
    """The minute of its end is not in it; what is before is let go of, and known to have been."""
    first = NOON - WINDOW_MINUTES * MINUTE
    write_file(tmp_path, "a", row(price="1", at=first), day=first)
    write_file(tmp_path, "b", row(price="2", at=NOON))
    prices = RecentPrices(tmp_path)
    assert (list(newest(seen(prices, NOON)).values()), seen(prices, NOON).has_older) == ([1], False)
    later = seen(prices, NOON + MINUTE)
    assert (list(newest(later).values()), later.has_older) == ([2], True)


def test_rows_before_the_window_are_known_of(tmp_path: Path) -> None:
    """In the same file, or in one of another day, which is not opened: a link there is not met."""
    write_file(tmp_path, "a", row(at=NOON - DAY), day=NOON - DAY)
    assert seen(RecentPrices(tmp_path)).has_older
    other = tmp_path / "other"
    write_file(other, "b", row())
    assert not seen(RecentPrices(other)).has_older
    (other / SYMBOL / "2025-01-01.b.csv").symlink_to("nowhere")
    assert seen(RecentPrices(other)).has_older


def test_where_nothing_was_recorded_there_is_nothing(tmp_path: Path) -> None:
    """As with LOGGER_COMMAND."""
    found = seen(RecentPrices(tmp_path))
    assert (dict(found.sources), found.has_older) == ({}, False)


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path) -> None:
    """The page says so in this part, and shows the others."""
    (tmp_path / SYMBOL).write_bytes(b"a file")
    with pytest.raises(SourceRefused, match="cannot be read: Not a directory"):
        seen(RecentPrices(tmp_path))
