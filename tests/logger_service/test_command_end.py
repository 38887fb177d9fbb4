from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event, Thread

import pytest

from commands import Commands
from programs import PATIENCE_SECONDS, is_locked, lines_of, wait_until
from writing import logger_command
from writing.backoff import Backoff
from writing.process_group import ProcessGroup

LAST_ROW = """
    def end(*_):
        append("rows", "last")
        sys.exit(7)

    signal.signal(signal.SIGTERM, end)
    append("rows", "first")
    for_ever()
"""


def test_it_may_write_its_last_rows(commands: Commands, tmp_path: Path) -> None:
    """When the stop returns they are there, and its end was no event; a second stop is harmless."""
    command = commands.make(LAST_ROW)
    command.start()
    wait_until(lambda: lines_of(tmp_path / "rows") == ["first"])
    command.stop()
    assert lines_of(tmp_path / "rows") == ["first", "last"]
    command.stop()
    assert lines_of(tmp_path / "rows") == ["first", "last"]
    assert commands.events.count == 0


def test_one_that_ignores_sigterm_is_killed(
    commands: Commands, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """After the grace period, which the log tells."""
    command = commands.make("exec(IGNORE_SIGTERM)\nlock()\nfor_ever()", grace_seconds=0.05)
    command.start()
    wait_until(lambda: is_locked(tmp_path))
    command.stop()
    assert not is_locked(tmp_path)
    assert "did not end within 0.05 s of SIGTERM and is killed" in caplog.text


@pytest.mark.parametrize("first", ["", "IGNORE_SIGTERM +"])
def test_its_workers_end_with_it(commands: Commands, tmp_path: Path, first: str) -> None:
    """Also those that want to outlive it."""
    program = f'start_worker({first} "for_ever()")\nfor_ever()'
    command = commands.make(program, grace_seconds=0.05)
    command.start()
    wait_until(lambda: is_locked(tmp_path))
    command.stop()
    assert not is_locked(tmp_path)


def test_a_stop_does_not_wait_for_the_pause(commands: Commands, tmp_path: Path) -> None:
    """After it nothing is started."""
    command = commands.make("append('starts', 'started')", backoff=Backoff(3600, 3600))
    command.start()
    wait_until(lambda: commands.events.count == 1)
    command.stop()
    assert lines_of(tmp_path / "starts") == ["started"]


def test_after_a_stop_no_program_starts(commands: Commands, tmp_path: Path) -> None:
    """Even if its start had been decided before."""
    is_decided, may_go_on = Event(), Event()

    def clock() -> float:
        is_decided.set()
        may_go_on.wait(PATIENCE_SECONDS)
        return 0

    command = commands.make("append('starts', 'started')\nfor_ever()", clock=clock)
    command.start()
    assert is_decided.wait(PATIENCE_SECONDS)
    stopping = Thread(target=command.stop)
    stopping.start()
    may_go_on.set()
    stopping.join(PATIENCE_SECONDS)
    assert not stopping.is_alive()
    assert lines_of(tmp_path / "starts") == []
    assert commands.events.count == 0


def test_a_stop_waits_for_a_start_that_has_begun(
    commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To end what comes of it."""
    may_go_on = Event()

    class SlowlyStarted(ProcessGroup):
        def __init__(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
            super().__init__(words, environment)
            may_go_on.wait(PATIENCE_SECONDS)

    monkeypatch.setattr(logger_command, "ProcessGroup", SlowlyStarted)
    command = commands.make("lock()\nfor_ever()")
    command.start()
    wait_until(lambda: is_locked(tmp_path))
    stopping = Thread(target=command.stop)
    stopping.start()
    may_go_on.set()
    stopping.join(PATIENCE_SECONDS)
    assert not stopping.is_alive()
    assert not is_locked(tmp_path)


def test_a_stop_may_come_before_the_start(commands: Commands) -> None:
    """Where another part of the logger refuses to start."""
    commands.make("for_ever()").stop()
