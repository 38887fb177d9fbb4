"""The whole way of the data, with real processes in environments of their own."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import demo
from environments import python_of
from system import LocalSystem
from vendor import JOBS


@pytest.fixture(scope="session")
def pythons() -> dict[str, str]:
    """Each job's own interpreter."""
    return {job: python_of(job) for job in JOBS}


@pytest.fixture(params=["local", "gcs"])
def system(
    request: pytest.FixtureRequest, tmp_path: Path, pythons: dict[str, str]
) -> Iterator[LocalSystem]:
    """The system with either provider, nothing started yet but a storage."""
    with LocalSystem(tmp_path, request.param, demo.RECORDER, pythons) as system:
        yield system


def test_every_file_comes_back_as_it_was_when_the_logger_ended(system: LocalSystem) -> None:
    """Record and back up twice, record more, stop, wipe the disk, restore, compare."""
    figures = demo.tell(system)
    assert figures["identical"]
    assert figures["lost_rows"] == 0
    assert figures["rows"] >= 3 * demo.ROWS
    assert figures["restored_files"] == figures["files"] == 3
    first, second = figures["backups"]
    assert (first["number"], second["number"]) == (1, 2)
    assert 0 < second["wire_bytes"]["data"] < second["new_bytes"] < first["new_bytes"]


def test_a_logger_that_starts_empty_removes_nothing_from_the_archive(system: LocalSystem) -> None:
    """Where it may not catch up, its backup names what vanished; a restore still brings it back."""
    demo.adopt_old_folder(system.data)
    system.start()
    demo.record(system.data, 20)
    demo.back_up(system)
    system.stop_logger()
    shutil.rmtree(system.data)
    system.start_logger(AUTO_RESTORE_ON_STARTUP="false")
    demo.record(system.data, 20)
    report = demo.back_up(system)
    assert len(report["vanished"]) == 3
    assert "old/metadata.json" in report["vanished"]
    assert report["files"] == 4
    assert demo.restore(system)["restored_files"] == 3
    assert (system.data / "old" / "metadata.json").exists()


def test_a_logger_that_has_written_nothing_yet_takes_nothing_away(system: LocalSystem) -> None:
    """An empty data directory is nothing new: the backup of the last end stays the newest."""
    demo.adopt_old_folder(system.data)
    system.start()
    demo.record(system.data, 20)
    before = demo.back_up(system)
    demo.record(system.data, 1)
    system.stop_logger()
    shutil.rmtree(system.data)
    system.start_logger(LOG_INTERVAL_SECONDS="3600", AUTO_RESTORE_ON_STARTUP="false")
    report = system.fire()["answer"]
    assert (report["result"], report["number"]) == ("nothing new", before["number"] + 1)
    assert report["files"] == len(report["vanished"]) == before["files"] == 3


def test_the_restore_step_at_a_first_boot_leaves_only_its_receipt(system: LocalSystem) -> None:
    """Nothing was ever backed up: the start goes on, and the logger can read why."""
    done = system.restore()
    assert done.returncode == 0
    assert "first boot" in done.stdout
    assert [path.name for path in system.data.rglob("*")] == [".backup", "restore.json"]


@pytest.mark.skipif(shutil.which("zstd") is None, reason="the program zstd is not installed")
def test_a_file_can_be_had_back_without_this_software(
    tmp_path: Path, pythons: dict[str, str]
) -> None:
    """The documented recipe: its chunks in order through `zstd -d`."""
    with LocalSystem(tmp_path, "local", demo.RECORDER, pythons) as system:
        demo.adopt_old_folder(system.data)
        system.start()
        demo.back_up(system)
    store = tmp_path / "backups" / "btc-logger"
    manifest = json.loads((store / "backups" / "00000001.json").read_text())
    (entry,) = [file for file in manifest["files"] if file["path"].endswith("_trade.csv")]
    chunks = [store / "chunks" / chunk[:2] / f"{chunk}.zst" for chunk in entry["chunks"]]
    done = subprocess.run(["zstd", "-dc", *chunks], capture_output=True, check=True)
    assert done.stdout == (system.data / entry["path"]).read_bytes()


def test_the_demo_fails_when_a_restored_file_differs(tmp_path: Path) -> None:
    """Its verdict is a comparison, not a claim."""
    content = b"row\n" * 100
    restored, original = tmp_path / "restored", tmp_path / "original"
    for folder in (restored, original):
        folder.mkdir()
        (folder / "a.csv").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    files = [{"path": "a.csv", "size": len(content), "chunks": [digest]}]
    assert demo.compare(files, restored, original)
    (restored / "a.csv").write_bytes(content[:-1] + b"!")
    assert not demo.compare(files, restored, original)
    (restored / "a.csv").unlink()
    assert not demo.compare(files, restored, original)
