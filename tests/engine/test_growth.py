from pathlib import Path

import pytest

from engine.archives import (
    JOB,
    MIB,
    LocalStore,
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
    touch,
    write,
)
from shared.backup import backup
from shared.chunk import CHUNK_SIZE, compress, digest
from shared.names import CHUNKS

MORE = 100 * 1024


@pytest.mark.parametrize(
    ("before", "added"),
    [
        (300_000, MORE),
        (0, MORE),
        (CHUNK_SIZE - MORE // 2, MORE),  # across one boundary
        (CHUNK_SIZE - MORE, MORE),  # up to a boundary
        (CHUNK_SIZE, MORE),  # from a boundary on
        (CHUNK_SIZE + 1, 1),
        (MIB, 9 * MIB),  # over several chunks
    ],
)
def test_only_what_was_appended_is_fetched(
    data: Path, local: LocalStore, tmp_path: Path, before: int, added: int
) -> None:
    """The bytes past the parent's are asked for, each once, and the file is whole again."""
    whole = noise(10 * MIB)
    write(data, "a.csv", whole[:before])
    write(data, "other.csv", rows(200_000, start=9))
    back_up(data, local.provider)
    append(data, "a.csv", whole[before : before + added])
    source = WatchedSource(data)
    report = backup(source, local.provider, JOB)
    assert source.fetched == report.new_bytes == added
    assert min(offset for _, offset, _ in source.reads) == before
    assert report.rewritten == []
    assert entry(newest(local.provider), "a.csv").earlier == ()
    bring_back(tmp_path / "back", local.provider)
    assert contents(tmp_path / "back") == contents(data)


def test_an_hour_of_rows_costs_no_more_than_its_own_bytes(data: Path, local: LocalStore) -> None:
    """With a history of many files, only the day's grows: one read, two objects."""
    for day in range(10):
        write(data, f"BTC-USD/2026-11-{day + 10}.csv", rows(20_000, start=day * 500))
    back_up(data, local.provider)
    append(data, "BTC-USD/2026-11-19.csv", rows(MORE, start=99))
    source, provider = WatchedSource(data), WatchedProvider(local.provider)
    backup(source, provider, JOB)
    assert source.reads == [("BTC-USD/2026-11-19.csv", 20_000, MORE)]
    assert [name[: len(CHUNKS)] for name in provider.puts] == [CHUNKS, "backups"]


def test_nothing_is_read_of_unchanged_files(data: Path, local: LocalStore) -> None:
    """Digests tell: neither times nor a new process make anything go twice."""
    place = write(data, "a.csv", noise(5 * MIB))
    write(data, "state.json", b"{}")
    back_up(data, local.provider)
    touch(place, hours_ago=0)
    source = WatchedSource(data)
    backup(source, local.provider, JOB)
    assert source.reads == []


@pytest.mark.parametrize("left", [0, 1000, CHUNK_SIZE, CHUNK_SIZE + 1000])
def test_a_file_that_shrank_keeps_what_the_archive_has(
    data: Path, local: LocalStore, left: int
) -> None:
    """A beginning of the archived file adds nothing: no version, no read, no backup."""
    whole = noise(CHUNK_SIZE + 5000)
    write(data, "a.csv", whole)
    back_up(data, local.provider)
    write(data, "a.csv", whole[:left], hours_ago=0)
    source = WatchedSource(data)
    report = backup(source, local.provider, JOB)
    assert (report.result, report.number, source.reads) == ("nothing new", 1, [])


def test_a_beginning_of_an_earlier_version_adds_nothing(data: Path, local: LocalStore) -> None:
    """What any kept version holds is not fetched again."""
    write(data, "a.csv", rows(9000), hours_ago=3)
    back_up(data, local.provider)
    write(data, "a.csv", noise(2000), hours_ago=2)
    back_up(data, local.provider)
    write(data, "a.csv", rows(5000), hours_ago=1)
    source = WatchedSource(data)
    report = backup(source, local.provider, JOB)
    assert (report.result, source.reads) == ("nothing new", [])


@pytest.mark.parametrize("size", [5000, CHUNK_SIZE, CHUNK_SIZE + 5000])
def test_a_rewrite_of_the_same_size_is_told_from_growth(
    data: Path, local: LocalStore, size: int
) -> None:
    """Nothing is guessed from sizes: the changed chunk is fetched whole, both versions stay."""
    whole = noise(size)
    write(data, "a.csv", whole, hours_ago=2)
    back_up(data, local.provider)
    write(data, "a.csv", whole[:-10] + b"0123456789", hours_ago=1)
    source = WatchedSource(data)
    report = backup(source, local.provider, JOB)
    assert report.rewritten == ["a.csv"]
    assert source.fetched == (size % CHUNK_SIZE or CHUNK_SIZE)
    assert [one.size for one in entry(newest(local.provider), "a.csv").earlier] == [size]


def test_a_longer_file_that_begins_otherwise_is_no_growth(data: Path, local: LocalStore) -> None:
    """The appended bytes do not prove it, so the chunk is fetched whole and both stay."""
    write(data, "a.csv", rows(4000), hours_ago=2)
    back_up(data, local.provider)
    write(data, "a.csv", noise(6000), hours_ago=1)
    report = back_up(data, local.provider)
    assert report.rewritten == ["a.csv"]
    kept = entry(newest(local.provider), "a.csv")
    assert kept.digests == (digest(noise(6000)),)
    assert [one.digests for one in kept.earlier] == [(digest(rows(4000)),)]


def test_growth_of_a_chunk_that_was_lost_is_fetched_whole(data: Path, local: LocalStore) -> None:
    """Where the parent's chunk is gone or bad, the source still has its bytes."""
    write(data, "gone.csv", rows(4000))
    write(data, "bad.csv", noise(4000))
    back_up(data, local.provider)
    local.remove(first_chunk(newest(local.provider), "gone.csv"))
    local.plant(first_chunk(newest(local.provider), "bad.csv"), compress(b"something else"))
    append(data, "gone.csv", rows(100))
    append(data, "bad.csv", rows(100))
    report = back_up(data, local.provider)
    assert (report.new_bytes, report.rewritten) == (8200, [])
    manifest = newest(local.provider)
    assert [file.size for file in manifest.files] == [4100, 4100]
    assert [file.earlier for file in manifest.files] == [(), ()]


def test_the_stored_chunk_is_one_whole_frame(data: Path, local: LocalStore) -> None:
    """Also after growth: anyone can open a chunk without the ones before it."""
    write(data, "a.csv", rows(4000))
    back_up(data, local.provider)
    append(data, "a.csv", rows(100, start=70))
    back_up(data, local.provider)
    frame = local.objects()[first_chunk(newest(local.provider), "a.csv")]
    assert frame == compress((data / "a.csv").read_bytes())
