import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.checkout import Checkout, copy_checkout
from deploy.google_listening import Listening
from deploy.google_project import PROJECT, GoogleProject, google_project
from deploy.scheduler_setup import Setup
from deploy.scheduler_target import Target
from emulators.gcloud_forks import GcloudForks
from emulators.scheduler_api import SchedulerFake
from emulators.scheduler_clock import QUIET, Clock
from emulators.storage import StorageFake
from jobs.seeded_archive import seed
from scheduling.endpoint import ENDPOINT


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


@pytest.fixture
def target() -> Iterator[Target]:
    """An HTTP target of a scheduler."""
    with Target() as server:
        yield server


@pytest.fixture
def scheduler() -> Iterator[SchedulerFake]:
    """Cloud Scheduler at 20:01 on a day in November, whose clock passes only when it is told to."""
    with SchedulerFake(clock=Clock(QUIET, speed=0)) as fake:
        yield fake


@pytest.fixture
def setup(tmp_path: Path, scheduler: SchedulerFake, monkeypatch: pytest.MonkeyPatch) -> Setup:
    """A set-up of jobs, whose client speaks to Cloud Scheduler's stand-in."""
    monkeypatch.setenv(ENDPOINT, scheduler.url)
    return Setup(tmp_path, scheduler)


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, forks: GcloudForks
) -> Iterator[GoogleProject]:
    """A project of Google Cloud that is set up, once for a file."""
    with google_project(tmp_path_factory.mktemp("google"), forks) as project:
        done = project.run("--no-doctor")
        assert done.returncode == 0, done.stderr
        yield project


@pytest.fixture
def gcloud(project: GoogleProject, monkeypatch: pytest.MonkeyPatch) -> Listening:
    """Of this process; it only shows what it would change."""
    project.lead_here(monkeypatch)
    told: list[str] = []
    return Listening(PROJECT, told.append, dry_run=True, told=told)
