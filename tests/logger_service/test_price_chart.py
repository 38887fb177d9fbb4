"""What is drawn of the prices: a line a source, its gaps, and what is odd."""

import pytest

from charts.price_chart import price_chart
from charts.price_marks import MOST_MARKS
from logger_service.drawn_prices import END, START, drawn, source, steady
from reading.recent_prices import WINDOW_MINUTES, PricesSeen

DAY = WINDOW_MINUTES


def test_without_a_row_there_is_no_chart() -> None:
    """But words."""
    assert price_chart(PricesSeen(START, END, {}, has_older=True), 5) is None


def test_each_source_has_its_own_look_in_an_order_that_stays() -> None:
    """As they are documented, others after them; no two have both colour and dashes in common."""
    names = ["zebra", "coingecko", "binance", "gemini", "bitstamp", "kraken", "coinbase"]
    lines = drawn({name: source(steady()) for name in names}).lines
    assert [line.source for line in lines] == [*reversed(names[1:]), "zebra"]
    assert len({line.look for line in lines}) == len(names)


def test_another_coin_is_named() -> None:
    """Binance quotes in Tether."""
    lines = drawn(
        {"kraken": source(steady()), "binance": source(steady(), symbol="BTC-USDT")}
    ).lines
    assert [line.symbol for line in lines] == ["", "BTC-USDT"]


def test_a_line_goes_from_the_first_row_to_the_newest() -> None:
    """One stroke, from the left to the right."""
    (line,) = drawn({"kraken": source(steady())}).lines
    assert line.path.count("M") == 1
    assert line.path.startswith("M6.6,")
    assert line.end
    assert line.path.endswith(f" {line.end}")


def test_a_line_is_thinned_to_what_a_screen_shows() -> None:
    """The more lines, the fewer points each; the whole part is some tens of kilobytes."""
    one = drawn({"kraken": source(steady())}).lines[0].path
    assert 470 <= len(one.replace("M", "").replace("L", " ").split()) <= 481
    names = ["coinbase", "kraken", "bitstamp", "gemini", "binance", "coingecko"]
    six = drawn({name: source(steady()) for name in names}).lines
    assert sum(len(line.path) for line in six) < 30_000


def test_a_gap_of_one_source_breaks_its_line_alone() -> None:
    """It is told beside, because the others' lines hide it; no band says that all is missing."""
    there = {minute: price for minute, price in enumerate(steady()) if not 600 <= minute < 690}
    chart = drawn({"kraken": source(there), "gemini": source(steady())})
    assert [line.path.count("M") for line in chart.lines] == [2, 1]
    assert chart.bands == ()
    assert [line.source for line in chart.with_own_gaps] == ["kraken"]
    facts = chart.lines[0].facts
    assert (facts.gaps, facts.longest_gap and facts.longest_gap.words) == (1, "1 h 30 min")
    assert chart.lines[0].there.count("M") == 2


def test_a_gap_of_all_sources_is_a_band() -> None:
    """With its times, and with words where there is room; no source is told to have one alone."""
    there = {minute: price for minute, price in enumerate(steady()) if not 600 <= minute < 780}
    chart = drawn({"kraken": source(there), "gemini": source(there)})
    (band,) = chart.bands
    assert band.title == "No rows from 09:59 to 13:00 UTC"
    assert band.words_at
    assert chart.with_own_gaps == ()


def test_a_recorder_that_stopped_leaves_a_gap_up_to_now() -> None:
    """And one that begins anew on a restored history has one before."""
    chart = drawn({"kraken": source(dict.fromkeys(range(60, 120), 50000))})
    assert [band.title for band in chart.bands] == [
        "No rows from 00:00 to 01:00 UTC",
        "No rows from 01:59 to 00:00 UTC",
    ]


@pytest.mark.parametrize(
    ("minutes", "shown"), [(1, 15), (15, 15), (16, 60), (61, 180), (300, 360), (1440, 1440)]
)
def test_a_recording_that_has_just_begun_fills_its_chart(minutes: int, shown: int) -> None:
    """Nothing is missing before its first row."""
    last = range(DAY - minutes, DAY)
    chart = drawn({"kraken": source(dict.fromkeys(last, 50000))}, has_older=False)
    assert (chart.minutes, chart.bands) == (shown, ())


def test_one_row_is_a_dot() -> None:
    """A stroke that goes nowhere would not be seen."""
    (line,) = drawn({"kraken": source({DAY - 1: 50_000})}, has_older=False).lines
    assert line.path == f"M{line.end}h.1"


def test_doubtful_rows_are_marked_and_are_in_no_line() -> None:
    """Each with whose it is, what is odd, when, and the price."""
    there = {minute: price for minute, price in enumerate(steady()) if minute != 700}
    chart = drawn({"kraken": source(there, {700: 50_010})})
    (mark,) = chart.marks
    assert (mark.shape, mark.is_doubtful) == ("doubtful", True)
    assert mark.title == "kraken: 12 doubtful rows (stale 12), 11:40 to 11:40 UTC, 50,010.00"
    assert chart.lines[0].path.count("M") == 1
    assert (chart.lines[0].facts.rows, chart.lines[0].facts.doubtful) == (DAY * 12, 12)


def test_an_outlier_is_put_on_the_edge_in_another_shape() -> None:
    """It does not flatten the lines."""
    chart = drawn({"kraken": source(steady(), {100: 70_000, 200: 40_000})})
    assert [mark.shape for mark in chart.marks] == ["above", "below"]
    assert [mark.place.y for mark in chart.marks] == [14, 256]
    assert chart.highest == 50_059


def test_a_bad_print_without_a_flag_is_marked_too() -> None:
    """The line goes to the edge and back."""
    chart = drawn({"kraken": source([*steady(minutes=700), 100.0, *steady(minutes=739)])})
    (mark,) = chart.marks
    assert (mark.shape, mark.is_doubtful) == ("below", False)
    assert mark.title == "kraken: 100.00 at 11:40 UTC, beyond the edge"


def test_many_doubtful_minutes_share_marks() -> None:
    """How many there are is told; an outlier among them is not lost."""
    doubtful = dict(enumerate(steady())) | {777: 90_000}
    chart = drawn({"kraken": source({}, doubtful), "gemini": source(steady(), doubtful)})
    assert (chart.doubtful_minutes, chart.doubtful_marks) == (2 * DAY, 2 * 48)
    assert chart.doubtful_marks <= MOST_MARKS
    assert [mark.shape for mark in chart.marks].count("above") == 2


def test_a_source_that_is_always_doubtful_has_no_line_and_no_price() -> None:
    """Its marks say what was recorded, and no gap."""
    chart = drawn({"kraken": source({}, dict(enumerate(steady())))})
    (line,) = chart.lines
    assert (line.path, line.end, line.facts.newest, line.facts.gaps) == ("", None, None, 0)
    assert (chart.lowest, chart.highest) == (None, None)
    assert chart.marks


def test_times_are_round_and_every_other_can_be_left_out() -> None:
    """As on a phone."""
    ticks = drawn({"kraken": source(steady())}).times
    assert [tick.text for tick in ticks] == [f"{hour:02}:00" for hour in (0, 4, 8, 12, 16, 20, 0)]
    assert [tick.classes for tick in ticks] == ["first", "other", "", "other", "", "other", "last"]
    assert ticks[1].at.endswith("T04:00:00.000Z")
