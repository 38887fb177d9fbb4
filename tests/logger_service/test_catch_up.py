"""The thread that catches up: what fails, hangs or stops does not reach the logger."""

import logging
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from catching_up import catch_up as catch_up_module
from catching_up.catch_up import CatchUp
from catching_up.status import CatchUpStatus, LoggedProgress
from engine.archives import LocalStore, WatchedProvider, append, contents, rows, write
from logger_service.catching import OWN, push
from programs import PATIENCE_SECONDS, wait_until
from shared.errors import StorageUnavailable
from shared.names import manifest_name
from shared.provider import Provider
from shared.settings import LoggerSettings

OLD = "11111111"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The old instance's disk."""
    root = tmp_path / "old"
    write(root, "a.csv", rows(900))
    return root


@pytest.fixture
def store(tmp_path: Path, old: Path) -> LocalStore:
    """A provider that has a backup of it."""
    store = LocalStore(tmp_path / "backups")
    push(old, store.provider, OLD)
    return store


@pytest.fixture
def provider(store: LocalStore) -> WatchedProvider:
    """That provider, in which a test may step in."""
    return WatchedProvider(store.provider)


@pytest.fixture
def catch_up(
    tmp_path: Path, provider: WatchedProvider, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CatchUp]:
    """With an empty second provider; it looks all the time, and is stopped at the end."""
    empty = LocalStore(tmp_path / "empty").provider

    def providers(_settings: LoggerSettings, _patience: float) -> list[Provider]:
        return [provider, empty]

    monkeypatch.setattr(catch_up_module, "all_providers", providers)
    catch_up = CatchUp(settings_of(tmp_path), OWN, set)
    yield catch_up
    catch_up.stop()


def settings_of(root: Path) -> LoggerSettings:
    """A logger that looks every few milliseconds."""
    told = {
        "data_dir": root / "new",
        "local_backup_dir": root / "backups",
        "price_sources": ("replay",),
        "log_interval_seconds": 0.01,
        "catch_up_seconds": 0.01,
    }
    return LoggerSettings.model_validate(told)


def test_it_brings_what_is_there_and_says_that_all_is_here(
    tmp_path: Path, catch_up: CatchUp, provider: WatchedProvider
) -> None:
    """Its status is for health: when it looked, up to which backup, and what has come."""
    assert catch_up.status == CatchUpStatus()
    catch_up.start()
    wait_until(lambda: catch_up.status.is_whole)
    wait_until(lambda: catch_up.status.looked_at is not None)
    status = catch_up.status
    assert contents(tmp_path / "new") == {"a.csv": rows(900)}
    assert status.backups == {provider.address: 1, str(tmp_path / "empty"): 0}
    assert (status.files_done, status.bytes_done) == (1, 900)
    assert (status.files_left, status.bytes_left, status.errors) == (0, 0, {})


@pytest.mark.parametrize("readable", [0, 1])
def test_not_all_is_here_while_the_newest_backup_cannot_be_read(
    old: Path, store: LocalStore, catch_up: CatchUp, readable: int
) -> None:
    """Else health would be well at once after a start that could restore nothing."""
    append(old, "a.csv", b"more\n")
    assert push(old, store.provider, OLD) == 2
    for number in range(readable + 1, 3):
        store.plant(manifest_name(number), b"{")
    catch_up.start()
    wait_until(lambda: catch_up.status.looked_at is not None)
    wait_until(lambda: catch_up.status.files_done == readable)
    assert (catch_up.status.files_left, catch_up.status.is_whole) == (0, False)
    append(old, "a.csv", b"and more\n")
    push(old, store.provider, OLD)
    wait_until(lambda: catch_up.status.is_whole)


@pytest.mark.parametrize("error", [StorageUnavailable("no answer"), OSError("disk"), KeyError("x")])
def test_an_error_is_told_once_and_so_is_its_end(
    tmp_path: Path,
    catch_up: CatchUp,
    provider: WatchedProvider,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    """Also one that nobody foresaw; the looks go on."""
    failures: list[str] = []
    fails = Event()
    fails.set()

    def fail(name: str) -> None:
        if fails.is_set():
            failures.append(name)
            raise error

    provider.before_list = fail
    with caplog.at_level(logging.INFO):
        catch_up.start()
        wait_until(lambda: len(failures) > 3)
        assert list(catch_up.status.errors) == [provider.address]
        assert not catch_up.status.is_whole
        fails.clear()
        wait_until(lambda: catch_up.status.is_whole and not catch_up.status.errors)
    assert contents(tmp_path / "new") == {"a.csv": rows(900)}
    assert len([text for text in caplog.messages if "cannot catch up with" in text]) == 1
    assert len([text for text in caplog.messages if "catches up with" in text]) == 1


def test_a_provider_that_fails_does_not_hinder_the_other(
    tmp_path: Path, old: Path, catch_up: CatchUp, provider: WatchedProvider
) -> None:
    """What the other has comes."""

    def fail(_name: str) -> None:
        raise StorageUnavailable("no answer")

    provider.before_list = fail
    catch_up.start()
    push(old, LocalStore(tmp_path / "empty").provider, OLD)
    wait_until(lambda: contents(tmp_path / "new") == {"a.csv": rows(900)})
    assert catch_up.status.errors == {provider.address: "no answer"}


def test_a_stop_does_not_wait_for_a_storage_that_hangs(
    tmp_path: Path,
    catch_up: CatchUp,
    provider: WatchedProvider,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its thread ends once the storage has answered, with nothing half-written."""
    monkeypatch.setattr(catch_up_module, "MOMENT_SECONDS", 0.01)
    hangs, goes_on = Event(), Event()

    def hang(name: str) -> None:
        if name.startswith("chunks/"):
            hangs.set()
            assert goes_on.wait(PATIENCE_SECONDS)
            raise StorageUnavailable("it was never going to answer")

    provider.before_get = hang
    catch_up.start()
    assert hangs.wait(PATIENCE_SECONDS)
    catch_up.stop()
    assert not goes_on.is_set()
    goes_on.set()
    catch_up._thread.join(PATIENCE_SECONDS)  # noqa: SLF001  only a test waits for it
    assert not catch_up._thread.is_alive()  # noqa: SLF001  as above
    assert contents(tmp_path / "new") == {}


def test_a_stop_before_the_start_and_a_second_one_are_harmless(
    tmp_path: Path, catch_up: CatchUp
) -> None:
    """A signal may come at any moment."""
    catch_up.stop()
    catch_up.start()
    catch_up.stop()
    catch_up.stop()
    assert contents(tmp_path / "new") == {}


def test_long_work_is_told_of_every_few_seconds(caplog: pytest.LogCaptureFixture) -> None:
    """With files, bytes and the share; short work is not told of at all."""
    now = [0.0]
    progress = LoggedProgress("gs://b/p", lambda: now[0])
    with caplog.at_level(logging.INFO):
        progress.begin(3, 4000)
        for path, seconds in (("a.csv", 4.0), ("a.csv", 2.0), ("b.csv", 3.0), ("c.csv", 2.5)):
            now[0] += seconds
            progress.advance(path, 1000)
    assert caplog.messages == [
        "catching up with gs://b/p: 1 of 3 files, 2,000 of 4,000 bytes (50 %), at a.csv",
        "catching up with gs://b/p: 3 of 3 files, 4,000 of 4,000 bytes (100 %), at c.csv",
    ]


def test_what_is_left_is_told_while_it_comes(
    old: Path, catch_up: CatchUp, provider: WatchedProvider
) -> None:
    """Files and bytes, for health."""
    append(old, "a.csv", b"more\n")
    write(old, "b.csv", rows(50))
    push(old, provider, OLD)
    come, goes_on = Event(), Event()

    def hold(name: str) -> None:
        if name.startswith("chunks/"):
            come.set()
            assert goes_on.wait(PATIENCE_SECONDS)

    provider.before_get = hold
    catch_up.start()
    assert come.wait(PATIENCE_SECONDS)
    status = catch_up.status
    goes_on.set()
    assert (status.files_left, status.is_whole) == (2, False)
    wait_until(lambda: catch_up.status.is_whole)
    assert (catch_up.status.files_left, catch_up.status.bytes_left) == (0, 0)
