from itertools import chain, repeat
from pathlib import Path

import pytest

from commands import Commands
from programs import lines_of, wait_until
from writing.backoff import Backoff


class Pauses(Backoff):
    """Remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__(0.001, 0.004)
        self.given: list[float] = []

    def next(self) -> float:
        """The next pause, written down."""
        self.given.append(super().next())
        return self.given[-1]


@pytest.mark.parametrize(
    ("last_act", "told"),
    [
        ("sys.exit(0)", "ended with exit code 0"),
        ("sys.exit(3)", "ended with exit code 3"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "was ended by SIGKILL"),
        ("os.kill(os.getpid(), 50)", "was ended by signal 50"),
    ],
)
def test_a_logger_that_ends_is_started_again(
    commands: Commands, tmp_path: Path, last_act: str, told: str
) -> None:
    """Each end is a critical event, whatever the exit code."""
    commands.make(f"append('starts', 'started')\n{last_act}").start()
    wait_until(lambda: len(lines_of(tmp_path / "starts")) >= 3)
    assert commands.events.count >= 2
    assert commands.events.newest is not None
    assert commands.events.newest.detail == f"the logger command {told} after 0.0 s"


def test_what_cannot_be_started_is_tried_again(commands: Commands, tmp_path: Path) -> None:
    """Such as a program that is replaced right now."""
    program = tmp_path / "my_logger"
    program.write_bytes(b"half a program")
    program.chmod(0o755)
    commands.make([str(program)]).start()
    wait_until(lambda: commands.events.count >= 2)
    assert commands.events.newest is not None
    expected = "the logger command could not be started: Exec format error after 0.0 s"
    assert commands.events.newest.detail == expected
    mended = tmp_path / "mended"
    mended.write_text('#!/bin/sh\necho started >> "$DATA_DIR/starts"\n')
    mended.chmod(0o755)
    mended.replace(program)
    wait_until(lambda: len(lines_of(tmp_path / "starts")) >= 1)


def test_pauses_grow_until_it_has_run_for_more_than_a_minute(commands: Commands) -> None:
    """Then it is no longer taken for one that cannot run."""
    runs = [(0.0, 1.0), (0.0, 60.0), (0.0, 61.0), (0.0, 1.0)]
    times = chain(chain.from_iterable(runs), repeat(0.0))
    pauses = Pauses()
    commands.make("", backoff=pauses, clock=lambda: next(times)).start()
    wait_until(lambda: len(pauses.given) >= 4)
    assert pauses.given[:4] == [0.001, 0.002, 0.001, 0.002]


@pytest.mark.parametrize("first", ["", "IGNORE_SIGTERM +"])
def test_workers_that_it_leaves_behind_end_before_it_starts_again(
    commands: Commands, tmp_path: Path, first: str
) -> None:
    """Two writers at once would be worse than none."""
    program = f"""
        append("starts", "another writes" if is_locked() else "alone")
        start_worker({first} "for_ever()")
    """
    commands.make(program, grace_seconds=0.05).start()
    wait_until(lambda: len(lines_of(tmp_path / "starts")) >= 3)
    assert set(lines_of(tmp_path / "starts")) == {"alone"}
