"""The last messages of a process: told once, whatever another address does."""

from pathlib import Path
from threading import Event

from alerting.alerting import Alerting
from alerting.heartbeats import Heartbeats
from alerting.kept_told import KeptTold
from programs import PATIENCE_SECONDS
from shared.delivery import Delivery

MOMENT = 2  # seconds of an end


class Address:
    """Takes every message, once it `may_answer`."""

    def __init__(self, may_answer: Event) -> None:
        self._may_answer, self.taken = may_answer, list[str]()

    def notify(self, body: str, title: str) -> object:
        """Have it, or wait."""
        assert self._may_answer.wait(PATIENCE_SECONDS), body
        self.taken.append(title)
        return True


def test_what_one_address_took_at_the_end_is_not_told_again(tmp_path: Path) -> None:
    """Though another one hangs until the process is gone."""
    at_once, never = Event(), Event()
    at_once.set()
    good, hanging = Address(at_once), Address(never)
    delivery = Delivery("btc-logger", [hanging, good])
    kept = KeptTold(tmp_path, "btc-logger")
    alerting = Alerting(delivery, kept, Heartbeats(None, lambda: None), Event())
    alerting.tell("backup failing", "the bucket is gone")
    alerting.finish(MOMENT)
    assert good.taken == ["btc-logger: backup failing"]
    assert KeptTold(tmp_path, "btc-logger").told.waiting == ()
    never.set()
