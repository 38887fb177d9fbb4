"""A real logger and a real function on free ports, whose pages a test opens in the browser."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emulators.storage import StorageFake
from emulators.storage_faults import Fault, FaultKind
from system import LocalSystem

PASSWORD = "password-of-the-browser-tests"
BUCKET = "bucket"
ELSEWHERE = Path(__file__).with_name("exchanges_elsewhere.py")
SETTINGS = {
    "ADMIN_TOKEN": PASSWORD,
    "PRICE_SOURCES": "replay",
    "LOG_INTERVAL_SECONDS": "1",
    "CATCH_UP_SECONDS": "0.5",  # what the function has stored is known so soon
    "SHUTDOWN_SECONDS": "4",
    "AUTO_RESTORE_ON_STARTUP": "false",  # what comes back, a test has asked for
}


class ShownLogger(LocalSystem):
    """The system of `make run`, beside a storage fake that a test can let fail.

    Its exchanges are at `exchanges`, if that is given, in place of a replay.
    """

    def __init__(
        self, folder: Path, storage: StorageFake, exchanges: str = "", **settings: str
    ) -> None:
        bucket = {"GCS_BUCKET_NAME": BUCKET, "STORAGE_EMULATOR_HOST": storage.url}
        super().__init__(folder, "local", {**SETTINGS, **bucket, **settings})
        self.storage, self._exchanges = storage, exchanges

    @property
    def url(self) -> str:
        """Of the logger, whichever process it is."""
        return self.logger_url

    def start_logger(self, **settings: str) -> None:
        """Perhaps with other settings; return when it is alive."""
        if not self._exchanges:
            super().start_logger(**settings)
            return
        words = [str(ELSEWHERE), self._exchanges]
        self._start("logger_service", words, f"{self.url}/health/live", settings)

    def kill_logger(self) -> None:
        """End it as a crash does."""
        os.kill(self.process_id("logger_service"), signal.SIGKILL)
        self.stop_logger()

    def signal_logger(self, number: signal.Signals) -> None:
        """Freeze it, or let it go on."""
        os.kill(self.process_id("logger_service"), number)

    @contextmanager
    def refusing_storage(self) -> Iterator[None]:
        """The bucket lets nobody look into it, for the length of a block that waits for that."""
        refused = self.storage.plan(Fault(FaultKind.STATUS, "get", status=403, times=None))
        try:
            yield
        finally:
            refused.end()


@contextmanager
def shown_logger(folder: Path, exchanges: str = "", **settings: str) -> Iterator[ShownLogger]:
    """The logger until the end of the block; a test that needs the function starts it."""
    with (
        StorageFake([BUCKET]) as storage,
        ShownLogger(folder, storage, exchanges, **settings) as shown,
    ):
        shown.start_logger()
        yield shown
