from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Barrier, Thread

import pytest

from emulators.storage import StorageFake
from emulators.storage_answers import Answer, error_answer
from emulators.storage_api import Request
from emulators.storage_conditions import ApiError
from engine.archives import (
    BUCKET,
    JOB,
    BucketStore,
    LocalStore,
    Store,
    WatchedProvider,
    WatchedSource,
    append,
    back_up,
    contents,
    entry,
    newest,
    noise,
    rows,
    write,
)
from shared import backup as backup_module
from shared import history
from shared.backup import backup
from shared.backup_report import BackupReport
from shared.chunk import digest
from shared.errors import LostRace, StorageUnavailable
from shared.history import numbers, read_manifest
from shared.names import BACKUPS, manifest_name
from shared.provider import Provider


def at_once(work: Sequence[Callable[[], BackupReport]]) -> list[BackupReport]:
    """Run all of it at the same moment; each thread's result."""
    barrier, results = Barrier(len(work)), []

    def run(one: Callable[[], BackupReport]) -> None:
        barrier.wait()
        results.append(one())

    threads = [Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def beaten_by(provider: Provider, *rivals: Path) -> WatchedProvider:
    """A provider under which each rival in turn commits just before our manifest."""
    watched, waiting = WatchedProvider(provider), list(rivals)

    def step_in(name: str) -> None:
        if name.startswith(BACKUPS) and waiting:
            back_up(waiting.pop(0), provider)

    watched.before_put = step_in
    return watched


def test_backups_at_once_all_end_in_one_history(tmp_path: Path, store: Store) -> None:
    """Four writers, three rounds: 1..n without a gap, each growing, and nothing lost (rule 3)."""
    roots = [tmp_path / f"logger-{number}" for number in range(4)]
    expected: dict[str, bytes] = {}
    for turn in range(3):
        for root in roots:
            write(root, f"{root.name}.csv", rows(1000 * (turn + 1)))
            write(root, f"{root.name}/{turn}.csv", noise(500, f"{root.name}{turn}"))
            expected |= contents(root)
        work = [partial(back_up, root, store.another()) for root in roots]
        results = at_once(work)
        assert [report.result for report in results] == ["created"] * len(roots)
    found = numbers(store.provider)
    assert found == list(range(1, 1 + len(roots) * 3))
    held = {file.path: file.digests for file in newest(store.provider).files}
    assert held == {path: (digest(raw),) for path, raw in expected.items()}
    sizes = [read_manifest(store.provider, number).raw_bytes for number in found]
    assert sizes == sorted(sizes)


def test_a_lost_race_is_merged_again(data: Path, tmp_path: Path, store: Store) -> None:
    """The loser reads the winner's backup and adds to it, under the next number."""
    write(data, "ours.csv", rows(1000))
    write(tmp_path / "rival", "theirs.csv", rows(2000))
    report = backup(WatchedSource(data), beaten_by(store.provider, tmp_path / "rival"), JOB)
    assert (report.number, numbers(store.provider)) == (2, [1, 2])
    assert [file.path for file in newest(store.provider).files] == ["ours.csv", "theirs.csv"]


def test_a_lost_race_fetches_nothing_twice(data: Path, tmp_path: Path, local: LocalStore) -> None:
    """What has been stored by then stays stored, however often others are first."""
    write(data, "ours.csv", rows(1000))
    rivals = [tmp_path / str(number) for number in range(5)]
    for rival in rivals:
        write(rival, f"{rival.name}.csv", noise(100, rival.name))
    source = WatchedSource(data)
    report = backup(source, beaten_by(local.provider, *rivals), JOB)
    assert report.number == 6
    assert source.reads == [("ours.csv", 0, 1000)]
    assert (source.snapshots, report.new_bytes) == (1, 1000)


def test_a_race_with_the_same_news_makes_one_backup(
    data: Path, tmp_path: Path, local: LocalStore
) -> None:
    """The function and the logger's own push may bring the same rows at once."""
    write(data, "a.csv", rows(1000))
    write(tmp_path / "same", "a.csv", rows(1000))
    report = backup(WatchedSource(data), beaten_by(local.provider, tmp_path / "same"), JOB)
    assert (report.result, report.number, numbers(local.provider)) == ("nothing new", 1, [1])


def test_two_writers_of_one_growing_file_keep_the_longer(
    data: Path, tmp_path: Path, local: LocalStore
) -> None:
    """Whoever commits last: the longer file extends the shorter, and is what stays."""
    write(data, "a.csv", rows(1000))
    back_up(data, local.provider)
    append(data, "a.csv", rows(5000)[1000:2000])
    write(tmp_path / "rival", "a.csv", rows(5000))
    report = backup(WatchedSource(data), beaten_by(local.provider, tmp_path / "rival"), JOB)
    kept = entry(newest(local.provider), "a.csv")
    assert (report.result, kept.size, kept.earlier) == ("nothing new", 5000, ())


def test_many_lost_races_are_an_error(
    data: Path, tmp_path: Path, local: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends after as many attempts as it says; what was stored serves the next run."""
    monkeypatch.setattr(backup_module, "ATTEMPTS", 3)
    write(data, "ours.csv", rows(1000))
    rivals = [tmp_path / str(number) for number in range(3)]
    for rival in rivals:
        write(rival, f"{rival.name}.csv", noise(100, rival.name))
    provider = beaten_by(local.provider, *rivals)
    with pytest.raises(LostRace, match="3 times another writer was first"):
        backup(WatchedSource(data), provider, JOB)
    assert numbers(local.provider) == [1, 2, 3]
    assert back_up(data, local.provider).number == 4


class LostAnswers(StorageFake):
    """Does what it is asked, and once per name of a manifest answers as if it had failed."""

    lost: tuple[str, ...] = ()

    def answer(self, request: Request) -> Answer:
        """The answer, or a 503 in its place."""
        answer = super().answer(request)
        call = self.calls[-1]
        if call.verb == "insert" and BACKUPS in call.name and call.name not in self.lost:
            self.lost += (call.name,)
            return error_answer(ApiError(503, "backendError", "the answer was lost"))
        return answer


def test_ones_own_earlier_success_is_a_success(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client tries again and is refused: the manifest there is ours (rule 2)."""
    write(data, "a.csv", rows(1000))
    with LostAnswers(buckets=[BUCKET]) as fake:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", fake.url)
        report = back_up(data, BucketStore(fake).provider)
        assert (report.result, report.number) == ("created", 1)
        tries = [call.status for call in fake.calls if call.name.endswith(manifest_name(1))]
        assert tries == [200, 412, 200, 200]  # created, refused, then looked at and compared
        assert numbers(BucketStore(fake).provider) == [1]


def test_a_commit_whose_answer_is_lost_is_found_by_the_next_run(
    data: Path, local: LocalStore
) -> None:
    """The run fails, because it cannot know; the next one finds nothing new to do."""
    write(data, "a.csv", rows(1000))
    provider = WatchedProvider(local.provider)

    def lose_the_answer(name: str) -> None:
        if name.startswith(BACKUPS):
            raise StorageUnavailable("the answer was lost")

    provider.after_put = lose_the_answer
    with pytest.raises(StorageUnavailable):
        backup(WatchedSource(data), provider, JOB)
    report = back_up(data, local.provider)
    assert (report.result, report.number) == ("nothing new", 1)


@pytest.mark.parametrize("minutes", [14, 16])
def test_nobody_commits_on_an_old_read(
    data: Path, local: LocalStore, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    """After more than 15 minutes of fetching the newest is read again first (rule 3)."""
    write(data, "a.csv", rows(1000))
    clock = 1000.0
    monkeypatch.setattr(history, "monotonic", lambda: clock)
    source, provider = WatchedSource(data), WatchedProvider(local.provider)
    lists: list[float] = []
    provider.before_list = lambda _prefix: lists.append(clock)

    def take_long(_path: str) -> None:
        nonlocal clock
        clock += minutes * 60

    source.before_read = take_long
    assert backup(source, provider, JOB).number == 1
    assert len(lists) == (1 if minutes < 15 else 2)
    assert len(source.reads) == 1


def test_the_age_of_a_read_counts_from_its_beginning(
    data: Path, local: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A listing that took long to answer is as old as the question."""
    write(data, "a.csv", rows(1000))
    back_up(data, local.provider)
    append(data, "a.csv", rows(10))
    clock, lists = 1000.0, 0
    monkeypatch.setattr(history, "monotonic", lambda: clock)
    provider = WatchedProvider(local.provider)

    def take_long(_name: str) -> None:
        nonlocal clock, lists
        lists += 1
        clock += 16 * 60 if lists == 1 else 0

    provider.before_list = take_long
    assert backup(WatchedSource(data), provider, JOB).number == 2
    assert lists == 2


def test_a_foreign_object_under_the_next_number_is_passed_over(data: Path, store: Store) -> None:
    """It is not overwritten, it is told of, and the backup takes the number after it."""
    write(data, "a.csv", rows(1000))
    back_up(data, store.provider)
    append(data, "a.csv", rows(10))
    provider = WatchedProvider(store.provider)

    def plant(name: str) -> None:
        if name == manifest_name(2):
            store.plant(name, b"something else")

    provider.before_put = plant
    report = backup(WatchedSource(data), provider, JOB)
    assert report.number == 3
    assert "backup 2 cannot be read" in report.warnings[0]
    assert store.objects()[manifest_name(2)] == b"something else"
