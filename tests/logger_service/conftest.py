"""What many tests of the logger need: exchanges on loopback, and commands that end with them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import Commands
from emulators.exchanges import ExchangeServers
from engine.conftest import bucket, data, local, store

__all__ = ["bucket", "data", "local", "store"]  # fixtures


@pytest.fixture
def servers() -> Iterator[ExchangeServers]:
    """The six exchanges on loopback."""
    with ExchangeServers() as running:
        yield running


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    """Commands that write into the test's directory, and end with it."""
    commands = Commands(tmp_path)
    yield commands
    commands.stop()
