import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulators.storage import StorageFake
from jobs.scripted_logger import ScriptedLogger
from jobs.seeded_archive import RestoreJob, seed
from jobs.served_directory import ServedDirectory, serve_directory
from processes import copy_job


@pytest.fixture(scope="session")
def function_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The backup function, copied elsewhere."""
    return copy_job("backup_function", tmp_path_factory.mktemp("deployed"))


@pytest.fixture(scope="session")
def logger_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The logger, copied elsewhere."""
    return copy_job("logger_service", tmp_path_factory.mktemp("deployed"))


@pytest.fixture(scope="session")
def restore_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The restore job, copied elsewhere."""
    return copy_job("restore_job", tmp_path_factory.mktemp("deployed"))


@pytest.fixture(scope="session")
def served(
    tmp_path_factory: pytest.TempPathFactory, logger_folder: Path
) -> Iterator[ServedDirectory]:
    """Started once: no test changes what is in the data directory."""
    with serve_directory(logger_folder, tmp_path_factory.mktemp("logger")) as served:
        yield served


@pytest.fixture
def scripted() -> Iterator[ScriptedLogger]:
    """A logger that answers as a test tells it to."""
    with ScriptedLogger() as server:
        yield server


@pytest.fixture
def storage() -> Iterator[StorageFake]:
    """Cloud Storage with one bucket."""
    with StorageFake(["bucket"]) as fake:
        yield fake


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A local archive of two backups, to copy."""
    return seed(tmp_path_factory.mktemp("archive"))


@pytest.fixture
def job(restore_folder: Path, archive: Path, tmp_path: Path) -> RestoreJob:
    """The restore job with two backups in its local directory, and no data."""
    store = Path(shutil.copytree(archive, tmp_path / "backups"))
    return RestoreJob(restore_folder, tmp_path / "data", store)
