"""All providers, watched each in a thread of its own; whoever asks never waits for one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from engine.archives import SERVICE, LocalStore, WatchedProvider, append, back_up
from job_processes import PATIENCE_SECONDS
from programs import wait_until
from shared.errors import StorageUnavailable
from shared.provider import Reader
from shared.settings import LoggerSettings
from watching.archive_state import ArchiveState
from watching.archive_watch import ArchiveWatch
from watching.archive_watcher import ArchiveWatcher

OFTEN, NEVER = 0.01, 3600.0  # seconds
UNKNOWN = ArchiveState("local", "/backups")


@contextmanager
def running(watch: ArchiveWatch | ArchiveWatcher) -> Iterator[None]:
    """It looks until the block ends."""
    watch.start()
    try:
        yield
    finally:
        watch.stop()


def watcher(open_reader: Callable[[], Reader], seconds: float = OFTEN) -> ArchiveWatcher:
    """Of one provider."""
    return ArchiveWatcher(UNKNOWN, open_reader, SERVICE, seconds)


def make(data: Path, local: LocalStore) -> None:
    """One more backup."""
    append(data, "day.csv", b"123456789\n")
    back_up(data, local.provider)


def test_every_provider_is_known_before_it_has_answered(tmp_path: Path) -> None:
    """By its address; the bucket comes first."""
    told = {"gcs_bucket_name": "b-1", "local_backup_dir": tmp_path}
    watch = ArchiveWatch(LoggerSettings.model_validate(told))
    assert [one.address for one in watch.archives] == [
        "gs://b-1/btc-logger",
        f"{tmp_path}/btc-logger",
    ]
    assert [one.looked_at for one in watch.archives] == [None, None]


def test_backups_are_seen_by_themselves_and_all_are_read(data: Path, local: LocalStore) -> None:
    """The newest first, and the others without another look."""
    for _ in range(3):
        make(data, local)
    one = watcher(local.another, NEVER)
    with running(one):
        wait_until(lambda: len(one.state.backups) == 3)
    assert (one.state.numbers, one.state.error) == ((3, 2, 1), "")


def test_a_refresh_waits_for_a_look_that_begins_after_it(
    data: Path, local: LocalStore, tmp_path: Path
) -> None:
    """So what was stored before is told; also where nothing is restored at a start."""
    told = {"catch_up_seconds": NEVER, "auto_restore_on_startup": False}
    settings = LoggerSettings.model_validate({**told, "local_backup_dir": tmp_path})
    local = LocalStore(tmp_path / "btc-logger")
    watch = ArchiveWatch(settings)
    with running(watch):
        for number in (1, 2):
            make(data, local)
            watch.refresh(PATIENCE_SECONDS)
            newest = watch.archives[0].newest
            assert newest
            assert newest.number == number


def test_a_provider_that_hangs_holds_neither_another_nor_who_asks(
    data: Path, local: LocalStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own state stays what it was."""
    make(data, local)
    settings = LoggerSettings.model_validate(
        {"gcs_bucket_name": "b-1", "local_backup_dir": tmp_path, "backup_prefix": "backups"}
    )
    release, hangs = Event(), Event()

    def hang(*_: object) -> None:
        hangs.set()
        release.wait(PATIENCE_SECONDS)

    monkeypatch.setattr("watching.archive_watch.bucket_provider", hang)
    watch = ArchiveWatch(settings)
    with running(watch):
        watch.refresh(OFTEN)
        assert hangs.wait(PATIENCE_SECONDS)
        wait_until(lambda: watch.archives[1].newest is not None)
        watch.refresh(OFTEN)
        assert watch.archives[0].looked_at is None
        release.set()


def test_trouble_is_told_when_it_begins_and_when_it_is_over(
    data: Path, local: LocalStore, caplog: pytest.LogCaptureFixture
) -> None:
    """However many looks fail in between."""
    caplog.set_level("INFO")
    make(data, local)
    trouble = [StorageUnavailable("no answer"), StorageUnavailable("no answer"), ValueError("odd")]
    seen: list[object] = []

    def open_reader() -> Reader:
        seen.append(one.state.error)
        if trouble:
            raise trouble.pop(0)
        return local.another()

    one = watcher(open_reader)
    with running(one):
        wait_until(lambda: one.state.newest is not None and not one.state.error)
    assert seen[:4] == ["", "no answer", "no answer", "ValueError('odd')"]
    told = [line.getMessage() for line in caplog.records if "look" in line.getMessage()]
    assert told == ["cannot look at /backups: no answer", "looks at /backups again"]


def test_what_is_known_is_told_beside_the_error(data: Path, local: LocalStore) -> None:
    """Until when that was, says the time of the last answer."""
    make(data, local)
    provider, fails = WatchedProvider(local.provider), Event()

    def before(_name: str) -> None:
        if fails.is_set():
            raise StorageUnavailable("no answer")

    provider.before_stat = before
    one = watcher(lambda: provider)
    with running(one):
        wait_until(lambda: one.state.newest is not None)
        fails.set()
        wait_until(lambda: one.state.error == "no answer")
        assert one.state.newest
        assert one.state.newest.number == 1
