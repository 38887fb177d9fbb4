from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier, Event

import pytest

from engine.archives import (
    LocalStore,
    WatchedProvider,
    back_up,
    bring_back,
    contents,
    first_chunk,
    newest,
    noise,
    rows,
    write,
)
from shared import plan as plan_module
from shared import restore as restore_module
from shared import time_limit
from shared.archive import Wanted
from shared.chunk import CHUNK_SIZE
from shared.document import encode
from shared.errors import NothingMatches, StorageUnavailable
from shared.history import read_manifest
from shared.names import CHUNKS, manifest_name
from shared.plan import LocalFile
from shared.progress import Progress
from shared.receipt import Outcome, Receipt
from shared.restore import Options

PATIENCE_SECONDS = 30  # for another thread; a test that waits so long has failed
TWO_HOURS_EAST = timezone(timedelta(hours=2))


@pytest.fixture
def back(tmp_path: Path) -> Path:
    """Where files are restored to; it does not exist yet."""
    return tmp_path / "back"


@pytest.fixture
def three(data: Path, local: LocalStore) -> LocalStore:
    """Backups of one, two and three files, made an hour apart on one morning."""
    for number in (1, 2, 3):
        write(data, f"{number}.csv", rows(100 * number), hours_ago=10 - number)
        back_up(data, local.provider)
        manifest = newest(local.provider)
        at = {"created_at": f"2026-11-22T{8 + number:02}:00:00.000Z"}
        local.plant(manifest_name(number), encode(manifest.model_copy(update=at)))
    return local


def test_only_matching_files_are_restored(three: LocalStore, data: Path, back: Path) -> None:
    """A pattern is a shell's, and several may be given."""
    write(data, "deep/4.csv", rows(7))
    back_up(data, three.provider)
    receipt = bring_back(back, three.provider, options=Options(patterns=("1.*", "deep/*")))
    assert sorted(contents(back)) == ["1.csv", "deep/4.csv"]
    assert receipt.outcome == Outcome.RESTORED


def test_a_pattern_that_matches_nothing_is_an_error(three: LocalStore, back: Path) -> None:
    """Otherwise a typing error would look like a success."""
    with pytest.raises(NothingMatches, match=r"no file of the backup matches \*\.txt"):
        bring_back(back, three.provider, options=Options(patterns=("*.txt",)))
    assert not back.exists()


def test_a_backup_is_restored_by_its_number(three: LocalStore, back: Path) -> None:
    """What it held, and nothing that came later."""
    receipt = bring_back(back, three.provider, options=Options(wanted=Wanted(number=2)))
    assert sorted(contents(back)) == ["1.csv", "2.csv"]
    assert receipt.backups == {three.provider.address: 2}


@pytest.mark.parametrize(("minute", "number"), [(-60, 1), (-1, 1), (0, 2), (59, 2), (60, 3)])
def test_a_backup_is_restored_by_its_time(
    three: LocalStore, back: Path, minute: int, number: int
) -> None:
    """The newest one that had been made by then."""
    at = datetime(2026, 11, 22, 10, 0, tzinfo=UTC) + timedelta(minutes=minute)
    receipt = bring_back(back, three.provider, options=Options(wanted=Wanted(at=at)))
    assert receipt.backups == {three.provider.address: number}
    assert len(contents(back)) == number


@pytest.mark.parametrize(
    "wanted", [Wanted(number=4), Wanted(at=datetime(2026, 11, 22, 10, 59, tzinfo=TWO_HOURS_EAST))]
)
def test_a_backup_that_is_not_there_is_an_error(
    three: LocalStore, back: Path, wanted: Wanted
) -> None:
    """No other backup is taken in its place."""
    with pytest.raises(
        NothingMatches, match=r"no backup (number 4|made by 2026-11-22T08:59:00.000Z)"
    ):
        bring_back(back, three.provider, options=Options(wanted=wanted))
    assert not back.exists()


def test_a_backup_that_may_be_elsewhere_is_not_called_absent(
    three: LocalStore, back: Path, tmp_path: Path
) -> None:
    """Where a provider did not answer, the number may be one of its own (rule 8)."""
    silent = WatchedProvider(LocalStore(tmp_path / "silent").provider)

    def fail(name: str) -> None:
        raise StorageUnavailable("no answer", name=name)

    silent.before_list = fail
    options = Options(wanted=Wanted(number=4))
    receipt = bring_back(back, silent, three.provider, options=options)
    assert (receipt.outcome, receipt.unreachable) == (Outcome.UNREACHABLE, ("no answer",))


def test_a_number_means_the_first_provider_that_has_it(
    three: LocalStore, back: Path, tmp_path: Path
) -> None:
    """Each provider has numbers of its own; two of one number are not mixed."""
    other = LocalStore(tmp_path / "other")
    write(tmp_path / "elsewhere", "other.csv", rows(10))
    back_up(tmp_path / "elsewhere", other.provider)
    options = Options(wanted=Wanted(number=1))
    bring_back(back, other.provider, three.provider, options=options)
    assert sorted(contents(back)) == ["other.csv"]
    options = Options(wanted=Wanted(number=3))
    bring_back(back, other.provider, three.provider, options=options)
    assert sorted(contents(back)) == ["1.csv", "2.csv", "3.csv", "other.csv"]


def test_a_number_of_another_service_is_not_taken(three: LocalStore, back: Path) -> None:
    """It is told of, and nothing is restored."""
    foreign = newest(three.provider).model_copy(update={"service": "other-logger"})
    three.plant(manifest_name(3), encode(foreign))
    receipt = bring_back(back, three.provider, options=Options(wanted=Wanted(number=3)))
    assert receipt.outcome == Outcome.NOTHING
    assert receipt.unreadable == ("backup 3 is of another service, 'other-logger'",)
    assert not back.exists()


def test_a_damaged_number_is_not_replaced_by_another_providers(
    three: LocalStore, data: Path, back: Path, tmp_path: Path
) -> None:
    """Their numbers have nothing to do with each other."""
    other = LocalStore(tmp_path / "other")
    back_up(data, other.provider)
    other.plant(manifest_name(1), b"{}")
    options = Options(wanted=Wanted(number=1))
    receipt = bring_back(back, other.provider, three.provider, options=options)
    assert (receipt.outcome, len(receipt.unreadable)) == (Outcome.NOTHING, 1)
    assert not back.exists()


def test_an_older_backup_does_not_hang_on_a_newer_format(three: LocalStore, back: Path) -> None:
    """Looking for a lost chunk passes over what this reader cannot read."""
    three.plant(manifest_name(4), b'{"min_reader": 2}')
    three.remove(first_chunk(read_manifest(three.provider, 3), "2.csv"))
    receipt = bring_back(back, three.provider, options=Options(wanted=Wanted(number=3)))
    assert (receipt.outcome, list(receipt.problems)) == (Outcome.IN_PART, ["2.csv"])
    assert sorted(contents(back)) == ["1.csv", "3.csv"]


def test_a_dry_run_ends_as_the_real_one_would(three: LocalStore, back: Path) -> None:
    """Here in part: the newest backup is damaged, and the one before is whole."""
    three.plant(manifest_name(4), b"{}")
    dry = bring_back(back, three.provider, options=Options(dry_run=True))
    assert dry.outcome == bring_back(back, three.provider).outcome == Outcome.IN_PART


@pytest.mark.parametrize("exists", [True, False])
def test_a_dry_run_writes_nothing_at_all(three: LocalStore, back: Path, exists: bool) -> None:
    """It tells the steps, and leaves not even notes."""
    if exists:
        write(back, "1.csv", rows(50))
    before = contents(back) if exists else {}
    receipt = bring_back(back, three.provider, options=Options(dry_run=True))
    first = "complete" if exists else "write"
    assert receipt.steps == {"3.csv": "write", "2.csv": "write", "1.csv": first}
    assert (receipt.dry_run, receipt.restored_files, receipt.later) == (True, 0, ())
    assert receipt.bytes_to_come == 100 + 200 + 300  # of the one that grows, its last chunk whole
    assert back.exists() is exists
    assert not (back / ".backup").exists()
    assert not exists or contents(back) == before


class Clock:
    """The restore's clock, moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(time_limit, "monotonic", lambda: self.now)

    def passing(self, after: int) -> Callable[[str], None]:
        """Called before each get: from the given number of chunks on, time is up."""
        gets, start = 0, self.now

        def count(name: str) -> None:
            nonlocal gets
            gets += name.startswith(CHUNKS)
            self.now = start + (1000 if gets > after else 0)

        return count


def cut(back: Path, local: LocalStore, clock: Clock, chunks: int, *, live: bool = False) -> Receipt:
    """A restore on one thread that has time for about so many chunks."""
    provider = WatchedProvider(local.provider)
    provider.before_get = clock.passing(chunks)
    return bring_back(back, provider, options=Options(seconds=10.0, threads=1, live=live))


def test_at_the_time_limit_the_newest_files_are_here(
    data: Path, local: LocalStore, back: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole files, newest first; the rest is named, and the next run brings it (rule 13)."""
    for number in range(10):
        write(data, f"{number}.csv", noise(100, str(number)), hours_ago=number + 1)
    back_up(data, local.provider)
    receipt = cut(back, local, Clock(monkeypatch), chunks=4)
    here = sorted(contents(back))
    assert receipt.outcome == Outcome.PARTIAL
    assert 0 < len(here) < 10
    assert here == [f"{number}.csv" for number in range(len(here))]
    assert list(receipt.later) == [f"{number}.csv" for number in range(len(here), 10)]
    assert list(receipt.steps) == here
    assert bring_back(back, local.provider, options=Options(live=True)).outcome == Outcome.RESTORED
    assert contents(back) == contents(data)


def test_a_time_limit_that_has_passed_restores_nothing(three: LocalStore, back: Path) -> None:
    """It says so, and is no failure."""
    receipt = bring_back(back, three.provider, options=Options(seconds=0.0))
    assert (receipt.outcome, receipt.restored_files) == (Outcome.PARTIAL, 0)
    assert receipt.later == ("3.csv", "2.csv", "1.csv")


def test_what_is_missing_comes_before_what_has_to_be_compared(
    data: Path, local: LocalStore, back: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading large files that are there must not use up the time for those that are not."""
    write(data, "here.csv", rows(500), hours_ago=1)
    write(data, "missing.csv", rows(300), hours_ago=2)
    back_up(data, local.provider)
    write(back, "here.csv", rows(400), hours_ago=3)
    clock = Clock(monkeypatch)
    look = plan_module.look

    def slow_look(root: Path, path: str) -> LocalFile | None:
        clock.now += 9 if path == "here.csv" else 0
        return look(root, path)

    monkeypatch.setattr(plan_module, "look", slow_look)
    receipt = bring_back(back, local.provider, options=Options(seconds=10))
    assert (receipt.outcome, receipt.later) == (Outcome.PARTIAL, ("here.csv",))
    assert contents(back) == {"here.csv": rows(400), "missing.csv": rows(300)}


def test_files_that_are_here_are_compared_side_by_side(
    data: Path, local: LocalStore, back: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start at which nothing is missing takes as long as reading all there is."""
    for number in range(4):
        write(data, f"{number}.csv", rows(100 + number), hours_ago=number)
    back_up(data, local.provider)
    bring_back(back, local.provider)
    look, both = plan_module.look, Barrier(2)

    def look_together(root: Path, path: str) -> LocalFile | None:
        both.wait(PATIENCE_SECONDS)
        return look(root, path)

    monkeypatch.setattr(plan_module, "look", look_together)
    receipt = bring_back(back, local.provider, options=Options(threads=2))
    assert (receipt.kept_files, receipt.problems) == (4, {})


def test_a_provider_that_hangs_costs_half_of_the_time(
    three: LocalStore, data: Path, back: Path, tmp_path: Path
) -> None:
    """The other one's backup is restored, and the silence is told of."""
    hanging = WatchedProvider(LocalStore(tmp_path / "hanging").provider)
    released = Event()

    def hang(_prefix: str) -> None:
        released.wait(30)

    hanging.before_list = hang
    try:
        options = Options(seconds=2)
        receipt = bring_back(back, hanging, three.provider, options=options)
    finally:
        released.set()
    assert contents(back) == contents(data)
    assert receipt.outcome == Outcome.RESTORED
    assert receipt.unreachable == (f"{hanging.address} did not answer within 1.0 s",)


def test_a_provider_that_hangs_over_chunks_is_asked_last(
    three: LocalStore, data: Path, back: Path, tmp_path: Path
) -> None:
    """Once it has not answered, the others are asked before it."""
    other = LocalStore(tmp_path / "other")
    back_up(data, other.provider)
    failing = WatchedProvider(other.provider)
    asked: list[str] = []

    def fail(name: str) -> None:
        if name.startswith(CHUNKS):
            asked.append(name)
            raise StorageUnavailable("no answer", name=name)

    failing.before_get = fail
    receipt = bring_back(back, failing, three.provider, options=Options(threads=1))
    assert (receipt.outcome, contents(back)) == (Outcome.RESTORED, contents(data))
    assert len(asked) == 1


def test_at_the_time_limit_a_long_file_has_its_beginning(
    data: Path, local: LocalStore, back: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One file of any size cannot hold up the start; the running logger's catch-up goes on."""
    write(data, "long.csv", noise(8 * CHUNK_SIZE + 5))
    back_up(data, local.provider)
    clock = Clock(monkeypatch)
    receipt = cut(back, local, clock, chunks=2)
    first = (back / "long.csv").read_bytes()
    assert (receipt.outcome, receipt.later) == (Outcome.PARTIAL, ("long.csv",))
    assert 0 < len(first) < 8 * CHUNK_SIZE
    assert (data / "long.csv").read_bytes().startswith(first)
    second = cut(back, local, clock, chunks=2, live=True)
    assert second.outcome == Outcome.PARTIAL
    assert (back / "long.csv").stat().st_size > len(first)
    assert bring_back(back, local.provider, options=Options(live=True)).outcome == Outcome.RESTORED
    assert contents(back) == contents(data)


@pytest.mark.parametrize("had", [0, CHUNK_SIZE])
def test_at_the_time_limit_no_half_document_appears(
    data: Path, local: LocalStore, back: Path, monkeypatch: pytest.MonkeyPatch, had: int
) -> None:
    """A program that starts meanwhile could not read it; none, or what was there, it can expect."""
    state = b'["%s"]' % noise(8 * CHUNK_SIZE).hex().encode()
    write(data, "state.json", state)
    back_up(data, local.provider)
    if had:
        write(back, "state.json", state[:had])
    receipt = cut(back, local, Clock(monkeypatch), chunks=2)
    assert (receipt.outcome, receipt.later) == (Outcome.PARTIAL, ("state.json",))
    assert contents(back) == ({"state.json": state[:had]} if had else {})
    assert bring_back(back, local.provider).outcome == Outcome.RESTORED
    assert contents(back) == contents(data)


def test_progress_is_told_in_bytes(three: LocalStore, back: Path) -> None:
    """What is announced at the beginning is what is told of piece by piece."""
    told: list[tuple[str, int]] = []

    class Listening(Progress):
        def begin(self, files: int, size: int) -> None:
            told.append((f"{files} files", size))

        def advance(self, path: str, size: int) -> None:
            told.append((path, size))

    restore_module.restore([three.provider], "btc-logger", back, Options(), Listening())
    assert told == [("3 files", 600), ("3.csv", 300), ("2.csv", 200), ("1.csv", 100)]
