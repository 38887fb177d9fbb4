from typing import Any

import pytest

from shared.chunk import CHUNK_SIZE
from shared.format import EarlierVersion, FileEntry
from shared.growth import ASKED, Question, extends, question
from shared.merge import lacking, merge, questions

A, B, C, D = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)
ROWS, MORE, OTHER = ("1" * 64, "2" * 64, "3" * 64)
GROWN = {(ROWS, MORE)}  # proven: the chunk MORE begins with ROWS


def file(path: str = "a.csv", *, at: int = 1, size: int = 10, **fields: Any) -> FileEntry:
    """A file of one chunk, last changed at `at`."""
    fields.setdefault("chunks", (ROWS,))
    return FileEntry(path=path, size=size, mtime_ns=at, **fields)


def grown(**fields: Any) -> FileEntry:
    """The file with more rows at its end."""
    return file(**{"size": 20, "at": 2, "chunks": (MORE,), **fields})


def other(**fields: Any) -> FileEntry:
    """The file with other content, of which nothing is proven."""
    return file(**{"size": 15, "at": 3, "chunks": (OTHER,), **fields})


def merged(archive: list[FileEntry], seen: list[FileEntry], number: int = 42) -> list[FileEntry]:
    """The files after a merge."""
    return list(merge(archive, seen, GROWN, number=number).files)


def test_a_new_path_is_taken() -> None:
    """As it was seen."""
    assert merged([], [file()]) == [file()]
    assert merged([file()], [file("b.csv")]) == [file(), file("b.csv")]


def test_a_longer_version_that_extends_the_archives_is_taken() -> None:
    """Nothing is kept beside it: it has all of it."""
    result = merge([file()], [grown()], GROWN, number=42)
    assert result.files == (grown(),)
    assert not result.rewritten


def test_a_shorter_version_that_the_archives_extends_is_not_taken() -> None:
    """Even if it was changed later: a restore that was cut short, or a wiped logger."""
    assert merged([grown()], [file(at=9)]) == [grown()]


def test_an_empty_file_takes_nothing_away() -> None:
    """What a wiped logger begins with is the beginning of everything."""
    empty = file(size=0, chunks=(), at=9)
    assert merged([grown()], [empty]) == [grown()]
    assert merged([empty], [grown()]) == [grown()]


def test_a_common_beginning_makes_neither_version_newer() -> None:
    """Of two histories the newer stays current when a third instance starts with their header."""
    archive = merged([file(size=10, chunks=(A,), at=1)], [file(size=11, chunks=(B,), at=2)])
    (entry,) = merged(archive, [file(size=0, chunks=(), at=9)])
    assert (entry.chunks, entry.mtime_ns) == ((B,), 2)


def test_what_the_snapshot_does_not_show_is_carried_over() -> None:
    """An empty data directory changes nothing (rule 4)."""
    archive = [file(), grown(path="b.csv")]
    assert merged(archive, []) == archive
    assert merged(archive, [file("c.csv")])[:2] == archive


def test_a_rewritten_file_keeps_both_versions() -> None:
    """The newer is current; the other says in which backup it was replaced."""
    result = merge([file()], [other()], GROWN, number=42)
    (entry,) = result.files
    assert (entry.size, entry.chunks, entry.mtime_ns) == (15, (OTHER,), 3)
    assert entry.earlier == (EarlierVersion(size=10, mtime_ns=1, chunks=(ROWS,), replaced_in=42),)
    assert result.rewritten == ("a.csv",)


def test_of_a_rewritten_file_the_newer_version_is_current() -> None:
    """Also when that is the archive's."""
    (entry,) = merged([other(at=3)], [file(at=2)])
    assert (entry.chunks, entry.mtime_ns) == ((OTHER,), 3)
    assert [version.chunks for version in entry.earlier] == [(ROWS,)]


def test_an_earlier_version_that_grows_is_replaced_by_what_it_grew_to() -> None:
    """An instance with the older content goes on writing."""
    archive = merged([file()], [other()])
    (entry,) = merged(archive, [grown(at=4)])
    assert entry.chunks == (MORE,)
    assert [version.chunks for version in entry.earlier] == [(OTHER,)]


def test_an_earlier_version_keeps_the_number_of_its_backup() -> None:
    """However often the file is rewritten after."""
    archive = merged([file()], [other()], number=42)
    (entry,) = merged(archive, [file(size=7, chunks=(D,), at=8)], number=43)
    assert {version.chunks: version.replaced_in for version in entry.earlier} == {
        (ROWS,): 42,
        (OTHER,): 43,
    }


def test_a_csv_keeps_every_version() -> None:
    """However many there are."""
    files: tuple[FileEntry, ...] = (file(at=0),)
    for number in range(1, 31):
        seen = [file(size=11, chunks=(f"{number:064x}",), at=number)]
        files = merge(files, seen, GROWN, number=number).files
    assert [version.replaced_in for version in files[0].earlier] == list(range(1, 31))


def test_a_json_keeps_the_largest_earlier_version_only() -> None:
    """A state file that is rewritten all the time would otherwise fill the archive."""
    files = [file("s.json", size=10, chunks=(A,), at=1)]
    files = merged(files, [file("s.json", size=30, chunks=(B,), at=2)])
    files = merged(files, [file("s.json", size=20, chunks=(C,), at=3)])
    (entry,) = merged(files, [file("s.json", size=5, chunks=(D,), at=4)])
    assert entry.chunks == (D,)
    assert [(version.size, version.chunks) for version in entry.earlier] == [(30, (B,))]


def test_a_forgotten_path_stays_forgotten() -> None:
    """Even though the logger still has it."""
    result = merge([file()], [file("b.csv")], (), number=42, forgotten={"b.csv"})
    assert result.files == (file(),)


def test_the_same_content_seen_again_is_nothing_new() -> None:
    """Touched, it has the newer time; stored under another name, it keeps the archive's."""
    archive = [file(chunks=(f"{ROWS}.0a1b2c3d",))]
    result = merge(archive, [file(at=7)], (), number=42)
    assert result.files == (file(chunks=(f"{ROWS}.0a1b2c3d",), at=7),)
    assert not result.rewritten


def test_fields_that_are_not_known_are_carried_over() -> None:
    """The archive's come before those that were seen."""
    archive = [FileEntry.model_validate({**dict(file()), "colour": "red", "old": [1]})]
    seen = [FileEntry.model_validate({**dict(other()), "colour": "blue", "new": 2})]
    (entry,) = merged(archive, seen)
    assert entry.model_extra == {"colour": "red", "old": [1], "new": 2}
    (entry,) = merged(archive, [])
    assert entry.model_extra == {"colour": "red", "old": [1]}


def test_what_is_not_proven_counts_as_rewritten() -> None:
    """Nothing is guessed from sizes or times."""
    (entry,) = merge([file()], [grown()], (), number=42).files
    assert entry.chunks == (MORE,)
    assert [version.chunks for version in entry.earlier] == [(ROWS,)]


WHOLE = CHUNK_SIZE


@pytest.mark.parametrize(
    ("shorter", "longer", "answer"),
    [
        (((A,), WHOLE), ((A, B), WHOLE + 5), True),  # whole chunks agree
        (((A,), WHOLE), ((B, C), WHOLE + 5), False),  # a whole chunk differs
        (((A, B), WHOLE + 5), ((A, C), WHOLE + 9), Question(B, 5, C)),
        (((A, B), WHOLE + 5), ((A, C, D), 2 * WHOLE + 9), Question(B, 5, C)),
        (((A, B), WHOLE + 5), ((A, C), WHOLE + 5), False),  # as long, and not the same
        (((A, B), WHOLE + 5), ((A, B), WHOLE + 5), True),
        (((A, B), WHOLE + 5), ((D, C), WHOLE + 9), False),  # differs before the last chunk
        (((A, C), WHOLE + 9), ((A, B), WHOLE + 5), False),  # what is longer is no beginning
        (((), 0), ((A,), 5), True),
        (((), 0), ((), 0), True),
    ],
)
def test_what_extends_is_told_by_digests_or_by_one_question(
    shorter: tuple[tuple[str, ...], int],
    longer: tuple[tuple[str, ...], int],
    answer: Question | bool,
) -> None:
    """Only the last chunk of the shorter one can need its bytes."""
    one, two = (file(chunks=chunks, size=size) for chunks, size in (shorter, longer))
    assert question(one, two) == answer
    if isinstance(answer, Question):
        assert not extends(two, one, ())
        assert extends(two, one, {(answer.short, answer.long)})
    else:
        assert extends(two, one, ()) == answer


def test_questions_are_asked_of_every_kept_version() -> None:
    """What was seen may continue an earlier one; a file that is new needs no proof."""
    archive = merged([file()], [other()])
    asked = set(questions(archive, [grown(), file("new.csv", size=99, chunks=(D,))]))
    assert asked == {Question(ROWS, 10, MORE), Question(OTHER, 15, MORE)}


def test_nothing_is_asked_of_a_version_that_both_hold() -> None:
    """What each holds besides has been compared with it when it came."""
    archive = merged([file()], [other()])
    assert set(questions(archive, archive)) == set()
    assert set(questions(archive, merged(archive, [grown(at=4)]))) == {Question(ROWS, 10, MORE)}


def test_what_was_left_unproven_is_asked_again_of_the_newest() -> None:
    """One reading answers for all of them, and most are gone then."""
    unproven = list(merge([file()], [grown()], (), number=42).files)
    assert set(questions(unproven, [grown()])) == {Question(ROWS, 10, MORE)}
    assert merged(unproven, [grown()])[0].earlier == ()


def test_nothing_more_is_asked_of_what_continues_the_current_version() -> None:
    """Else it would be the current one's continuation that an earlier version begins with."""
    archive = merged([other(at=0, size=25)], [file()])
    longer = Question(MORE, 20, OTHER)
    assert set(questions(archive, [grown()])) == {Question(ROWS, 10, MORE), longer}
    assert longer not in set(questions(archive, [grown()], GROWN))


def test_a_version_is_compared_with_the_newest_few_longer_ones_only() -> None:
    """However many there are; of the shorter ones with all, which costs one reading."""
    chunks = [f"{number:064x}" for number in range(100)]
    longer = tuple(
        EarlierVersion(size=100 + at, mtime_ns=at, chunks=(chunk,), replaced_in=1)
        for at, chunk in enumerate(chunks)
    )
    archive = [file(size=5, chunks=(A,), at=100, earlier=longer)]
    newest = {Question(ROWS, 10, chunk) for chunk in chunks[-ASKED:]}
    assert set(questions(archive, [file(at=101)])) == newest | {Question(A, 5, ROWS)}


def test_what_came_soon_after_a_version_is_asked_first() -> None:
    """What continues it is most likely there, however many others came since."""
    chunks = [f"{number:064x}" for number in range(100)]
    longer = tuple(
        EarlierVersion(size=100, mtime_ns=at, chunks=(chunk,), replaced_in=1)
        for at, chunk in enumerate(chunks)
    )
    newer = [file(size=100, chunks=(A,), at=100, earlier=longer)]
    after = {Question(ROWS, 10, chunk) for chunk in chunks[50 : 50 + ASKED]}
    assert set(questions([file(at=50)], newer)) == after


def test_what_an_older_archive_had_is_missed() -> None:
    """A path, a longer version, or an earlier one (rule 4)."""
    both = merged([file()], [other()])
    assert lacking([file(), grown(path="b.csv")], [file()], GROWN) == ["b.csv"]
    assert lacking([grown()], [file()], GROWN) == ["a.csv"]
    assert lacking(both, [other()], GROWN) == ["a.csv"]
    assert lacking([file()], [grown()], ()) == ["a.csv"]


def test_what_is_held_in_another_way_is_not_missed() -> None:
    """As a beginning, or as an earlier version."""
    assert lacking([file()], [grown()], GROWN) == []
    assert lacking([file()], merged([file()], [other()]), GROWN) == []
    assert lacking([], [file()], GROWN) == []


def test_of_a_json_a_larger_earlier_version_stands_for_what_was_let_go() -> None:
    """Nothing but that: a larger current one does not."""
    small = file("s.json", size=5, chunks=(A,))
    newer = file("s.json", size=9, chunks=(B,))
    held = EarlierVersion(size=6, mtime_ns=1, chunks=(C,), replaced_in=1)
    assert lacking([small], [newer], ()) == ["s.json"]
    assert lacking([small], [newer.model_copy(update={"earlier": (held,)})], ()) == []
