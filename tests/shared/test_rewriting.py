import pytest

from shared.format import EarlierVersion, FileEntry
from shared.prune import Retention
from shared.rewriting import (
    MANY_EARLIER,
    MONTH,
    SHORTEST_PACE,
    TOO_MANY,
    WORTH_TELLING,
    Pace,
    in_units,
    rewriting,
)
from vendor import ROOT

OLD, NEW, SAME, ALSO_NEW = ("1" * 64, "2" * 64, "3" * 64, "4" * 64)
HALF_AN_HOUR = Pace(1800, 41, Retention(keep_last=48, keep_daily=30))
JUST_TOLD = round(WORTH_TELLING / (MONTH / 1800)) + 1  # bytes, each half hour


def file(
    path: str = "recent.json", chunk: str = OLD, size: int = 3_000_000, earlier: int = 0
) -> FileEntry:
    """A file of one chunk, and so many versions before it."""
    versions = tuple(
        EarlierVersion(size=4000, mtime_ns=number, chunks=(f"{number:064x}",), replaced_in=number)
        for number in range(1, earlier + 1)
    )
    return FileEntry(path=path, size=size, mtime_ns=9, chunks=(chunk,), earlier=versions)


def told(old: FileEntry, new: FileEntry, stored: int, pace: Pace = HALF_AN_HOUR) -> list[str]:
    """What is told when the new one's chunk came with so many bytes."""
    return rewriting([old], [new], {NEW: stored}, pace)


def test_a_costly_json_is_named_with_what_it_costs_and_how_to_leave_it_out() -> None:
    """In the words that the README shows; one version stays for each backup that stays."""
    old, new = (
        FileEntry(path="recent.json", size=5_000_000, mtime_ns=9, chunks=chunks)
        for chunks in ((OLD, SAME), (NEW, ALSO_NEW))
    )
    (warning,) = rewriting([old], [new], {NEW: 1_000_000, ALSO_NEW: 200_000}, HALF_AN_HOUR)
    assert warning.startswith("recent.json: rewritten since backup 41: 5.0 MB fetched again, ")
    assert warning in " ".join((ROOT / "README.md").read_text().split())


def test_a_costly_table_is_said_to_be_kept_in_every_version() -> None:
    """What is stored of it grows without end."""
    (warning,) = told(file("last.csv"), file("last.csv", NEW, earlier=1), 1_200_000)
    assert "1.7 GB more stored each month, for every version of a table is kept" in warning


@pytest.mark.parametrize(("stored", "is_told"), [(JUST_TOLD - 2, False), (JUST_TOLD, True)])
def test_only_what_takes_a_gigabyte_a_month_is_named(stored: int, is_told: bool) -> None:
    """By what travels, which is compressed; a state file of 2 KB never is."""
    assert bool(told(file(), file(chunk=NEW), stored)) == is_told
    assert told(file(), file(chunk=NEW, size=2000), 700, Pace(1, 1, Retention())) == []


@pytest.mark.parametrize(
    ("seconds", "pace"),
    [(1, "60 seconds"), (99, "99 seconds"), (300, "5 minutes"), (6 * 3600, "6 hours")],
)
def test_the_pace_is_told(seconds: float, pace: str) -> None:
    """For what is too often or too seldom to be the usual one, a reader sees it."""
    (warning,) = told(file(), file(chunk=NEW), 10**9, Pace(seconds, 1, Retention()))
    assert f"at one backup in {pace} that is" in warning


def test_backups_made_in_a_row_count_as_one_a_minute() -> None:
    """A second one by hand tells nothing of a month."""
    least = round(WORTH_TELLING / (MONTH / SHORTEST_PACE)) - 1
    at_once = Pace(0.1, 1, Retention())
    assert told(file(), file(chunk=NEW), least, at_once) == []
    assert told(file(), file(chunk=NEW), least + 2, at_once) != []
    assert told(file(), file(chunk=NEW), 10**6, Pace(-5, 1, Retention())) != []  # a clock set back


def test_where_backups_are_frequent_those_of_a_day_stay() -> None:
    """Prune deletes no chunk that is younger, whatever the policy."""
    (warning,) = told(file(), file(chunk=NEW), 10**6, Pace(60, 1, Retention(48, 30)))
    assert "kept by the 1470 backups that stay" in warning


def test_a_table_that_has_grown_is_not_rewritten() -> None:
    """However much of it came."""
    assert told(file("a.csv"), file("a.csv", NEW), 10**9) == []


def test_what_is_new_or_as_it_was_is_not_rewritten() -> None:
    """Nor what could not be fetched, nor what was fetched for another file."""
    assert rewriting([], [file(chunk=NEW)], {NEW: 10**9}, HALF_AN_HOUR) == []
    assert told(file(), file(), 10**9) == []
    assert rewriting([file()], [file(chunk=NEW)], {SAME: 10**9}, HALF_AN_HOUR) == []


def test_only_the_chunks_that_came_again_are_counted() -> None:
    """Of a long list in a JSON the beginning stays as it is."""
    whole = 4 * 1024 * 1024
    old, new = (
        FileEntry(path="historical.json", size=whole + size, mtime_ns=1, chunks=(SAME, last))
        for last, size in ((OLD, 1_000_000), (NEW, 2_000_000))
    )
    assert "2.0 MB fetched again, 1.0 MB compressed" in told(old, new, 10**6)[0]


@pytest.mark.parametrize("count", [MANY_EARLIER, 2 * MANY_EARLIER, 1024 * MANY_EARLIER, TOO_MANY])
def test_a_growing_list_of_versions_is_told_at_each_doubling(count: int) -> None:
    """With how much they hold; not in every backup until then."""
    old, new = (file("last.csv", OLD, earlier=count + step) for step in (-1, 0))
    (warning,) = told(old, new, 100)
    assert f"its {count} earlier versions hold {in_units(4000 * count)} uncompressed" in warning
    assert "BACKUP_EXCLUDE=/last.csv ends that, and what there is stays" in warning


def test_between_two_doublings_a_list_of_versions_is_not_told_of() -> None:
    """Until there are so many that the manifest is in danger."""
    for count in (1, MANY_EARLIER - 1, MANY_EARLIER + 1, TOO_MANY - 1):
        assert told(file("a.csv", earlier=count - 1), file("a.csv", earlier=count), 9) == []
    old, new = (file("a.csv", earlier=TOO_MANY + step) for step in (7, 8))
    assert len(told(old, new, 9)) == 1
    assert told(new, new, 9) == []


def test_a_file_that_is_seldom_rewritten_counts_as_often_as_it_is() -> None:
    """A daily summary is not fetched again by each backup, though all of them run."""
    day_ns = 24 * 3600 * 10**9
    old, new = file(), file(chunk=NEW).model_copy(update={"mtime_ns": 9 + day_ns})
    assert told(old, new, JUST_TOLD) == []
    (warning,) = told(old, new, 48 * JUST_TOLD)
    assert "at one backup in 24 hours that is 1.0 GB of traffic a month" in warning


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_960, "100 kB"),
        (999_600, "1.0 MB"),
        (1.7e9, "1.7 GB"),
        (5e15, "5000 TB"),
    ],
)
def test_sizes_are_given_as_people_read_them(size: float, text: str) -> None:
    """Two or three digits, and thousands of bytes."""
    assert in_units(size) == text
