"""What only a foreign hand or a bug brings is told apart from all other warnings."""

import json
from pathlib import Path

import pytest

from engine.archives import SERVICE, LocalStore, Store, back_up, newest, rows, write
from shared.drill import drill
from shared.errors import StorageUnavailable
from shared.local_provider import LocalProvider
from shared.names import manifest_name


def plant(store: Store, number: int, **changes: object) -> None:
    """A copy of the newest backup under this number, with changes."""
    document = json.loads(newest(store.provider).model_dump_json())
    store.plant(
        manifest_name(number), json.dumps(document | {"number": number, **changes}).encode()
    )


def test_a_good_history_has_nothing_planted(data: Path, local: LocalStore) -> None:
    """Nor has one with gaps, which prune leaves."""
    for size in (100, 200, 300):
        write(data, "a.csv", rows(size))
        report = back_up(data, local.provider)
        assert report.planted == []
    local.remove(manifest_name(2))
    assert back_up(data, local.provider).planted == []


def test_a_backup_that_lacks_what_the_one_before_held(data: Path, store: Store) -> None:
    """It is named, and so is what it lacks."""
    write(data, "a.csv", rows(100))
    write(data, "b.csv", rows(100))
    back_up(data, store.provider)
    plant(store, 2, files=[])
    report = back_up(data, store.provider)
    assert report.planted == ["backup 2 lacks what 1 held of: a.csv, b.csv"]
    assert set(report.planted) <= set(report.warnings)
    assert back_up(data, store.provider).planted == []


def test_a_backup_that_says_that_a_path_was_let_go(data: Path, store: Store) -> None:
    """The one way to make the archive forget; an operator who did it knows of it."""
    write(data, "a.csv", rows(100))
    back_up(data, store.provider)
    gone = {"path": "a.csv", "by": "me", "why": "-", "at": "2026-11-22T20:30:00Z"}
    plant(store, 2, files=[], forgotten=[gone])
    report = back_up(data, store.provider)
    assert report.planted == ["backup 2 says that an operator let go of a.csv"]


def test_backups_of_another_service_and_unreadable_ones(data: Path, store: Store) -> None:
    """Both are passed over, and told."""
    write(data, "a.csv", rows(100))
    back_up(data, store.provider)
    plant(store, 2, service="another")
    store.plant(manifest_name(3), b"nonsense")
    unreadable, foreign = back_up(data, store.provider).planted
    assert unreadable.startswith("backup 3 cannot be read")
    assert foreign == "backup 2 is of another service, 'another'"


def test_a_drill_tells_what_is_none_of_ours(data: Path, store: Store) -> None:
    """And says so, if nobody could look."""
    write(data, "a.csv", rows(100))
    back_up(data, store.provider)
    assert drill([store.provider], SERVICE).foreign == ()
    store.plant("stray.txt", b"")
    address = store.provider.address
    assert drill([store.provider], SERVICE).foreign == (f"stray.txt in {address} is none of ours",)


def test_a_drill_that_could_not_look_around_tells_nothing(
    data: Path, local: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is no sign that all is well."""
    write(data, "a.csv", rows(100))
    back_up(data, local.provider)

    def fail(_reader: object) -> None:
        raise StorageUnavailable("it is not there")

    monkeypatch.setattr(LocalProvider, "foreign", fail)
    report = drill([local.provider], SERVICE)
    assert (report.passed, report.foreign) == (True, None)
