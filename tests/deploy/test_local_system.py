"""The local system shows what would be deployed, and touches nothing else."""

from pathlib import Path

import pytest

import processes
import run
import system
from processes import NotStarted
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


def test_whoever_has_started_it_finds_the_token_in_a_file(tmp_path: Path) -> None:
    """Which no other user can read, also where one that was killed has left it otherwise."""
    left = tmp_path / "snapshot-token"
    left.write_text("an older one, and longer than one of the system's own ever is")
    left.chmod(0o644)
    with LocalSystem(tmp_path, "local", {}) as started:
        assert started.token_file == left
        assert left.read_text() == started.token
        assert left.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("provider", ["local", "gcs"])
def test_a_token_that_opens_nothing_is_not_left(tmp_path: Path, provider: str) -> None:
    """The next system makes one of its own."""
    with LocalSystem(tmp_path, provider, {}) as started:
        assert started.token_file.exists()
    assert not started.token_file.exists()


def test_a_system_that_does_not_start_leaves_no_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where its storage ends at once."""
    monkeypatch.setattr(system, "EMULATORS", tmp_path / "none")
    with pytest.raises(NotStarted), LocalSystem(tmp_path, "gcs", {}):
        pass
    assert not (tmp_path / "snapshot-token").exists()


def test_what_a_person_is_shown_has_no_token() -> None:
    """A terminal keeps what was printed, and so does whatever it is piped to."""
    shown = LocalSystem(processes.ROOT / ".local" / "run", "local", {})
    assert "$(cat .local/run/snapshot-token)" in run.addresses(shown)
    assert shown.token not in run.addresses(shown)


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
