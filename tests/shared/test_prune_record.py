"""The note that a prune leaves with the backups."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.archives import LocalStore, WatchedProvider
from shared.errors import ObjectMissing, StorageUnavailable
from shared.names import PRUNES, prune_name
from shared.prune import PruneReport
from shared.prune_record import newest_record, record_of, store_record

AT = datetime(2026, 11, 22, 20, 30, 0, 250_000, tzinfo=UTC)
REPORT = PruneReport("gs://b/p", [7, 8], [5, 6, 4], 20, 3, 4096, ["one"])


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    """An empty store."""
    return LocalStore(tmp_path / "backups")


def names(store: LocalStore) -> list[str]:
    """Of the records that are stored."""
    return [name for name in store.objects() if name.startswith(PRUNES)]


def test_a_record_counts_what_a_prune_did(store: LocalStore) -> None:
    """Numbers and warnings of its report, and when it began; read back as it was stored."""
    assert store_record(store.provider, record_of(REPORT, AT)) == "prunes/20261122T203000Z.json"
    record = newest_record(store.provider)
    assert record is not None
    assert record.model_dump() == {
        "started_at": "2026-11-22T20:30:00.250Z",
        "kept": 2,
        "dropped": 3,
        "chunks_kept": 20,
        "chunks_dropped": 3,
        "bytes_freed": 4096,
        "warnings": ("one",),
    }


def test_a_store_that_was_never_pruned_has_no_record(store: LocalStore) -> None:
    """None, and no error."""
    assert newest_record(store.provider) is None


def test_a_record_takes_the_place_of_those_before(store: LocalStore) -> None:
    """However many they are: a look there stays one small listing."""
    for days in (1, 2):
        store.plant(prune_name(AT - timedelta(days=days)), b"{}")
    name = store_record(store.provider, record_of(REPORT, AT))
    assert names(store) == [name]


def test_of_several_the_newest_counts(store: LocalStore) -> None:
    """Where a prune was killed before it deleted those before it."""
    kept: dict[str, bytes] = {}
    for hours in (0, 2, 1):
        record = record_of(REPORT, AT + timedelta(hours=hours))
        store_record(store.provider, record)
        kept |= store.objects()
    for name, data in kept.items():
        store.plant(name, data)
    assert len(names(store)) == 3
    newest = newest_record(store.provider)
    assert newest is not None
    assert newest.started_at == "2026-11-22T22:30:00.250Z"


def test_two_prunes_in_one_second_leave_one_record(store: LocalStore) -> None:
    """The first one's, and the second is not a failure."""
    first = record_of(REPORT, AT)
    other = record_of(PruneReport("gs://b/p"), AT + timedelta(milliseconds=500))
    assert store_record(store.provider, first) == store_record(store.provider, other)
    assert newest_record(store.provider) == first


@pytest.mark.parametrize("data", [b"", b"no JSON", b'{"started_at":"2026-11-22T20:30:00.250Z"}'])
def test_a_damaged_record_is_none(store: LocalStore, data: bytes) -> None:
    """Whoever looks is not to fail for it, and the next prune puts its own in its place."""
    store.plant(prune_name(AT), data)
    assert newest_record(store.provider) is None
    store_record(store.provider, record_of(REPORT, AT + timedelta(days=1)))
    assert newest_record(store.provider) is not None
    assert len(names(store)) == 1


def test_a_record_that_goes_while_it_is_looked_for_is_none(store: LocalStore) -> None:
    """The next prune deletes it between the listing and the read."""
    store_record(store.provider, record_of(REPORT, AT))
    provider = WatchedProvider(store.provider)
    provider.before_get = store.remove
    assert newest_record(provider) is None


def test_a_storage_that_does_not_answer_is_told(store: LocalStore) -> None:
    """It is not taken for one that was never pruned."""

    def fail(_folder: str) -> None:
        raise StorageUnavailable("no answer")

    provider = WatchedProvider(store.provider)
    provider.before_list = fail
    with pytest.raises(StorageUnavailable):
        newest_record(provider)
    with pytest.raises(ObjectMissing):
        store.provider.get(prune_name(AT), 1)
