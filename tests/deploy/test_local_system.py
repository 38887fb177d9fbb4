"""The local system shows what would be deployed, and touches nothing else."""

from pathlib import Path

import pytest

import processes
import run
from system import LocalSystem


def test_a_job_is_copied_without_what_is_never_deployed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `.env` names somebody's real bucket, and a data directory holds somebody's data."""
    job = tmp_path / "project" / "job"
    for path in ("main.py", "shared/merge.py", ".env", "data/a.csv", "__pycache__/main.pyc"):
        (job / path).parent.mkdir(parents=True, exist_ok=True)
        (job / path).write_text("")
    monkeypatch.setattr(processes, "ROOT", tmp_path / "project")
    copy = processes.copy_job("job", tmp_path / "copies")
    files = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    assert files == {"main.py", "shared/merge.py"}


def test_a_copy_has_no_file_that_the_job_no_longer_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is made anew each time."""
    (tmp_path / "project" / "job").mkdir(parents=True)
    (tmp_path / "copies" / "job").mkdir(parents=True)
    (tmp_path / "copies" / "job" / "gone.py").write_text("")
    monkeypatch.setattr(processes, "ROOT", tmp_path / "project")
    assert list(processes.copy_job("job", tmp_path / "copies").iterdir()) == []


def test_two_systems_that_begin_at_once_have_ports_of_their_own(tmp_path: Path) -> None:
    """Neither listens yet when the other one looks for free ports."""
    systems = [LocalSystem(tmp_path / name, "local", {}) for name in ("one", "other")]
    addresses = {one.logger_url for one in systems} | {one.function_url for one in systems}
    assert len(addresses) == 4


def test_a_line_that_is_being_written_is_told_once_it_is_whole(tmp_path: Path) -> None:
    """The scheduler's log is read while it grows."""
    log = tmp_path / "scheduler.log"
    log.write_text('{"a": 1}\n{"b"')
    with log.open() as lines:
        assert list(run.whole_lines(lines)) == ['{"a": 1}\n']
        assert list(run.whole_lines(lines)) == []
        with log.open("a") as more:
            more.write(": 2}\n")
        assert list(run.whole_lines(lines)) == ['{"b": 2}\n']
