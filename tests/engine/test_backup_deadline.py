"""A backup that is given too little time: it keeps what it has, says so, and the next goes on."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.archives import (
    JOB,
    SERVICE,
    LocalStore,
    Store,
    WatchedProvider,
    WatchedSource,
    append,
    back_up,
    bring_back,
    contents,
    entry,
    first_chunk,
    newest,
    noise,
    rows,
    write,
)
from engine.time_limits import Budget, hurried_backup
from shared.backup import backup
from shared.chunk import CHUNK_SIZE
from shared.drill import drill
from shared.errors import SourceUnreachable
from shared.names import chunk_name, manifest_name
from shared.prune import Retention, prune

LONG = noise(3 * CHUNK_SIZE + 1000)
ENOUGH = 100  # runs, for any of these to come to an end


@pytest.fixture
def folder(data: Path) -> Path:
    """A long file, several short ones, and a state file of two chunks."""
    write(data, "long.csv", LONG, hours_ago=12)
    for day in range(6):
        write(data, f"days/{day}.csv", rows(2000, day), hours_ago=10 - day)
    write(data, "state.json", b'["' + b"x" * CHUNK_SIZE + b'"]', hours_ago=20)
    return data


@pytest.mark.parametrize("chunks", [1, 2, 5])
def test_it_gets_there_in_steps_and_fetches_nothing_twice(
    folder: Path, store: Store, tmp_path: Path, chunks: int
) -> None:
    """After every step the archive is whole as far as it goes, and no step goes back."""
    reads: list[tuple[str, int, int]] = []
    sizes = [0]
    for _ in range(ENOUGH):
        report, source = hurried_backup(folder, store.provider, chunks)
        reads += source.reads
        assert drill([store.provider], SERVICE).passed
        sizes.append(report.raw_bytes)
        if report.result != "partial":
            break
    assert (report.result, report.later, newest(store.provider).partial) == ("created", [], False)
    assert len(sizes) > 12 // (chunks + 2)
    assert sizes == sorted(sizes)
    assert len(reads) == len(set(reads))
    assert sum(length for _, _, length in reads) == sum(map(len, contents(folder).values()))
    bring_back(tmp_path / "back", store.provider)
    assert contents(tmp_path / "back") == contents(folder)


def test_it_says_what_is_left(folder: Path, local: LocalStore, tmp_path: Path) -> None:
    """In the report, in the manifest, and to whoever restores it meanwhile."""
    report, _ = hurried_backup(folder, local.provider, 1)
    assert (report.result, report.number) == ("partial", 1)
    assert newest(local.provider).partial
    assert set(report.later) == set(contents(folder)) - {
        file.path for file in newest(local.provider).files
    }
    assert f"partial: {len(report.later)} files" in report.warnings[0]
    receipt = bring_back(tmp_path / "back", local.provider)
    assert receipt.warnings == ("backup 1 is partial: the logger had more by then",)


def test_the_newest_come_first(folder: Path, local: LocalStore) -> None:
    """Should there never be a second run, the newest hours are worth most."""
    hurried_backup(folder, local.provider, 2)
    kept = [file.path for file in newest(local.provider).files]
    by_age = [f"days/{day}.csv" for day in range(5, -1, -1)]
    assert kept
    assert sorted(kept, reverse=True) == by_age[: len(kept)]


def test_of_a_long_file_the_beginning_counts(data: Path, local: LocalStore, tmp_path: Path) -> None:
    """It is restored as such, and completed later."""
    write(data, "long.csv", LONG)
    report, _ = hurried_backup(data, local.provider, 1)
    size = entry(newest(local.provider), "long.csv").size
    assert (report.later, size % CHUNK_SIZE, 0 < size < len(LONG)) == (["long.csv"], 0, True)
    bring_back(tmp_path / "back", local.provider)
    assert contents(tmp_path / "back") == {"long.csv": LONG[:size]}
    back_up(data, local.provider)
    bring_back(tmp_path / "back", local.provider)
    assert contents(tmp_path / "back") == {"long.csv": LONG}


def test_a_file_that_grew_far_keeps_what_it_had(data: Path, local: LocalStore) -> None:
    """What has come of its growth is added to it."""
    write(data, "long.csv", LONG[: CHUNK_SIZE + 1000], hours_ago=2)
    back_up(data, local.provider)
    append(data, "long.csv", LONG[CHUNK_SIZE + 1000 :])
    hurried_backup(data, local.provider, 1)
    kept = entry(newest(local.provider), "long.csv")
    assert (kept.size > CHUNK_SIZE + 1000, kept.size < len(LONG), kept.earlier) == (True, True, ())


@pytest.mark.parametrize("path", ["state.json", "rewritten.csv"])
def test_half_of_something_new_never_stands_for_it(
    data: Path, local: LocalStore, tmp_path: Path, path: str
) -> None:
    """Half a document is none, and half of a rewritten file is less than what it was before."""
    before = b"[]\n"
    write(data, path, before, hours_ago=2)
    back_up(data, local.provider)
    write(data, path, b'["' + noise(2 * CHUNK_SIZE).hex().encode() + b'"]', hours_ago=1)
    report, first = hurried_backup(data, local.provider, 1)
    assert (report.result, report.number, report.later) == ("partial", 2, [path])
    bring_back(tmp_path / "back", local.provider)
    assert contents(tmp_path / "back") == {path: before}
    source = WatchedSource(data)
    assert backup(source, local.provider, JOB).result == "created"
    assert not set(first.reads) & set(source.reads)


def test_half_a_new_document_is_in_no_backup(data: Path, local: LocalStore) -> None:
    """Nor is there anything to restore of it yet."""
    write(data, "state.json", b'["' + noise(2 * CHUNK_SIZE).hex().encode() + b'"]')
    report, _ = hurried_backup(data, local.provider, 1)
    assert (report.result, report.files) == ("partial", 0)
    assert newest(local.provider).files == ()
    assert newest(local.provider).staged


@pytest.mark.parametrize("path", ["state.json", "rewritten.csv"])
def test_what_counts_only_whole_gets_there_in_steps(
    data: Path, store: Store, tmp_path: Path, path: str
) -> None:
    """What is here of it is staged: no later run fetches it again, or reads it again."""
    write(data, path, b"[]\n", hours_ago=2)
    back_up(data, store.provider)
    write(data, path, b'["' + noise(5 * CHUNK_SIZE // 2).hex().encode() + b'"]', hours_ago=1)
    reads: list[tuple[str, int, int]] = []
    for _ in range(ENOUGH):
        staged = {chunk_name(ref) for ref in newest(store.provider).staged}
        watched, got = WatchedProvider(store.provider), list[str]()
        watched.before_get = got.append
        report, source = hurried_backup(data, watched, 1)
        reads += source.reads
        if report.result != "partial":
            break
        assert not staged & set(got)
    assert (report.result, newest(store.provider).staged) == ("created", ())
    assert sum(length for _, _, length in reads) == (data / path).stat().st_size
    bring_back(tmp_path / "back", store.provider)
    assert (tmp_path / "back" / path).read_bytes() == (data / path).read_bytes()


def test_what_is_staged_survives_a_prune(data: Path, store: Store) -> None:
    """The newest backup names it, though no file does yet."""
    write(data, "state.json", b'["' + noise(2 * CHUNK_SIZE).hex().encode() + b'"]')
    _, first = hurried_backup(data, store.provider, 2)
    store.age(hours=30)
    assert prune(store.provider, SERVICE, Retention(1, 0)).chunks_dropped == 0
    source = WatchedSource(data)
    assert backup(source, store.provider, JOB).result == "created"
    assert not set(first.reads) & set(source.reads)
    assert drill([store.provider], SERVICE).passed


def test_a_long_document_does_not_keep_the_others_waiting(data: Path, local: LocalStore) -> None:
    """Though it may be the newest of all, and change before it is ever whole."""
    for day in range(4):
        write(data, f"days/{day}.csv", rows(2000, day), hours_ago=10 - day)
    for turn in range(ENOUGH):
        write(data, "state.json", b'["' + noise(2 * CHUNK_SIZE, str(turn)).hex().encode() + b'"]')
        report, _ = hurried_backup(data, local.provider, 1)
        if report.later == ["state.json"]:
            break
    assert [file.path for file in newest(local.provider).files] == [
        f"days/{day}.csv" for day in range(4)
    ]


def test_no_time_at_all_changes_nothing(folder: Path, local: LocalStore) -> None:
    """Not even a manifest that holds nothing."""
    report, source = hurried_backup(folder, local.provider, 0)
    assert (report.result, report.number, source.reads) == ("partial", 0, [])
    assert local.objects() == {}
    back_up(folder, local.provider)
    append(folder, "long.csv", b"more\n")
    report, _ = hurried_backup(folder, local.provider, 0)
    assert (report.result, report.number, report.later) == ("partial", 1, ["long.csv"])
    assert manifest_name(2) not in local.objects()


def test_many_files_that_grew_do_not_stop_it(data: Path, local: LocalStore) -> None:
    """With no time left to prove that, what either backup holds is kept until they grow again."""
    for size in (100, 200):
        for name in "abcd":
            write(data, f"{name}.csv", rows(size, ord(name)))
        back_up(data, local.provider)
    report, _ = hurried_backup(data, local.provider, 0)
    assert "backup 2 could not be compared with 1 in time" in report.warnings[0]
    assert {len(file.earlier) for file in newest(local.provider).files} == {1}
    for name in "abcd":
        append(data, f"{name}.csv", rows(300, ord(name))[200:])
    assert back_up(data, local.provider).rewritten == []
    assert {len(file.earlier) for file in newest(local.provider).files} == {0}
    assert drill([local.provider], SERVICE).passed


def test_a_backup_that_has_become_whole_says_so(data: Path, local: LocalStore) -> None:
    """Even if nothing came but the news that what was missing has gone."""
    write(data, "new.csv", rows(100), hours_ago=1)
    for day in range(4):
        write(data, f"old-{day}.csv", rows(100, day + 1), hours_ago=2)
    report, _ = hurried_backup(data, local.provider, 1)
    for path in report.later:
        (data / path).unlink()
    report = back_up(data, local.provider)
    assert (report.result, report.new_bytes, newest(local.provider).partial) == (
        "created",
        0,
        False,
    )
    assert back_up(data, local.provider).result == "nothing new"


def test_lost_chunks_wait_for_a_run_with_more_time(data: Path, local: LocalStore) -> None:
    """They are remembered as lost, and nothing is said to be mended that is not."""
    write(data, "a.csv", rows(1000))
    back_up(data, local.provider)
    local.remove(first_chunk(newest(local.provider), "a.csv"))
    lost = frozenset(drill([local.provider], SERVICE).lost_chunks)
    backup(WatchedSource(data), local.provider, replace(JOB, lost=lost), limit=Budget(0))
    assert newest(local.provider).lost == tuple(lost)
    back_up(data, local.provider)
    assert newest(local.provider).lost == ()
    assert drill([local.provider], SERVICE).passed


def test_a_logger_that_goes_away_costs_only_what_it_had_left(
    folder: Path, store: Store, tmp_path: Path
) -> None:
    """What came before is committed, the error says so, and the next run does not ask for it."""

    def go_away(path: str) -> None:
        if path == "long.csv":
            raise SourceUnreachable("the logger does not answer", name="here", hint="Is it up?")

    source = WatchedSource(folder)
    source.before_read = go_away
    with pytest.raises(SourceUnreachable) as caught:
        backup(source, store.provider, JOB, threads=1)
    assert caught.value.message.endswith("what had come by then is kept as backup 1")
    assert (caught.value.name, caught.value.hint) == ("here", "Is it up?")
    assert newest(store.provider).partial
    again = WatchedSource(folder)
    assert backup(again, store.provider, JOB).result == "created"
    assert not set(source.reads) & set(again.reads)
    bring_back(tmp_path / "back", store.provider)
    assert contents(tmp_path / "back") == contents(folder)


def test_a_logger_that_goes_away_at_once_leaves_nothing(folder: Path, store: Store) -> None:
    """No manifest says anything that is not so."""

    def go_away(_path: str) -> None:
        raise SourceUnreachable("the logger does not answer")

    source = WatchedSource(folder)
    source.before_read = go_away
    with pytest.raises(SourceUnreachable, match=r"does not answer$"):
        backup(source, store.provider, JOB)
    assert store.objects() == {}
