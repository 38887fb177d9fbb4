from collections.abc import Iterator
from pathlib import Path

import pytest

from emulators.storage import StorageFake
from engine.archives import BUCKET, BucketStore, LocalStore, Store
from shared import plain_file


@pytest.fixture(autouse=True)
def _half_rows_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of these tests end anywhere, and nobody is writing to them."""
    monkeypatch.setattr(plain_file, "ROW_PATIENCE_SECONDS", -1.0)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An empty data directory."""
    root = tmp_path / "data"
    root.mkdir()
    return root


@pytest.fixture
def local(tmp_path: Path) -> LocalStore:
    """An empty local provider."""
    return LocalStore(tmp_path / "backups")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[BucketStore]:
    """An empty bucket."""
    with StorageFake(buckets=[BUCKET]) as fake:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", fake.url)
        yield BucketStore(fake)


@pytest.fixture(params=["local", "bucket"])
def store(request: pytest.FixtureRequest) -> Store:
    """An empty provider of each kind."""
    made: Store = request.getfixturevalue(request.param)
    return made
