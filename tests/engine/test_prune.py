from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.archives import (
    SERVICE,
    LocalStore,
    Store,
    WatchedProvider,
    append,
    back_up,
    newest,
    noise,
    rows,
    write,
)
from shared.archive import Wanted
from shared.chunk import compress, digest
from shared.document import encode
from shared.drill import DrillOptions, drill
from shared.drill_report import store_report
from shared.errors import TooNew
from shared.format import Manifest
from shared.history import numbers, read_manifest
from shared.names import CHUNKS, SCRATCH, chunk_name, manifest_name, ref_of
from shared.prune import PruneReport, Retention, prune, wanted_numbers

LAST = Retention(keep_last=1, keep_daily=1)
DAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def change(store: Store, number: int, **changes: object) -> None:
    """Change fields of a stored manifest; it is then as young as a new one."""
    manifest = read_manifest(store.provider, number)
    document = manifest.model_dump() | changes
    store.plant(manifest_name(number), encode(Manifest.model_validate(document)))


def chunks(store: Store) -> set[str]:
    """The references of the chunks that are stored."""
    return {ref_of(name) or "" for name in store.objects() if name.startswith(CHUNKS)}


def run(store: Store, retention: Retention = LAST) -> PruneReport:
    """One prune."""
    return prune(store.provider, SERVICE, retention)


@pytest.fixture
def grown(data: Path, store: Store) -> Store:
    """Four backups of one growing file, 30 hours old, each with a chunk of its own."""
    for step in range(1, 5):
        write(data, "a.csv", rows(100 * step))
        back_up(data, store.provider)
    store.age(hours=30)
    return store


def test_what_the_policy_lets_go_is_dropped(grown: Store) -> None:
    """The newest stays with its chunk; the others go, and then the chunks that none names."""
    report = run(grown)
    assert (report.kept, report.dropped) == ([4], [1, 2, 3])
    assert numbers(grown.provider) == [4]
    assert chunks(grown) == {digest(rows(400))}
    assert (report.chunks_kept, report.chunks_dropped, report.warnings) == (1, 3, [])
    assert report.bytes_freed == sum(len(compress(rows(100 * step))) for step in (1, 2, 3))
    assert drill([grown.provider], SERVICE).passed


def test_what_killed_writers_left_is_swept_after_a_day(local: LocalStore, data: Path) -> None:
    """A younger one may be at work."""
    back_up(data, local.provider)
    incoming = local.directory / ".incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    for name, hours in (("old", 25), ("young", 23)):
        write(incoming, name, b"half", hours_ago=hours)
    run(local)
    assert [place.name for place in incoming.iterdir()] == ["young"]


def test_a_second_prune_finds_nothing(grown: Store) -> None:
    """What is left stays."""
    run(grown)
    report = run(grown)
    assert (report.kept, report.dropped, report.chunks_dropped) == ([4], [], 0)


def test_the_policy_keeps_the_last_and_the_last_of_each_day(data: Path, local: LocalStore) -> None:
    """Two newest, and of the three newest days the last one each."""
    write(data, "a.csv", rows(100))
    back_up(data, local.provider)
    first = newest(local.provider)
    made = {}
    for number, hours in enumerate([0, 5, 24, 30, 48, 54, 72, 73, 74], start=1):
        at = {"number": number, "created_at": (DAY + timedelta(hours=hours)).isoformat()}
        made[number] = first.model_copy(update=at)
        local.plant(manifest_name(number), encode(made[number]), hours_ago=2)
    expected = {8, 9} | {9, 6, 4}
    assert wanted_numbers(made, Retention(keep_last=2, keep_daily=3)) == expected
    report = run(local, Retention(keep_last=2, keep_daily=3))
    assert report.kept == numbers(local.provider) == sorted(expected)


def test_the_newest_is_never_dropped(grown: Store) -> None:
    """Whatever the policy says, even when it keeps nothing (rule 9)."""
    assert run(grown, Retention(keep_last=0, keep_daily=0)).kept == [4]
    assert drill([grown.provider], SERVICE).passed


def test_the_newest_that_passed_a_drill_is_never_dropped(grown: Store) -> None:
    """It is the last one of which it is known that it can be restored (rule 9)."""
    for number, passed in ((1, True), (2, True), (3, False)):
        report = drill([grown.provider], SERVICE)
        store_report(grown.provider, report.model_copy(update={"number": number, "passed": passed}))
    assert run(grown).kept == [2, 4]
    assert chunks(grown) == {digest(rows(200)), digest(rows(400))}


def test_an_unreadable_verdict_is_told_of(grown: Store) -> None:
    """It protects nothing, and stops nothing."""
    grown.plant("drills/00000001-20261122T000000Z.json", b"{")
    report = run(grown)
    assert report.kept == [4]
    assert "00000001-20261122T000000Z.json" in report.warnings[0]


def test_no_backup_younger_than_an_hour_is_dropped(grown: Store) -> None:
    """It may be a slow writer's parent: its number must not be vacated (rule 3)."""
    for number, minutes in ((1, 59), (2, 61), (3, 1)):
        name = manifest_name(number)
        grown.plant(name, grown.objects()[name], hours_ago=minutes / 60)
    assert run(grown).kept == [1, 3, 4]


def test_no_chunk_younger_than_a_day_is_dropped(grown: Store) -> None:
    """It may be waiting for its manifest (rule 9)."""
    for size, hours in ((100, 23.9), (200, 24.1)):
        grown.plant(chunk_name(digest(rows(size))), compress(rows(size)), hours_ago=hours)
    grown.plant(chunk_name(digest(b"unnamed")), compress(b"unnamed"), hours_ago=23)
    run(grown)
    assert chunks(grown) == {digest(rows(100)), digest(rows(400)), digest(b"unnamed")}


def test_no_chunk_that_a_kept_backup_names_is_dropped(data: Path, store: Store) -> None:
    """Current or earlier, of the newest or of an older backup that stays (rule 9)."""
    write(data, "rewritten.csv", noise(100), hours_ago=3)
    write(data, "grown.csv", rows(100))
    back_up(data, store.provider)
    write(data, "rewritten.csv", rows(50), hours_ago=2)
    append(data, "grown.csv", rows(200)[100:])
    back_up(data, store.provider)
    append(data, "grown.csv", rows(300)[200:])
    back_up(data, store.provider)
    store.age(hours=1000)
    assert run(store, Retention(keep_last=2, keep_daily=0)).kept == [2, 3]
    kept = [noise(100), rows(50), rows(200), rows(300)]
    assert chunks(store) == {digest(raw) for raw in kept}
    for number in (2, 3):
        assert drill([store.provider], SERVICE, DrillOptions(wanted=Wanted(number=number))).passed


def test_a_backup_that_has_what_the_newest_lacks_stays(grown: Store) -> None:
    """Rule 4 is checked again before anything goes; the warning names the path."""
    change(grown, 4, files=[])
    grown.age(hours=30)
    report = run(grown)
    assert report.kept == [1, 2, 3, 4]
    assert report.warnings == [
        f"backup {number} stays: the newest lacks a.csv" for number in (1, 2, 3)
    ]
    assert chunks(grown) == {digest(rows(100 * step)) for step in (1, 2, 3)}


def test_a_backup_whose_file_the_newest_no_longer_proves_stays(grown: Store) -> None:
    """Where the newest one's chunk is lost, the older ones are all that there is."""
    grown.remove(chunk_name(digest(rows(400))))
    report = run(grown)
    assert (report.kept, len(report.warnings)) == ([1, 2, 3, 4], 4)
    assert "no chunk was deleted" in report.warnings[3]
    assert chunks(grown) == {digest(rows(100 * step)) for step in (1, 2, 3)}


def test_a_prune_reads_each_chunk_once(grown: Store) -> None:
    """However many old backups ask whether it continues theirs."""
    provider = WatchedProvider(grown.provider)
    asked: list[str] = []
    provider.before_get = asked.append
    assert prune(provider, SERVICE, LAST).dropped == [1, 2, 3]
    assert [name for name in asked if name.startswith(CHUNKS)] == [chunk_name(digest(rows(400)))]


def test_what_a_backup_says_was_forgotten_is_not_deleted(data: Path, grown: Store) -> None:
    """A key that may create objects could say so too, and must not destroy anything (rule 10)."""
    write(data, "b.csv", rows(70))
    back_up(data, grown.provider)
    act = {"path": "a.csv", "by": "operator", "why": "asked to", "at": DAY.isoformat()}
    files = [file for file in newest(grown.provider).files if file.path == "b.csv"]
    change(grown, 5, files=files, forgotten=[act])
    grown.age(hours=30)
    report = run(grown)
    assert (report.kept, report.chunks_dropped) == ([1, 2, 3, 4, 5], 0)
    assert "the newest lacks a.csv" in report.warnings[0]


@pytest.mark.parametrize("kind", ["damaged", "foreign"])
def test_no_chunk_goes_while_a_kept_backup_cannot_be_read(grown: Store, kind: str) -> None:
    """It may name any of them (rule 9)."""
    if kind == "damaged":
        grown.plant(manifest_name(2), b"{}", hours_ago=30)
    else:
        change(grown, 2, service="other-logger")
        grown.age(hours=30)
    report = run(grown)
    assert (report.kept, report.dropped) == ([2, 4], [1, 3])
    assert len(chunks(grown)) == 4
    assert len(report.warnings) == 2
    assert "no chunk was deleted" in report.warnings[1]


def test_no_chunk_goes_where_there_is_no_backup(local: LocalStore) -> None:
    """The manifests may be lost, and the chunks all that is left."""
    local.plant(chunk_name(digest(rows(10))), compress(rows(10)), hours_ago=1000)
    report = run(local)
    assert (report.kept, report.chunks_dropped) == ([], 0)
    assert chunks(local) == {digest(rows(10))}


def test_a_newer_format_stops_the_prune(grown: Store) -> None:
    """What it names is not understood here, so nothing is deleted."""
    change(grown, 4, min_reader=2)
    before = grown.objects()
    with pytest.raises(TooNew):
        run(grown)
    assert grown.objects() == before


def test_a_backup_during_a_prune_loses_nothing(data: Path, grown: Store) -> None:
    """It meets a chunk that is about to be deleted, and does not trust it (rule 9)."""
    provider = WatchedProvider(grown.provider)

    def step_in(prefix: str) -> None:
        if prefix == CHUNKS:
            provider.before_list = lambda _prefix: None
            write(data, "b.csv", rows(200))
            back_up(data, grown.provider)

    provider.before_list = step_in
    report = prune(provider, SERVICE, LAST)
    assert report.dropped == [1, 2, 3]
    assert digest(rows(200)) not in chunks(grown)
    assert drill([grown.provider], SERVICE).passed
    assert newest(grown.provider).number == 5


def test_the_time_may_be_given(grown: Store) -> None:
    """Ages count from it: a day ago, all of this was too young."""
    past = datetime.now(UTC) - timedelta(hours=29, minutes=30)
    report = prune(grown.provider, SERVICE, LAST, now=past)
    assert (report.dropped, report.chunks_dropped) == ([], 0)


def test_old_scratch_is_cleared_away(grown: Store) -> None:
    """What the doctor left a day ago goes, younger ones stay."""
    grown.plant(f"{SCRATCH}old", b"x", hours_ago=25)
    grown.plant(f"{SCRATCH}young", b"x", hours_ago=23)
    run(grown)
    assert [name for name in grown.objects() if name.startswith(SCRATCH)] == [f"{SCRATCH}young"]
