from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
import zstandard

from engine.archives import (
    JOB,
    LocalStore,
    Store,
    WatchedProvider,
    WatchedSource,
    append,
    back_up,
    entry,
    newest,
    noise,
    rows,
    write,
)
from shared.backup import backup
from shared.chunk import CHUNK_SIZE, compress, digest
from shared.chunk_store import ChunkPlaces, read_chunk, store_chunk
from shared.errors import ObjectDamaged, ObjectMissing, StorageUnavailable
from shared.local_provider import LocalProvider
from shared.names import CHUNKS, chunk_name, digest_of
from shared.provider import ObjectInfo, Provider

RAW = rows(3000)
NAME = chunk_name(digest(RAW))


class Silent(LocalProvider):
    """A provider that does not answer."""

    def _get(self, name: str, limit: int) -> bytes:  # noqa: ARG002  the base's arguments
        raise StorageUnavailable("no answer", name=name)

    def _list(self, prefix: str, after: str) -> Iterator[ObjectInfo]:  # noqa: ARG002  as above
        raise StorageUnavailable("no answer", name=prefix)


def chunks(store: Store) -> list[str]:
    """The chunk objects that are stored."""
    return [name for name in store.objects() if name.startswith(CHUNKS)]


def test_a_chunk_is_named_by_its_digest(store: Store) -> None:
    """One zstd frame under the SHA-256 of its raw bytes, which any tool can check."""
    ref = store_chunk(store.provider, digest(RAW), compress(RAW))
    frame = store.objects()[f"chunks/{ref[:2]}/{ref}.zst"]
    assert ref == sha256(RAW).hexdigest()
    assert zstandard.ZstdDecompressor().decompress(frame) == RAW
    assert read_chunk(store.provider, ref) == RAW


def test_a_chunk_that_a_killed_run_left_is_not_fetched_again(data: Path, store: Store) -> None:
    """It is found by its name, and believed once its bytes have been read."""
    write(data, "a.csv", RAW)
    store.plant(NAME, compress(RAW), hours_ago=11)
    source = WatchedSource(data)
    report = backup(source, store.provider, JOB)
    assert (source.reads, report.new_bytes) == ([], 0)
    assert entry(newest(store.provider), "a.csv").chunks == (digest(RAW),)


def test_the_grown_end_that_a_killed_run_left_proves_the_growth(data: Path, store: Store) -> None:
    """As it would have if it had been fetched."""
    write(data, "a.csv", RAW[:1000])
    back_up(data, store.provider)
    append(data, "a.csv", RAW[1000:])
    store.plant(NAME, compress(RAW))
    source = WatchedSource(data)
    assert backup(source, store.provider, JOB).rewritten == []
    assert source.reads == []


@pytest.mark.parametrize(
    ("frame", "hours_ago"),
    [(compress(RAW)[:-5], 1), (compress(rows(3000, 1)), 1), (b"", 1), (compress(RAW), 13)],
    ids=["cut", "swapped", "empty", "old"],
)
def test_what_cannot_be_trusted_is_fetched(
    data: Path, store: Store, frame: bytes, hours_ago: float
) -> None:
    """It may be damaged, or a prune may be about to delete it: it is stored under another name."""
    write(data, "a.csv", RAW)
    store.plant(NAME, frame, hours_ago)
    source = WatchedSource(data)
    backup(source, store.provider, JOB)
    assert source.reads == [("a.csv", 0, len(RAW))]
    (ref,) = entry(newest(store.provider), "a.csv").chunks
    assert ref != digest(RAW)
    assert read_chunk(store.provider, ref) == RAW


def test_a_young_good_chunk_is_used(store: Store) -> None:
    """Prune cannot be about to delete it, so it is not stored again (rule 9)."""
    store.plant(NAME, compress(RAW), hours_ago=11)
    assert store_chunk(store.provider, digest(RAW), compress(RAW)) == digest(RAW)
    assert chunks(store) == [NAME]


def test_a_young_chunk_of_another_compressor_is_used(store: Store) -> None:
    """Other bytes that open to the same chunk are good: an older zstd may have made them."""
    frame = zstandard.ZstdCompressor(level=19, write_checksum=False).compress(RAW)
    assert frame != compress(RAW)
    store.plant(NAME, frame)
    assert store_chunk(store.provider, digest(RAW), compress(RAW)) == digest(RAW)
    assert store.objects()[NAME] == frame


@pytest.mark.parametrize("level", [3, 19])
def test_an_old_chunk_is_stored_again(store: Store, level: int) -> None:
    """A prune may be deleting it: the same digest gets a fresh suffix (rule 9)."""
    old = zstandard.ZstdCompressor(level=level).compress(RAW)
    store.plant(NAME, old, hours_ago=13)
    first = store_chunk(store.provider, digest(RAW), compress(RAW))
    second = store_chunk(store.provider, digest(RAW), compress(RAW))
    assert digest_of(first) == digest_of(second) == digest(RAW)
    assert len({first, second, digest(RAW)}) == 3
    assert read_chunk(store.provider, first) == read_chunk(store.provider, second) == RAW
    assert store.objects()[NAME] == old


@pytest.mark.parametrize(
    "bad", [b"", b"nonsense", compress(RAW)[:-1], compress(RAW[:-1]), compress(RAW) + b"x"]
)
def test_a_young_bad_chunk_is_stored_again(store: Store, bad: bytes) -> None:
    """What is there is not what its name says: it stays, and a good one lies beside it."""
    store.plant(NAME, bad)
    ref = store_chunk(store.provider, digest(RAW), compress(RAW))
    assert ref != digest(RAW)
    assert read_chunk(store.provider, ref) == RAW
    assert store.objects()[NAME] == bad


def test_a_chunk_that_a_prune_deletes_just_now_is_stored_again(store: Store) -> None:
    """Between the refused create and the look at what refused it."""
    store.plant(NAME, zstandard.compress(RAW, 19), hours_ago=30)
    provider = WatchedProvider(store.provider)
    provider.before_stat = store.remove
    ref = store_chunk(provider, digest(RAW), compress(RAW))
    assert ref != digest(RAW)
    assert read_chunk(store.provider, ref) == RAW


def test_a_chunk_that_the_parent_names_is_not_stored_again(data: Path, store: Store) -> None:
    """However old it is: what the newest backup names is kept by every prune."""
    write(data, "a.csv", RAW)
    back_up(data, store.provider)
    store.age(hours=1000)
    write(data, "b.csv", RAW)
    assert back_up(data, store.provider).stored_bytes == 0
    assert chunks(store) == [NAME]
    assert [file.chunks for file in newest(store.provider).files] == [(digest(RAW),)] * 2


def test_an_old_chunk_that_no_parent_names_is_not_trusted(data: Path, store: Store) -> None:
    """A backup names the fresh copy, not the one that a prune may be deleting."""
    store.plant(NAME, compress(RAW), hours_ago=30)
    write(data, "a.csv", RAW)
    back_up(data, store.provider)
    ref = newest(store.provider).files[0].chunks[0]
    assert ref != digest(RAW)
    store.remove(NAME)
    assert read_chunk(store.provider, ref) == RAW


def test_suffixed_chunks_stay_named_in_later_backups(data: Path, store: Store) -> None:
    """A later backup of the same bytes reuses the reference that its parent has."""
    store.plant(NAME, compress(RAW), hours_ago=30)
    write(data, "a.csv", RAW)
    back_up(data, store.provider)
    ref = newest(store.provider).files[0].chunks[0]
    write(data, "b.csv", RAW)
    append(data, "a.csv", b"more")
    back_up(data, store.provider)
    assert newest(store.provider).files[1].chunks == (ref,)


def test_reading_prefers_any_good_copy(tmp_path: Path, local: LocalStore) -> None:
    """Missing here, bad there, no answer from the third: the fourth has it."""
    bad, silent = LocalStore(tmp_path / "bad"), Silent(tmp_path / "silent")
    bad.plant(NAME, compress(RAW[:-1]))
    ref = f"{digest(RAW)}.0000abcd"
    local.plant(chunk_name(ref), compress(RAW))
    places = ChunkPlaces()
    for reader in (LocalProvider(tmp_path / "empty"), bad.provider, silent, local.provider):
        places.add(reader, {digest(RAW): digest(RAW)})
    places.add(local.provider, {digest(RAW): ref})
    assert places.read(digest(RAW), len(RAW)) == RAW


@pytest.mark.parametrize(
    ("last", "error"), [(LocalProvider, ObjectMissing), (Silent, StorageUnavailable)]
)
def test_no_good_copy_tells_what_each_place_has(
    tmp_path: Path, local: LocalStore, last: type[Provider], error: type[Exception]
) -> None:
    """A place that did not answer may still have it, so that is another error than a loss."""
    local.plant(NAME, compress(RAW[:-1]))
    places = ChunkPlaces()
    places.add(local.provider, {digest(RAW): digest(RAW)})
    places.add(LocalProvider(tmp_path / "a"), {digest(RAW): digest(RAW)})
    places.add(last(tmp_path / "b"), {digest(RAW): digest(RAW)})  # type: ignore[call-arg]  # local
    with pytest.raises(error, match=r"no good copy of chunk .*2999 bytes.*there is no object"):
        places.read(digest(RAW))


def test_a_frame_of_another_length_is_refused(local: LocalStore) -> None:
    """A chunk longer than a chunk may be costs nothing, even under the right digest."""
    raw = noise(CHUNK_SIZE) + b"x"
    local.plant(chunk_name(digest(raw)), compress(raw))
    with pytest.raises(ObjectDamaged, match="declares 4194305 bytes"):
        read_chunk(local.provider, digest(raw))
