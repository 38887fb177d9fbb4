"""Conditions are told once when they begin and once when they end, whatever the order of looks."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.conditions import LONGEST_LINE, NAMED, Kind, Look, clipped, compare
from shared.told import MOST_WAITING, Message, Told

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOBODY = Told(service="btc-logger")
VANISHED = Kind("vanished", begins="no longer shown:", ends="shown again:")
LINGERING = Kind("rewritten", linger_seconds=48 * 3600)
QUIET = Kind("critical event", ends_quietly=True)

subjects = st.sets(st.sampled_from("abcdef"))
looks_at = st.lists(st.tuples(subjects, st.none() | subjects), max_size=20)


def look(*holding: str, kind: Kind = VANISHED, settled: set[str] | None = None) -> Look:
    """These hold."""
    return Look(kind, dict.fromkeys(holding, "why"), settled)


def texts(told: Told) -> list[tuple[str, str]]:
    """Title and body of each message that waits."""
    return [(one.title, one.body) for one in told.waiting]


@given(looks_at)
def test_each_subject_begins_and_ends_in_turn(
    looks: list[tuple[set[str], set[str] | None]],
) -> None:
    """It begins only where it holds, and ends only where somebody looked and it does not."""
    told, open_ones = NOBODY, set[str]()
    for minute, (holds, settled) in enumerate(looks):
        at = NOON + timedelta(minutes=minute)
        told = compare(told, [look(*sorted(holds), settled=settled)], at)
        looked_at = open_ones if settled is None else open_ones & settled
        open_ones = (open_ones | holds) - (looked_at - holds)
        assert sorted(one.subject for one in told.holding) == sorted(open_ones)


@given(subjects, subjects)
def test_the_same_look_again_changes_nothing(before: set[str], now: set[str]) -> None:
    """Not a byte, so nothing is stored."""
    told = compare(NOBODY, [look(*before)], NOON)
    once = compare(told, [look(*now)], NOON + timedelta(minutes=1))
    assert compare(once, [look(*now)], NOON + timedelta(minutes=2)) == once


@given(st.lists(subjects, max_size=8))
def test_each_change_is_one_message_at_most(looks: list[set[str]]) -> None:
    """However many begin or end together, and none is forgotten."""
    told, known, expected = NOBODY, set[str](), 0
    for minute, holds in enumerate(looks):
        told = compare(told, [look(*holds)], NOON + timedelta(minutes=minute))
        expected += bool(holds - known) + bool(known - holds)
        assert len(told.waiting) == expected
        known = holds


@given(subjects)
def test_other_kinds_stay_as_they_are(holds: set[str]) -> None:
    """A drill says nothing of what only a backup sees."""
    told = compare(NOBODY, [look(*holds)], NOON)
    after = compare(told, [look(kind=QUIET)], NOON + timedelta(days=9))
    assert after == told


def test_a_beginning_and_an_end_are_told_in_words() -> None:
    """What, why, and since when."""
    begun = compare(NOBODY, [look("a.csv")], NOON)
    ended = compare(begun, [look()], NOON + timedelta(hours=1))
    assert texts(ended) == [
        ("vanished: a.csv", "no longer shown:\na.csv: why"),
        ("over: vanished: a.csv", "shown again:\na.csv: since 2026-11-22T12:00:00.000Z"),
    ]


def test_of_many_ten_are_named_and_the_rest_is_counted() -> None:
    """A wiped logger lacks all files at once."""
    names = [f"{number:02}.csv" for number in range(37)]
    ((title, body),) = texts(compare(NOBODY, [look(*names)], NOON))
    lines = body.splitlines()
    assert title == "vanished (37)"
    assert lines[1] == "00.csv: why"
    assert (len(lines), lines[-1]) == (1 + NAMED + 1, "and 27 more")


def test_a_lingering_kind_ends_when_it_was_not_seen_for_its_time() -> None:
    """Each time that it is seen, that time begins anew."""
    told = NOBODY
    for hour in (0, 40, 80):
        told = compare(told, [look("a.csv", kind=LINGERING)], NOON + timedelta(hours=hour))
        assert len(told.waiting) == 1
    for hour, is_over in ((81, False), (80 + 47, False), (80 + 61, True)):
        after = compare(told, [look(kind=LINGERING)], NOON + timedelta(hours=hour))
        assert (after.holding == ()) == is_over


def test_a_lingering_kind_is_not_noted_at_each_look() -> None:
    """Each note is an object in a bucket: four a day at most."""
    told, notes = NOBODY, 0
    for half_hour in range(48):
        at = NOON + timedelta(minutes=30 * half_hour)
        after = compare(told, [look("a.csv", kind=LINGERING)], at)
        notes += after != told
        told = after
    assert notes <= 4


def test_a_quiet_end_is_an_end_without_a_message() -> None:
    """So the next one begins with one."""
    told = compare(NOBODY, [look("disk", kind=QUIET)], NOON)
    told = compare(told, [look(kind=QUIET)], NOON)
    told = compare(told, [look("disk", kind=QUIET)], NOON)
    assert [title for title, _ in texts(told)] == ["critical event: disk"] * 2


def test_messages_that_nobody_takes_are_let_go_the_oldest_first() -> None:
    """An address that is dead for a year must not fill the document."""
    at = "2026-11-22T12:00:00.000Z"
    many = [Message(title=str(number), body="", at=at) for number in range(MOST_WAITING + 1)]
    assert NOBODY.with_message(*many).waiting == tuple(many[1:])


def test_a_line_is_one_line_and_not_too_long() -> None:
    """Whatever an error says of itself."""
    line = clipped("two\nlines\x00 " + "x" * 1000)
    assert line.startswith("two lines  xxx")
    assert len(line) == LONGEST_LINE
