import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from provider_contract import ONE, TWO, ProviderContract
from shared import durable_file
from shared.errors import StorageError, StorageForbidden, StorageUnavailable
from shared.local_provider import LocalProvider
from shared.provider import Provider


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where backups are kept; it does not exist yet."""
    return tmp_path / "deep" / "backups of mine"


@pytest.fixture
def provider(root: Path) -> Provider:
    """A local provider that holds nothing."""
    return LocalProvider(root)


class TestLocalProvider(ProviderContract):
    """The contract."""


def objects(root: Path) -> dict[str, bytes]:
    """Every file below the root."""
    files = [path for path in root.rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def test_objects_are_files_under_their_names(provider: Provider, root: Path) -> None:
    """The same layout as in a bucket, and nothing else is left."""
    provider.put(ONE, b"content")
    assert objects(root) == {ONE: b"content"}
    assert provider.address == str(root)


def test_looking_makes_no_directory(provider: Provider, root: Path) -> None:
    """A restore job that only reads leaves nothing behind."""
    assert list(provider.list("backups/")) == []
    provider.delete(ONE, 1)
    assert not root.parent.exists()


@pytest.mark.parametrize("fails", ["fsync", "write", "link"])
def test_a_write_that_fails_midway_leaves_nothing(
    provider: Provider, root: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    """Neither a half file under the final name nor a temporary one; a retry succeeds."""
    provider.put(TWO, b"there before")
    full = OSError(errno.ENOSPC, "No space left on device")

    def no_space(*_: object, **__: object) -> None:
        raise full

    def half_written(place: Path, data: bytes) -> None:
        place.write_bytes(data[: len(data) // 2])
        raise full

    with monkeypatch.context() as patch:
        if fails == "write":
            patch.setattr("shared.local_provider.write_durably", half_written)
        else:
            patch.setattr(os, fails, no_space)
        with pytest.raises(StorageUnavailable, match="No space left") as caught:
            provider.put(ONE, b"content")
    assert caught.value.name == ONE
    assert objects(root) == {TWO: b"there before"}
    provider.put(ONE, b"content")
    assert objects(root)[ONE] == b"content"


def test_an_object_is_on_disk_before_it_has_its_name(
    provider: Provider, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First the bytes, then the name, then the directory."""
    provider.put(TWO, b"makes the directories")
    done: list[str] = []
    fsync, link = os.fsync, os.link

    def watched_fsync(descriptor: int) -> None:
        done.append(f"fsync {Path(f'/proc/self/fd/{descriptor}').readlink().parent.name}")
        fsync(descriptor)

    def watched_link(source: Path, target: Path) -> None:
        done.append("link")
        link(source, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(os, "link", watched_link)
    provider.put(ONE, b"content")
    assert done == ["fsync .incoming", "link", f"fsync {root.name}"]


def test_a_new_directory_is_on_disk_too(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name is in its parent, which is synced as well."""
    synced: list[str] = []
    sync = durable_file.sync_directory

    def watched(directory: Path) -> None:
        synced.append(directory.name)
        sync(directory)

    monkeypatch.setattr(durable_file, "sync_directory", watched)
    provider.put(ONE, b"content")
    assert {"deep", "backups of mine"} <= set(synced)


@pytest.mark.parametrize("place", [".", "backups"])
def test_a_file_where_a_directory_should_be_is_not_an_empty_archive(
    provider: Provider, root: Path, place: str
) -> None:
    """It must not look like a first boot (rule 8)."""
    (root / place).parent.mkdir(parents=True, exist_ok=True)
    (root / place).write_bytes(b"in the way")
    for use in (
        lambda: list(provider.list("backups/")),
        lambda: provider.stat(ONE),
        lambda: provider.get(ONE, 1),
        lambda: provider.put(ONE, b"content"),
        lambda: provider.delete(ONE, 1),
    ):
        with pytest.raises(StorageUnavailable, match="Not a directory"):
            use()
    assert (root / place).read_bytes() == b"in the way"


def test_a_directory_where_an_object_should_be_is_told(provider: Provider, root: Path) -> None:
    """It cannot be read as one."""
    (root / ONE).mkdir(parents=True)
    with pytest.raises(StorageError):
        provider.get(ONE, 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_may_not_be_written_is_told_with_a_hint(
    provider: Provider, root: Path
) -> None:
    """The owner has to change."""
    root.mkdir(parents=True)
    root.chmod(0o500)
    with pytest.raises(StorageForbidden, match="may not write") as caught:
        provider.put(ONE, b"content")
    assert "LOCAL_BACKUP_DIR" in caught.value.hint


def test_a_refused_access_is_told_with_a_hint(
    provider: Provider, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading, listing and writing name the right that is missing."""
    provider.put(ONE, b"content")

    def refuse(place: Path, *_: object, **__: object) -> BinaryIO:
        raise PermissionError(errno.EACCES, "Permission denied", str(place))

    uses: dict[str, Callable[[], object]] = {
        "read": lambda: provider.get(ONE, 100),
        "list": lambda: list(provider.list("backups/")),
        "write": lambda: provider.put(TWO, b"content"),
    }
    for right, use in uses.items():
        with monkeypatch.context() as patch:
            for method in ("open", "stat", "iterdir"):
                patch.setattr(Path, method, refuse)
            error = raised_by(use)
        assert isinstance(error, StorageForbidden)
        assert error.message.startswith(f"this user may not {right} {root}")
        assert "LOCAL_BACKUP_DIR" in error.hint


def raised_by(use: Callable[[], object]) -> Exception | None:
    """The error, caught without pytest, which itself needs the methods that are replaced."""
    try:
        use()
    except StorageError as error:
        return error
    return None


def test_a_file_that_goes_while_it_is_listed_is_not_listed(provider: Provider, root: Path) -> None:
    """A prune is at work; the listing goes on with the next."""
    for name in (ONE, TWO):
        provider.put(name, b"content")
    listing = provider.list("backups/")
    assert next(listing).name == ONE
    (root / TWO).unlink()
    assert list(listing) == []
