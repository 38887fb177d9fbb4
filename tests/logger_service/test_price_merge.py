"""What holds of the merged history, whatever the instances have written."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st

from logger_service.quoted import NOON
from logger_service.recorded_days import lines, row, write_file
from market.quote import Quote
from reading.passed_over import PassedOver
from reading.price_range import PriceRange, rows_in_range
from record.newest_rows import tick_of
from record.price_row import line_of

SECONDS = 5
DAY = timedelta(days=1)
MIDNIGHT = NOON.replace(hour=0)
TWO_DAYS = PriceRange(MIDNIGHT, MIDNIGHT + 2 * DAY)

Files = dict[str, list[Quote]]  # by instance, each in the order of writing

near_midnight = st.integers(-30_000, 30_000).map(
    lambda ms: MIDNIGHT + DAY + timedelta(milliseconds=ms)
)
rows = st.builds(row, st.sampled_from(["kraken", "bitstamp"]), st.just("1"), near_midnight)
# Not sorted: a clock may be set back. The same moment never comes twice to one source.
histories = st.dictionaries(
    st.sampled_from(["old", "new", "third"]),
    st.lists(rows, max_size=30, unique_by=lambda found: (found.source, found.observed_at)),
)


def merged(files: Files, wanted: PriceRange = TWO_DAYS) -> list[bytes]:
    """What reading gives of the instances' files."""
    with TemporaryDirectory() as folder:
        for instance, quotes in files.items():
            for day in (MIDNIGHT, MIDNIGHT + DAY):
                of_day = [one for one in quotes if one.observed_at.date() == day.date()]
                write_file(Path(folder), instance, *of_day, day=day)
        passed_over = PassedOver()
        found = [one.line for one in rows_in_range(Path(folder), wanted, SECONDS, passed_over)]
        assert (passed_over.files, passed_over.lines) == (0, 0)
        return [line + b"\n" for line in found]


def expected(files: Files) -> Counter[bytes]:
    """For each source and tick the rows of one instance: of the one that was first."""
    by_tick: dict[tuple[str, datetime], dict[str, list[Quote]]] = {}
    for instance in sorted(files):
        for one in files[instance]:
            key = one.source, tick_of(one, SECONDS)
            by_tick.setdefault(key, {}).setdefault(instance, []).append(one)
    kept: Counter[bytes] = Counter()
    for instances in by_tick.values():
        first = min(instances.values(), key=lambda of: min(one.observed_at for one in of))
        kept.update(map(line_of, first))
    return kept


@given(histories)
@example({"old": [row(at=NOON)], "new": [row(at=NOON)]})
def test_a_tick_has_the_rows_of_the_instance_that_was_first(files: Files) -> None:
    """All of its rows, and none of another's; across midnight, too."""
    assert Counter(merged(files)) == expected(files)


@given(histories)
def test_the_history_is_in_order_of_time(files: Files) -> None:
    """Also where a clock was set back."""
    times = [line.partition(b",")[0] for line in merged(files)]
    assert all(earlier <= later for earlier, later in pairwise(times))


@given(histories, near_midnight, near_midnight)
def test_a_range_is_a_part_of_the_whole(files: Files, one: datetime, other: datetime) -> None:
    """What lies in it, the beginning included and the end not."""
    start, end = sorted((one, other))
    wanted = PriceRange(start, end + timedelta(milliseconds=1))
    whole = merged(files)
    inside = [line for line in whole if wanted.start <= _time(line) < wanted.end]
    assert merged(files, wanted) == inside


@given(st.lists(rows, max_size=30))
def test_one_instance_alone_keeps_all_of_its_rows(quotes: list[Quote]) -> None:
    """Even such as are the same: nobody knows better than whoever wrote them."""
    found = merged({"only": quotes})
    assert Counter(found) == Counter(map(line_of, quotes))


@given(histories)
def test_a_copy_under_another_name_adds_nothing(files: Files) -> None:
    """The same rows from two files are there once."""
    copies = {f"{instance}-copy": quotes for instance, quotes in files.items()}
    assert Counter(merged(files | copies)) == Counter(merged(files))


def test_two_instances_at_a_deploy_give_one_row_a_tick() -> None:
    """The later one's rows count from where the earlier one ends."""
    ticks = [NOON + timedelta(seconds=5 * number) for number in range(6)]
    old = [row("kraken", "1", at + timedelta(milliseconds=90)) for at in ticks[:4]]
    new = [row("kraken", "2", at + timedelta(milliseconds=95)) for at in ticks[2:]]
    assert b"".join(merged({"old": old, "new": new})) == lines([*old, *new[2:]])


def _time(line: bytes) -> datetime:
    return datetime.fromisoformat(line.partition(b",")[0].decode())
