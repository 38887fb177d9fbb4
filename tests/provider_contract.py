"""What every provider does: one class of tests, run for each by a subclass with fixtures."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from shared.errors import ObjectDamaged, ObjectExists, ObjectMissing, UnsafePath
from shared.names import chunk_name, drill_name, manifest_name
from shared.provider import Provider

ONE, TWO, TEN = (manifest_name(number) for number in (1, 2, 10))
CHUNKS = [chunk_name(f"{first}{'0' * 62}") for first in ("00", "7f", "ff")]
KIB = 1024
OUTSIDE = [
    "",
    "backups/1.json",
    "../backups/00000001.json",
    "backups/../../00000001.json",
    "/backups/00000001.json",
    ".incoming/x",
    "latest",
]


class ProviderContract:
    """A subclass has the fixture `provider`, which holds nothing yet."""

    def test_what_was_put_is_got(self, provider: Provider) -> None:
        """And stat tells of it without reading it."""
        info = provider.put(ONE, b"content")
        assert provider.get(ONE, KIB) == b"content"
        assert provider.stat(ONE) == info
        assert (info.name, info.size) == (ONE, 7)
        assert abs(datetime.now(UTC) - info.created_at) < timedelta(minutes=1)

    @pytest.mark.parametrize("size", [0, 1, 9 * KIB * KIB])
    def test_an_object_may_have_any_size(self, provider: Provider, size: int) -> None:
        """Nothing, and more than is sent in one request."""
        data = bytes(range(256)) * (size // 256) if size > 256 else b"x" * size
        assert provider.put(ONE, data).size == len(data)
        assert provider.get(ONE, len(data)) == data

    def test_the_same_bytes_put_twice_are_success(self, provider: Provider) -> None:
        """A lost answer makes a writer try again; it is told of the first object."""
        first = provider.put(ONE, b"content")
        assert provider.put(ONE, b"content") == first

    @pytest.mark.parametrize("other", [b"CONTENT", b"content and more", b""])
    def test_other_bytes_are_refused_and_change_nothing(
        self, provider: Provider, other: bytes
    ) -> None:
        """Of whatever length (rule 2)."""
        provider.put(ONE, b"content")
        with pytest.raises(ObjectExists) as caught:
            provider.put(ONE, other)
        assert caught.value.name == ONE
        assert provider.get(ONE, KIB) == b"content"

    def test_one_content_wins_when_many_create_at_once(self, provider: Provider) -> None:
        """Everyone else is told that another was first; nobody sees a mixture."""
        writers = 12
        together = Barrier(writers)

        def create(writer: int) -> bytes | None:
            content = bytes([writer % 6]) * 4 * KIB  # two writers share each content
            together.wait(30)
            try:
                provider.put(ONE, content)
            except ObjectExists:
                return None
            return content

        with ThreadPoolExecutor(writers) as pool:
            created = set(pool.map(create, range(writers))) - {None}
        assert created == {provider.get(ONE, 4 * KIB)}

    def test_what_is_not_there_is_missing(self, provider: Provider) -> None:
        """In an empty place, and beside another object; the error names it."""
        for _ in range(2):
            with pytest.raises(ObjectMissing) as caught:
                provider.get(TWO, KIB)
            assert caught.value.name == TWO
            with pytest.raises(ObjectMissing) as caught:
                provider.stat(TWO)
            assert caught.value.name == TWO
            provider.put(ONE, b"content")

    def test_an_object_of_just_the_limit_is_got(self, provider: Provider) -> None:
        """A larger one is damaged: nothing of ours is larger than it may be (rule 7)."""
        provider.put(ONE, b"x" * KIB)
        assert provider.get(ONE, KIB) == b"x" * KIB
        with pytest.raises(ObjectDamaged, match=f"larger than the {KIB - 1} bytes") as caught:
            provider.get(ONE, KIB - 1)
        assert caught.value.name == ONE

    def test_a_listing_comes_in_the_order_of_names(self, provider: Provider) -> None:
        """Each folder has its own, whatever else is there."""
        drill = drill_name(2, datetime(2026, 11, 22, tzinfo=UTC))
        for name in (TEN, CHUNKS[2], ONE, drill, CHUNKS[0], TWO, CHUNKS[1]):
            provider.put(name, name.encode())
        assert [info.name for info in provider.list("backups/")] == [ONE, TWO, TEN]
        assert [info.name for info in provider.list("chunks/")] == CHUNKS
        assert [info.name for info in provider.list("drills/")] == [drill]
        assert list(provider.list("scratch/")) == []
        assert list(provider.list("backups/")) == [provider.stat(name) for name in (ONE, TWO, TEN)]

    def test_a_listing_may_begin_after_a_name(self, provider: Provider) -> None:
        """That name and all before it are left out, whether it exists or not."""
        for name in (ONE, TEN, *CHUNKS):
            provider.put(name, b"")
        assert [info.name for info in provider.list("backups/", after=ONE)] == [TEN]
        assert [info.name for info in provider.list("backups/", after=TWO)] == [TEN]
        assert list(provider.list("backups/", after=TEN)) == []
        assert [info.name for info in provider.list("chunks/", after=CHUNKS[0])] == CHUNKS[1:]

    def test_an_empty_place_gives_an_empty_listing(self, provider: Provider) -> None:
        """Nothing there is not an error, and looking makes nothing."""
        for folder in ("backups/", "chunks/", "drills/", "scratch/"):
            assert list(provider.list(folder)) == []

    def test_an_object_is_deleted_if_it_is_the_one_meant(self, provider: Provider) -> None:
        """Its name is free then, and others stay."""
        info = provider.put(ONE, b"content")
        provider.put(TWO, b"content")
        provider.delete(ONE, info.generation)
        assert [info.name for info in provider.list("backups/")] == [TWO]
        provider.put(ONE, b"other")
        assert provider.get(ONE, KIB) == b"other"

    def test_an_object_of_another_generation_stays(self, provider: Provider) -> None:
        """It is not what the one who deletes has seen."""
        info = provider.put(ONE, b"content")
        with pytest.raises(ObjectExists) as caught:
            provider.delete(ONE, info.generation + 1)
        assert caught.value.name == ONE
        assert provider.get(ONE, KIB) == b"content"

    def test_an_object_that_was_made_again_has_another_generation(self, provider: Provider) -> None:
        """However quickly, and even with the same bytes."""
        generations = []
        for _ in range(5):
            generations.append(provider.put(ONE, b"content").generation)
            provider.delete(ONE, generations[-1])
        assert len(set(generations)) == 5
        provider.put(ONE, b"content")
        with pytest.raises(ObjectExists):
            provider.delete(ONE, generations[-1])

    def test_deleting_what_is_gone_is_fine(self, provider: Provider) -> None:
        """A retry finds it so."""
        provider.delete(ONE, 1)
        info = provider.put(ONE, b"content")
        provider.delete(ONE, info.generation)
        provider.delete(ONE, info.generation)

    def test_many_may_delete_one_object_at_once(self, provider: Provider) -> None:
        """Whoever comes second finds it gone, at whatever point that is."""
        deleters = 4
        together = Barrier(deleters)

        def delete(generation: int) -> None:
            together.wait(30)
            provider.delete(ONE, generation)

        with ThreadPoolExecutor(deleters) as pool:
            for _ in range(20):
                generation = provider.put(ONE, b"content").generation
                list(pool.map(delete, [generation] * deleters))
        assert list(provider.list("backups/")) == []

    @pytest.mark.parametrize("name", OUTSIDE)
    def test_a_name_outside_ours_is_refused(self, provider: Provider, name: str) -> None:
        """By every verb that takes one."""
        for use in (
            lambda: provider.get(name, KIB),
            lambda: provider.stat(name),
            lambda: provider.put(name, b""),
            lambda: provider.delete(name, 1),
        ):
            with pytest.raises(UnsafePath) as caught:
                use()
            assert caught.value.name == name

    @pytest.mark.parametrize("folder", [*OUTSIDE, "backups", "backups/../", "chunks/../../", "."])
    def test_only_our_folders_are_listed(self, provider: Provider, folder: str) -> None:
        """A way out of one is not one."""
        with pytest.raises(UnsafePath):
            list(provider.list(folder))

    def test_operations_are_counted(self, provider: Provider) -> None:
        """By verb; a put that finds its name taken also looks at what is there."""
        info = provider.put(ONE, b"content")
        provider.get(ONE, KIB)
        provider.stat(ONE)
        list(provider.list("backups/"))
        assert provider.operations == {"put": 1, "get": 1, "stat": 1, "list": 1}
        provider.put(ONE, b"content")
        assert provider.operations == {"put": 2, "get": 2, "stat": 2, "list": 1}
        provider.delete(ONE, info.generation)
        assert provider.operations["delete"] == 1
