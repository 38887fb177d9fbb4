"""What holds of a merge whatever comes in, over real bytes.

Chunks have four bytes here, so that small contents have many, and whether one content extends
another is seen from the bytes themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import chunk, format, growth, merge  # noqa: A004  the module has the name of its subject
from shared.chunk import digest
from shared.format import FileEntry, Version
from shared.growth import Question
from shared.merge import Merged, lacking, questions

CHUNK_SIZE = 4


@pytest.fixture(autouse=True, scope="module")
def _small_chunks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in (chunk, format, growth):
            patch.setattr(module, "CHUNK_SIZE", CHUNK_SIZE)
        yield


@dataclass(frozen=True)
class Seen:
    """A file as one snapshot shows it."""

    path: str
    content: bytes
    mtime_ns: int


def chunks_of(content: bytes) -> list[bytes]:
    """The content, cut."""
    return [content[at : at + CHUNK_SIZE] for at in range(0, len(content), CHUNK_SIZE)]


class World:
    """Every chunk that ever was, so that questions are answered from bytes."""

    def __init__(self) -> None:
        self.chunks: dict[str, bytes] = {}

    def entry(self, seen: Seen) -> FileEntry:
        """The file as an entry without earlier versions."""
        pieces = chunks_of(seen.content)
        self.chunks |= {digest(piece): piece for piece in pieces}
        refs = tuple(map(digest, pieces))
        size, time = len(seen.content), seen.mtime_ns
        return FileEntry(path=seen.path, size=size, mtime_ns=time, chunks=refs)

    def content(self, version: Version) -> bytes:
        """The bytes of a version."""
        return b"".join(self.chunks[digest] for digest in version.digests)

    def contents(self, files: tuple[FileEntry, ...], path: str) -> list[bytes]:
        """The bytes of all versions of a file, the current one first."""
        return [self.content(v) for entry in files if entry.path == path for v in entry.versions]

    def answers(self, asked: Iterator[Question]) -> set[tuple[str, str]]:
        """What is proven, by looking at the bytes; a question is about bytes that exist."""
        proven = set()
        for question in asked:
            short, long = self.chunks[question.short], self.chunks[question.long]
            assert len(short) == question.length < len(long)
            if long.startswith(short):
                proven.add((question.short, question.long))
        return proven

    def join(self, archive: tuple[FileEntry, ...], seen: list[Seen], number: int = 1) -> Merged:
        """Merge a snapshot into an archive."""
        entries = [self.entry(file) for file in seen]
        return self.join_entries(archive, tuple(entries), number)

    def join_entries(
        self, archive: tuple[FileEntry, ...], entries: tuple[FileEntry, ...], number: int = 1
    ) -> Merged:
        """Merge one archive into another."""
        proven = self.answers(questions(archive, entries))
        return merge.merge(archive, entries, proven, number=number)

    def gone(self, older: tuple[FileEntry, ...], newer: tuple[FileEntry, ...]) -> list[str]:
        """What the newer archive lacks, as rule 4 checks it."""
        return lacking(older, newer, self.answers(questions(older, newer)))


# Two letters make common beginnings likely. A JSON document ends where it is whole, so none
# is the beginning of another: the letter at its end stands for the last bracket.
ROWS = st.text("ab", max_size=13).map(str.encode)
DOCUMENTS = st.text("ab", max_size=12).map(lambda text: f"{text}}}".encode())
TIMES = st.integers(0, 6)
CSV = st.builds(Seen, st.sampled_from(["a.csv", "b.csv"]), ROWS, TIMES)
JSON = st.builds(Seen, st.just("c.json"), DOCUMENTS, TIMES)


def snapshots(files: st.SearchStrategy[Seen]) -> st.SearchStrategy[list[list[Seen]]]:
    """Several snapshots, each with a path at most once."""
    one = st.lists(files, max_size=3, unique_by=lambda file: file.path)
    return st.lists(one, max_size=6)


def merged(world: World, taken: list[list[Seen]]) -> tuple[FileEntry, ...]:
    """All snapshots, one after the other."""
    files: tuple[FileEntry, ...] = ()
    for number, seen in enumerate(taken, 1):
        files = world.join(files, seen, number).files
    return files


def is_held(seen: Seen, kept: list[bytes]) -> bool:
    """Whether a version is there as a prefix; of JSON the largest earlier one may stand for it."""
    if any(content.startswith(seen.content) for content in kept):
        return True
    is_json = seen.path.endswith(".json")
    return is_json and any(len(content) >= len(seen.content) for content in kept[1:])


@given(snapshots(CSV | JSON))
def test_nothing_that_was_merged_in_ever_leaves(taken: list[list[Seen]]) -> None:
    """Each version of each snapshot is held by what is kept in the end (rule 4)."""
    world = World()
    files = merged(world, taken)
    for seen in (file for snapshot in taken for file in snapshot):
        assert is_held(seen, world.contents(files, seen.path)), seen


@given(snapshots(CSV | JSON))
def test_an_archive_lacks_nothing_of_any_that_it_came_from(taken: list[list[Seen]]) -> None:
    """So the check of the newest against the one before finds nothing wrongly."""
    world = World()
    files: tuple[FileEntry, ...] = ()
    for number, seen in enumerate(taken, 1):
        before, files = files, world.join(files, seen, number).files
        assert world.gone(before, files) == []
        assert world.gone(tuple(map(world.entry, seen)), files) == []


@given(snapshots(CSV | JSON), st.data())
def test_what_is_taken_away_is_missed(taken: list[list[Seen]], data: st.DataObject) -> None:
    """A current version cut by one byte, or a file that is gone, is found by its path."""
    world = World()
    files = merged(world, taken)
    if not files:
        return
    victim = data.draw(st.sampled_from(files))
    others = tuple(entry for entry in files if entry is not victim)
    assert world.gone(files, others) == [victim.path]
    if victim.size and not victim.earlier:
        cut = world.entry(Seen(victim.path, world.content(victim)[:-1], 9))
        assert world.gone(files, (*others, cut)) == [victim.path]


@given(snapshots(CSV | JSON))
def test_merging_twice_changes_nothing(taken: list[list[Seen]]) -> None:
    """Neither the files nor their order, and nothing counts as rewritten."""
    world = World()
    files = merged(world, taken)
    for seen in (*taken, []):
        again = world.join(files, seen, 99)
        assert again.files == files
        assert not again.rewritten
    assert world.join_entries(files, files, 99).files == files


@given(snapshots(CSV), st.randoms(use_true_random=False))
def test_the_order_of_snapshots_does_not_matter(taken: list[list[Seen]], random: Random) -> None:
    """Two instances end in the same files, whoever comes first."""
    world = World()
    shuffled = random.sample(taken, len(taken))
    assert states(world, merged(world, taken)) == states(world, merged(world, shuffled))


@given(snapshots(JSON), st.randoms(use_true_random=False))
def test_the_order_does_not_matter_for_state_files(taken: list[list[Seen]], random: Random) -> None:
    """The same version is current, whichever of the others is kept beside it."""
    world = World()
    shuffled = random.sample(taken, len(taken))
    first, second = merged(world, taken), merged(world, shuffled)
    assert current(world, first) == current(world, second)


@pytest.mark.parametrize("order", [*permutations(range(4))])
def test_a_state_that_comes_back_leaves_the_other_that_it_was_kept_for(
    order: tuple[int, ...],
) -> None:
    """Here the longest one was the earlier version to be kept, and then became the current one."""
    seen = [(b"aa}", 1), (b"}", 1), (b"a}", 0), (b"aa}", 0)]
    world = World()
    (entry,) = merged(world, [[Seen("c.json", *seen[index])] for index in order])
    assert world.content(entry) == b"aa}"
    assert [world.content(version) for version in entry.earlier] in ([b"a}"], [b"}"])


@given(snapshots(CSV), snapshots(CSV))
def test_two_archives_join_like_their_snapshots(
    taken: list[list[Seen]], others: list[list[Seen]]
) -> None:
    """The histories of two providers, joined, are what one provider would have had."""
    world = World()
    joined = world.join_entries(merged(world, taken), merged(world, others)).files
    assert states(world, joined) == states(world, merged(world, [*taken, *others]))


def current(world: World, files: tuple[FileEntry, ...]) -> dict[str, tuple[bytes, int]]:
    """Of each file the current content and its time."""
    return {entry.path: (world.content(entry), entry.mtime_ns) for entry in files}


def states(world: World, files: tuple[FileEntry, ...]) -> dict[str, tuple[bytes, int, list[bytes]]]:
    """Of each file the current content, its time, and the earlier contents."""
    return {
        entry.path: (
            world.content(entry),
            entry.mtime_ns,
            sorted(world.content(version) for version in entry.earlier),
        )
        for entry in files
    }


@given(snapshots(CSV | JSON))
def test_the_newest_version_is_current_and_none_extends_another(taken: list[list[Seen]]) -> None:
    """Nothing is kept twice; of state files at most one earlier version is."""
    world = World()
    for entry in merged(world, taken):
        assert entry.mtime_ns == max(version.mtime_ns for version in entry.versions)
        kept = [world.content(version) for version in entry.versions]
        for index, content in enumerate(kept):
            others = kept[:index] + kept[index + 1 :]
            assert not any(other.startswith(content) for other in others)
        if entry.path.endswith(".json"):
            assert len(entry.earlier) <= 1


@given(snapshots(CSV | JSON))
def test_paths_come_sorted_and_once(taken: list[list[Seen]]) -> None:
    """Every path that was ever seen is there."""
    world = World()
    paths = [entry.path for entry in merged(world, taken)]
    assert paths == sorted({file.path for seen in taken for file in seen})


@given(snapshots(CSV | JSON), CSV | JSON)
def test_what_a_merge_would_let_go_need_not_be_fetched(taken: list[list[Seen]], seen: Seen) -> None:
    """It changes nothing; of a file that is only appended to, nothing is ever let go."""
    world = World()
    files = merged(world, taken)
    known = {entry.path: entry for entry in files}
    entry = world.entry(seen)
    if entry.path in known and merge.lets_go(known[entry.path], entry):
        assert seen.path == "c.json"
        assert states(world, world.join(files, [seen]).files) == states(world, files)


@given(snapshots(CSV | JSON), st.sets(st.sampled_from(["a.csv", "b.csv", "c.json"])))
def test_forgotten_paths_stay_forgotten(taken: list[list[Seen]], forgotten: set[str]) -> None:
    """Whatever snapshots still show."""
    world = World()
    files: tuple[FileEntry, ...] = ()
    for seen in taken:
        entries = tuple(map(world.entry, seen))
        proven = world.answers(questions(files, entries))
        files = merge.merge(files, entries, proven, number=1, forgotten=forgotten).files
    assert not forgotten & {entry.path for entry in files}
    rest = [[file for file in seen if file.path not in forgotten] for seen in taken]
    assert states(world, files) == states(world, merged(world, rest))


@given(snapshots(CSV))
def test_without_any_proof_everything_is_kept(taken: list[list[Seen]]) -> None:
    """When no chunk can be read, a merge keeps both versions rather than guess."""
    world = World()
    files: tuple[FileEntry, ...] = ()
    for seen in taken:
        files = merge.merge(files, tuple(map(world.entry, seen)), (), number=1).files
    for file in (file for seen in taken for file in seen):
        assert is_held(file, world.contents(files, file.path))
