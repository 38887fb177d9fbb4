"""Directories that are read-only, or hold symbolic links: what the jobs make of them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from job_processes import as_anyone, running_function, running_logger
from jobs.scripted_logger import ScriptedLogger
from jobs.seeded_archive import SECOND, RestoreJob, tree


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A directory that nobody may write to."""
    directory = tmp_path / "read-only"
    directory.mkdir()
    (directory / "prices.csv").write_bytes(b"row\n")
    (directory / "state.json").write_bytes(b"{}")
    directory.chmod(0o500)
    yield directory
    directory.chmod(0o700)


def test_a_restore_into_a_directory_that_is_read_only_restores_nothing(
    job: RestoreJob, read_only: Path
) -> None:
    """4, and each file is named with the reason; what is there stays as it is."""
    before = tree(read_only)
    done = job.run("--json", before=as_anyone(), DATA_DIR=str(read_only))
    assert done.returncode == 4, done.stdout + done.stderr
    receipt = json.loads(done.stdout)
    assert receipt["outcome"] == "nothing restored"
    assert set(receipt["problems"]) == set(SECOND)
    assert all("Permission denied" in problem for problem in receipt["problems"].values())
    assert tree(read_only) == before


def test_the_doctor_finds_a_directory_that_is_read_only(job: RestoreJob, read_only: Path) -> None:
    """2, before anything is lost by it."""
    done = job.run("--doctor", before=as_anyone(), DATA_DIR=str(read_only))
    assert done.returncode == 2
    assert "FAIL data directory" in done.stdout
    assert "Permission denied" in done.stdout
    assert "Check DATA_DIR and its owner" in done.stdout


def test_a_directory_that_is_read_only_is_backed_up_all_the_same(
    function_folder: Path, logger_folder: Path, read_only: Path, tmp_path: Path
) -> None:
    """Whoever cannot write can still be read, state files included."""
    with (
        running_logger(logger_folder, read_only, before=as_anyone()) as logger,
        running_function(
            function_folder, logger.url, LOCAL_BACKUP_DIR=str(tmp_path / "backups")
        ) as function,
    ):
        report = function.request("POST").json()
    assert (report["result"], report["files"]) == ("created", 2)
    (warning,) = report["warnings"]
    assert warning.startswith("state.json: it could not be copied")


def test_a_backup_directory_that_is_read_only_is_named(
    function_folder: Path, scripted: ScriptedLogger, read_only: Path
) -> None:
    """503, with what to look at; nothing half-written stays."""
    scripted.serve(b"row\n")
    before = tree(read_only)
    settings = {"LOCAL_BACKUP_DIR": str(read_only)}
    with running_function(
        function_folder, scripted.url, before=as_anyone(), **settings
    ) as function:
        answer = function.request("POST")
    assert answer.status_code == 503
    error = answer.json()
    assert error["error"] == "StorageForbidden"
    assert error["message"].startswith(f"this user may not write {read_only}")
    assert error["hint"] == "Check the owner of LOCAL_BACKUP_DIR"
    assert tree(read_only) == before


def test_symbolic_links_are_left_out_and_named(
    function_folder: Path, logger_folder: Path, tmp_path: Path
) -> None:
    """One to a file, one to a folder, and one that leads nowhere; none of them is followed."""
    data, secret = tmp_path / "data", tmp_path / "secret"
    for folder in (data, secret):
        folder.mkdir()
        (folder / "prices.csv").write_bytes(b"row\n")
    (data / "link.csv").symlink_to(secret / "prices.csv")
    (data / "folder").symlink_to(secret)
    (data / "nowhere.json").symlink_to(tmp_path / "nowhere")
    with (
        running_logger(logger_folder, data) as logger,
        running_function(
            function_folder, logger.url, LOCAL_BACKUP_DIR=str(tmp_path / "backups")
        ) as function,
    ):
        report = function.request("POST").json()
    assert (report["result"], report["files"]) == ("created", 1)
    names = ("folder", "link.csv", "nowhere.json")
    assert sorted(report["warnings"]) == [
        f"left out: {name!r} is a symbolic link" for name in names
    ]


def test_a_restore_does_not_follow_a_symbolic_link(job: RestoreJob, tmp_path: Path) -> None:
    """5: what lies behind it is refused by name, everything else is restored."""
    outside = tmp_path / "outside"
    outside.mkdir()
    job.data.mkdir()
    (job.data / "BTC-USD").symlink_to(outside)
    (job.data / "new.csv").symlink_to(outside / "new.csv")
    receipt = job.answer(code=5)
    assert receipt["problems"] == {
        path: f"the path {path!r} leads through a symbolic link"
        for path in ("BTC-USD/day.csv", "new.csv")
    }
    assert not any(outside.iterdir())
    assert tree(job.data) == {path: SECOND[path] for path in ("old.csv", "state.json")}
