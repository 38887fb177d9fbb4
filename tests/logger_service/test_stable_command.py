"""A command that dies is a critical event, which is over once it has run for a while."""

import pytest

from commands import Commands
from programs import wait_until
from writing import logger_command


def test_a_command_that_runs_stably_is_well_again(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only then: one that dies at once has not come back."""
    monkeypatch.setattr(logger_command, "STABLE_SECONDS", 0.2)
    over: list[str] = []
    commands.events.listen(lambda _event: None, lambda event: over.append(event.kind))
    command = commands.make("""
        append("runs", "")
        if len((data / "runs").read_text()) > 3:
            for_ever()
    """)
    command.start()
    wait_until(lambda: bool(over))
    assert (over, commands.events.count) == (["logger command"], 3)
