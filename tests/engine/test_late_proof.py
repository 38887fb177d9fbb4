"""Of two versions it may be proven late that one continues the other: a chunk had been lost."""

from pathlib import Path

import pytest

from engine.archives import (
    SERVICE,
    LocalStore,
    back_up,
    entry,
    first_chunk,
    newest,
    noise,
    rows,
    write,
)
from shared.history import numbers
from shared.prune import Retention, prune


@pytest.fixture
def settled(data: Path, local: LocalStore) -> LocalStore:
    """The newest backup holds a table's whole day; the one before also held its beginning."""
    write(data, "a.csv", rows(900), hours_ago=5)
    back_up(data, local.provider)
    name = first_chunk(newest(local.provider), "a.csv")
    chunk = local.objects()[name]
    local.remove(name)
    write(data, "a.csv", rows(500), hours_ago=4)
    back_up(data, local.provider)
    write(data, "a.csv", noise(300), hours_ago=1)
    back_up(data, local.provider)
    assert sizes(local) == [300, 900, 500]
    local.plant(name, chunk)
    write(data, "a.csv", rows(900), hours_ago=3)
    back_up(data, local.provider)
    assert sizes(local) == [300, 900]
    return local


def sizes(store: LocalStore) -> list[int]:
    """Of the versions that the newest backup holds, the current one first."""
    return [version.size for version in entry(newest(store.provider), "a.csv").versions]


def test_a_beginning_that_was_let_go_is_not_missed(data: Path, settled: LocalStore) -> None:
    """The newest holds what continues it, as it did before."""
    assert back_up(data, settled.provider).warnings == []
    assert sizes(settled) == [300, 900]


def test_a_backup_that_held_the_beginning_too_is_let_go(settled: LocalStore) -> None:
    """Else it would stay for ever, with a warning at each prune."""
    settled.age(hours=30)
    report = prune(settled.provider, SERVICE, Retention(keep_last=1, keep_daily=1))
    assert (report.dropped, report.warnings) == ([1, 2, 3], [])
    assert numbers(settled.provider) == [4]
