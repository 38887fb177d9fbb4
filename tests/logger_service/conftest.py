"""The exchanges on loopback, for all tests of the logger that ask them."""

from collections.abc import Iterator

import pytest

from emulators.exchanges import ExchangeServers


@pytest.fixture
def servers() -> Iterator[ExchangeServers]:
    """The six exchanges on loopback."""
    with ExchangeServers() as running:
        yield running
