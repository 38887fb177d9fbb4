import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.checkout import Checkout, copy_checkout
from emulators.storage import StorageFake
from jobs.seeded_archive import seed


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A local archive of two backups, to copy."""
    return seed(tmp_path_factory.mktemp("archive"))


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a service has of the repository."""
    return copy_checkout(tmp_path_factory.mktemp("platform") / "project src")


@pytest.fixture
def checkout(sources: Path, archive: Path, tmp_path: Path) -> Checkout:
    """A service on an empty disk, with two backups in its local directory."""
    store = Path(shutil.copytree(archive, tmp_path / "backups"))
    return Checkout(Path(shutil.copytree(sources, tmp_path / "project src")), store)


@pytest.fixture
def storage() -> Iterator[StorageFake]:
    """Cloud Storage with one bucket."""
    with StorageFake(["bucket"]) as fake:
        yield fake
