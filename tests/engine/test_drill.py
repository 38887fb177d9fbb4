from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.archives import (
    SERVICE,
    LocalStore,
    Store,
    WatchedProvider,
    append,
    back_up,
    first_chunk,
    newest,
    noise,
    rows,
    write,
)
from shared.archive import Wanted
from shared.chunk import CHUNK_SIZE, compress
from shared.chunk_store import read_chunk
from shared.document import parse
from shared.drill import DrillOptions, drill
from shared.drill_report import DrillReport, store_report
from shared.errors import NothingMatches, StorageUnavailable
from shared.names import DRILLS, chunk_name, digest_of, drill_name, manifest_name, ref_of
from shared.status import status

LONG = noise(CHUNK_SIZE + 1000)


@pytest.fixture
def backed(data: Path, store: Store) -> Store:
    """Two backups: a long file, an empty one, and one that was rewritten."""
    write(data, "long.csv", LONG)
    write(data, "empty.csv", b"")
    write(data, "rewritten.csv", rows(300), hours_ago=2)
    back_up(data, store.provider)
    write(data, "rewritten.csv", noise(200), hours_ago=1)
    back_up(data, store.provider)
    return store


def test_a_whole_backup_passes(backed: Store) -> None:
    """Every byte of every version is read, the earlier ones too, and nothing is written."""
    before = backed.objects()
    report = drill([backed.provider], SERVICE)
    assert (report.passed, report.number, report.lost) == (True, 2, {})
    assert (report.files, report.versions) == (3, 4)
    assert report.raw_bytes == len(LONG) + 300 + 200
    assert report.backups == {backed.provider.address: 2}
    assert backed.objects() == before


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("damage", ["missing", "cut", "empty", "swapped", "another's"])
def test_a_damaged_chunk_fails_the_drill(backed: Store, damage: str, index: int) -> None:
    """Gone, cut off, or a good frame of other bytes: the file is named."""
    manifest = newest(backed.provider)
    name = first_chunk(manifest, "long.csv", index)
    frame = backed.objects()[name]
    if damage == "missing":
        backed.remove(name)
    else:
        others = backed.objects()[first_chunk(manifest, "rewritten.csv")]
        bad = {"cut": frame[:-1], "empty": b"", "swapped": compress(b"x"), "another's": others}
        backed.plant(name, bad[damage])
    report = drill([backed.provider], SERVICE)
    assert (report.passed, list(report.lost)) == (False, ["long.csv"])
    assert name in report.lost["long.csv"]
    bad_bytes = len(LONG[index * CHUNK_SIZE :][:CHUNK_SIZE])
    assert report.raw_bytes == len(LONG) - bad_bytes + 300 + 200
    assert report.lost_chunks == (digest_of(str(ref_of(name))),)


def test_a_damaged_earlier_version_fails_the_drill(backed: Store) -> None:
    """What is kept must be there, current or not."""
    (earlier,) = newest(backed.provider).files[2].earlier
    backed.remove(chunk_name(earlier.chunks[0]))
    report = drill([backed.provider], SERVICE)
    assert (report.passed, list(report.lost)) == (False, ["rewritten.csv"])


@pytest.mark.parametrize("bad", [b"", b"{}", b'{"number":2'])
def test_a_damaged_manifest_fails_the_drill(backed: Store, bad: bytes) -> None:
    """The one before it is proven instead, and says so."""
    backed.plant(manifest_name(2), bad)
    report = drill([backed.provider], SERVICE)
    assert (report.passed, report.number, report.lost) == (False, 1, {})
    assert "backup 2 cannot be read" in report.unreadable[0]


def test_a_provider_that_does_not_answer_fails_the_drill(backed: Store, tmp_path: Path) -> None:
    """A drill proves what a restore would find now."""
    silent = WatchedProvider(LocalStore(tmp_path / "silent").provider)

    def fail(name: str) -> None:
        raise StorageUnavailable("no answer", name=name)

    silent.before_list = fail
    report = drill([silent, backed.provider], SERVICE)
    assert (report.passed, report.unreachable, report.lost) == (False, ("no answer",), {})


def test_an_empty_archive_proves_nothing(local: LocalStore) -> None:
    """It has not passed, and it is a first boot, not a failure."""
    report = drill([local.provider], SERVICE)
    assert (report.passed, report.is_first_boot, report.number) == (False, True, 0)


def test_an_older_backup_is_drilled_when_asked_for(backed: Store) -> None:
    """By number; one that is not there is an error."""
    report = drill([backed.provider], SERVICE, DrillOptions(wanted=Wanted(number=1)))
    assert (report.passed, report.number, report.versions) == (True, 1, 3)
    with pytest.raises(NothingMatches):
        drill([backed.provider], SERVICE, DrillOptions(wanted=Wanted(number=3)))


def test_the_verdict_is_stored(backed: Store) -> None:
    """Under the backup's number and the time, and the status tells of the newest drill."""
    report = drill([backed.provider], SERVICE)
    name = store_report(backed.provider, report)
    assert name == drill_name(2, datetime.fromisoformat(report.started_at))
    assert parse(DrillReport, backed.objects()[name], name) == report
    seen = status(backed.provider, SERVICE).last_drill
    assert seen == {
        "number": 2,
        "passed": True,
        "partial": False,
        "started_at": report.started_at,
    }


def test_two_drills_in_one_second_are_both_kept(backed: Store) -> None:
    """Each has its own verdict; the later one is named for the next second."""
    report = drill([backed.provider], SERVICE).model_copy(
        update={"started_at": "2026-11-22T20:00:00.1Z"}
    )
    names = [
        store_report(backed.provider, report.model_copy(update={"seconds": seconds}))
        for seconds in (1.0, 2.0)
    ]
    assert names == [f"{DRILLS}00000002-20261122T20000{second}Z.json" for second in (0, 1)]
    assert set(names) < set(backed.objects())


def test_the_newest_drill_counts_by_its_time(backed: Store) -> None:
    """Also when it was of an older backup; a damaged verdict is told of, not passed over."""
    report = drill([backed.provider], SERVICE)
    for number, day in ((2, 20), (1, 21)):
        at = datetime(2026, 11, day, tzinfo=UTC).isoformat()
        store_report(
            backed.provider, report.model_copy(update={"number": number, "started_at": at})
        )
    seen = status(backed.provider, SERVICE).last_drill
    assert seen is not None
    assert seen["number"] == 1
    backed.plant(f"{DRILLS}00000002-20261122T000000Z.json", b"{}")
    seen = status(backed.provider, SERVICE).last_drill
    assert seen is not None
    assert "is not a valid drill report" in str(seen["error"])


def test_a_drill_reads_grown_chunks_as_a_restore_does(data: Path, local: LocalStore) -> None:
    """A chunk that was put together from two stands by itself."""
    write(data, "a.csv", rows(100))
    back_up(data, local.provider)
    first = newest(local.provider).files[0].chunks[0]
    append(data, "a.csv", rows(300)[100:])
    back_up(data, local.provider)
    local.remove(chunk_name(first))
    assert drill([local.provider], SERVICE).passed
    second = newest(local.provider).files[0].chunks[0]
    assert read_chunk(local.provider, second) == rows(300)
    assert digest_of(second) == second
