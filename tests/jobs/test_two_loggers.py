"""The minute of a deploy: an old logger with its disk, a new one with its own, and one store."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from emulators.storage import StorageFake
from emulators.storage_faults import Fault, FaultKind
from engine.archives import JOB, contents, noise, rows, write
from job_processes import JobProcess, run_job, running_logger
from shared.backup import backup
from shared.chunk import CHUNK_SIZE
from shared.directory_source import DirectorySource, Identity
from shared.gcs_provider import GcsProvider
from shared.local_provider import LocalProvider
from shared.names import is_beside
from shared.selection import Selection

SERVICE, BUCKET = "btc-logger", "bucket"
NEWLINE = b"\n"
TOLD = {"LOG_INTERVAL_SECONDS": "0.05", "BACKUP_EXCLUDE": "", "CATCH_UP_SECONDS": "0.2"}


@dataclass
class Deploy:
    """Two disks and a store; `running` holds what was started."""

    folders: Mapping[str, Path]
    root: Path
    settings: dict[str, str]
    running: ExitStack = field(default_factory=ExitStack)

    @property
    def old(self) -> Path:
        """The old instance's data directory."""
        return self.root / "old"

    @property
    def new(self) -> Path:
        """The new instance's."""
        return self.root / "new"

    def logger(self, data: Path, **settings: str) -> JobProcess:
        """One that records."""
        told = {**TOLD, **self.settings, **settings}
        return self.running.enter_context(running_logger(self.folders["logger"], data, **told))

    def save(self, data: Path, instance: str = "11111111") -> None:
        """What a logger pushes, or a function pulls from it."""
        bucket = "GCS_BUCKET_NAME" in self.settings
        local = LocalProvider(Path(self.settings["LOCAL_BACKUP_DIR"]) / SERVICE)
        source = DirectorySource(data, Selection(), Identity(SERVICE, instance))
        backup(source, GcsProvider(BUCKET, SERVICE) if bucket else local, JOB)

    def start_step(self, data: Path, **settings: str) -> None:
        """The restore job before a logger, however it ends."""
        told = {"DATA_DIR": str(data), **self.settings, **settings}
        run_job(self.folders["restore"], "main.py", settings=told)


@pytest.fixture
def local(tmp_path: Path, logger_folder: Path, restore_folder: Path) -> Iterator[Deploy]:
    """With a local directory as its store."""
    folders = {"logger": logger_folder, "restore": restore_folder}
    deploy = Deploy(folders, tmp_path, {"LOCAL_BACKUP_DIR": str(tmp_path / "backups")})
    with deploy.running:
        yield deploy


@pytest.fixture
def cloud(storage: StorageFake, local: Deploy, monkeypatch: pytest.MonkeyPatch) -> Deploy:
    """With a bucket besides, which outlives the loggers: they push to it at their end."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage.url)
    local.settings |= {"GCS_BUCKET_NAME": BUCKET, "STORAGE_EMULATOR_HOST": storage.url}
    return local


@pytest.fixture(params=["local", "cloud"])
def deploy(request: pytest.FixtureRequest) -> Deploy:
    """With a store of either kind."""
    made: Deploy = request.getfixturevalue(request.param)
    return made


def instance_of(logger: JobProcess) -> str:
    """What tells its files from another's."""
    return logger.wait_for_line(r"instance ([0-9a-f]+) records")[1]


def files_of(data: Path, instance: str) -> dict[str, bytes]:
    """The price files that an instance wrote, wherever they lie now."""
    return {path: held for path, held in contents(data).items() if f".{instance}.csv" in path}


def wait_for_rows(logger: JobProcess, data: Path) -> None:
    """Return once it has written some rows more."""
    instance = instance_of(logger)

    def count() -> int:
        return sum(held.count(b"\n") for held in files_of(data, instance).values())

    enough = count() + 5
    logger.wait_until(lambda: count() >= enough)


def test_the_new_logger_gets_what_the_old_one_wrote_last(deploy: Deploy) -> None:
    """Byte for byte, after its last backup; and its own rows go on in their own file."""
    old = deploy.logger(deploy.old)
    name = instance_of(old)
    wait_for_rows(old, deploy.old)
    deploy.save(deploy.old, name)
    deploy.start_step(deploy.new)
    new = deploy.logger(deploy.new)
    for _ in range(2):
        wait_for_rows(old, deploy.old)
        deploy.save(deploy.old, name)
        wait_for_rows(new, deploy.new)
    assert old.end() == 0  # its final push
    new.wait_until(lambda: files_of(deploy.new, name) == files_of(deploy.old, name))
    wait_for_rows(new, deploy.new)
    assert new.end() == 0
    assert not [path for path in contents(deploy.new) if is_beside(path)]
    own = files_of(deploy.new, instance_of(new)).values()
    new.wait_for_line(f"stopped; {sum(held.count(NEWLINE) - 1 for held in own)} rows written")


def test_the_running_logger_brings_what_a_bounded_start_has_left(deploy: Deploy) -> None:
    """All of it, and says when it is done."""
    for number in range(30):
        write(deploy.old, f"{number}.csv", noise(5000, str(number)), hours_ago=number + 1)
    write(deploy.old, "long.csv", rows(2 * CHUNK_SIZE + 99))
    deploy.save(deploy.old)
    deploy.start_step(deploy.new, RESTORE_TIMEOUT_SECONDS="0.001")
    assert contents(deploy.new) == {}
    new = deploy.logger(deploy.new)
    size = sum(map(len, contents(deploy.old).values()))
    new.wait_for_line(rf"caught up with backup 1 of \S+: 31 files, {size:,} bytes$")
    wait_for_rows(new, deploy.new)
    restored = contents(deploy.new)
    assert {path: restored[path] for path in contents(deploy.old)} == contents(deploy.old)
    assert not [path for path in restored if is_beside(path)]


def test_a_first_boot_gets_an_archive_that_appears_later(deploy: Deploy) -> None:
    """There was nothing at its start."""
    deploy.start_step(deploy.new)
    new = deploy.logger(deploy.new)
    wait_for_rows(new, deploy.new)
    write(deploy.old, "a.csv", rows(500))
    deploy.save(deploy.old)
    new.wait_until(lambda: contents(deploy.new).get("a.csv") == rows(500))


def test_a_storage_that_was_down_at_the_start_is_caught_up_with(
    cloud: Deploy, storage: StorageFake
) -> None:
    """It is told of once when the looks fail, and once when they no longer do."""
    write(cloud.old, "a.csv", rows(500))
    cloud.save(cloud.old)
    down = storage.plan(Fault(FaultKind.STATUS, "list", status=403, times=None))
    cloud.start_step(cloud.new)
    new = cloud.logger(cloud.new)
    seen = down.fired
    new.wait_until(lambda: down.fired > seen + 2)
    assert "a.csv" not in contents(cloud.new)
    down.end()
    new.wait_until(lambda: contents(cloud.new).get("a.csv") == rows(500))
    new.wait_for_line(r"catches up with gs://bucket/btc-logger again")
    assert len([line for line in new.stdout if "cannot catch up with" in line]) == 1
    wait_for_rows(new, cloud.new)


def test_a_logger_that_is_killed_while_it_catches_up_leaves_what_the_next_start_repairs(
    cloud: Deploy, storage: StorageFake
) -> None:
    """A longer beginning of the backup's version, which is completed; nothing lies beside it."""
    whole = rows(3 * CHUNK_SIZE + 99)
    write(cloud.old, "long.csv", whole[: CHUNK_SIZE + 333], hours_ago=3)
    cloud.save(cloud.old)
    cloud.start_step(cloud.new)
    write(cloud.old, "long.csv", whole, hours_ago=2)
    cloud.save(cloud.old)
    # Two reads prove that the file continues, and one brings a chunk.
    stalled = storage.plan(Fault(FaultKind.STALL, "media", "chunks/", skip=3, times=None))
    new = cloud.logger(cloud.new, TRANSFER_THREADS="1")
    new.wait_until(lambda: (cloud.new / "long.csv").stat().st_size > CHUNK_SIZE + 333)
    new.wait_until(lambda: stalled.fired > 0)
    new.kill()
    stalled.end()
    left = (cloud.new / "long.csv").read_bytes()
    assert whole.startswith(left)
    assert left != whole
    cloud.start_step(cloud.new)
    assert (cloud.new / "long.csv").read_bytes() == whole
    assert not [path for path in contents(cloud.new) if is_beside(path)]


def test_a_logger_that_is_told_not_to_restore_asks_nothing(
    cloud: Deploy, storage: StorageFake
) -> None:
    """AUTO_RESTORE_ON_STARTUP=false ends the catch-up too."""
    new = cloud.logger(cloud.new, AUTO_RESTORE_ON_STARTUP="false", CATCH_UP_SECONDS="0.001")
    for _ in range(3):
        wait_for_rows(new, cloud.new)
    assert [call.verb for call in storage.calls if call.verb in ("list", "get", "media")] == []
