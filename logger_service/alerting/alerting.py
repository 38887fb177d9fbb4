"""The logger's messages: a thread that compares what holds with what was told, and delivers.

Nobody waits for it but the end of the process, for a moment. What is worth a message often happens
while the network is down too, so what nobody took is sent again, after pauses that grow.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from time import monotonic

from alerting.heartbeats import Heartbeats
from alerting.kept_told import KeptTold
from alerting.restores import is_worth_telling, message
from alerting.what_holds import Drills
from shared.conditions import Look, compare
from shared.delivery import Delivery
from shared.names import timestamp
from shared.parallel import in_background
from shared.receipt import Receipt
from shared.time_limit import TimeLimit
from shared.told import Message
from writing.backoff import Backoff

LOOK_SECONDS = 2.0  # between two looks at what holds
PAUSES = (5.0, 600.0)  # seconds until what nobody took is sent again: the first and the longest
DELIVERY_SECONDS = 30.0  # for one try
LAST_SHARE = 0.8  # of the end, for the last try: then what was taken is noted
_log = logging.getLogger(__name__)

Looks = Callable[[], Sequence[Look]]


class Alerting:
    """Begins to tell at `start`, and until `stopping` is set; `finish` has the last word.

    `looks` says what holds, once it is known; `kept` what was told.
    """

    def __init__(
        self, delivery: Delivery, kept: KeptTold, heartbeats: Heartbeats, stopping: Event
    ) -> None:
        self._delivery, self._kept, self._heartbeats = delivery, kept, heartbeats
        self._stopping = stopping
        self.drills = Drills()
        self.looks: Looks = list
        self._came: SimpleQueue[Message] = SimpleQueue()
        self._backoff = Backoff(*PAUSES)
        self._rests_until = 0.0  # of the monotonic clock
        self._turn = Lock()
        self._thread = Thread(target=self._run, name="alerts", daemon=True)

    @property
    def has_listeners(self) -> bool:
        """Whether there is anybody to tell."""
        return self._delivery.has_addresses or self._heartbeats.is_wanted

    def tell(self, title: str, body: str) -> None:
        """One message, without an end; from any thread, and at once."""
        if self._delivery.has_addresses:
            self._came.put(Message(title=title, body=body, at=timestamp(datetime.now(UTC))))

    def restore_ended(self, receipt: Receipt) -> None:
        """A restore by somebody's wish; from any thread, and at once."""
        if not receipt.dry_run and self._delivery.has_addresses:
            self._came.put(message(receipt, timestamp(datetime.now(UTC))))

    def drill_ended(self, address: str, passed: bool, detail: str = "") -> None:
        """A drill of this logger's own; `detail` says why it failed. From any thread."""
        self.drills.ended(address, passed=passed, detail=detail)

    def restored_before(self, receipt: Receipt | None) -> None:
        """The start's restore; each is told once, however often a logger starts after it."""
        told = self._kept.told
        if receipt is None or told.receipt == receipt.started_at:
            return
        if self._delivery.has_addresses and is_worth_telling(receipt):
            told = told.with_message(message(receipt, timestamp(datetime.now(UTC))))
            self._kept.keep(told.model_copy(update={"receipt": receipt.started_at}))

    def start(self) -> None:
        """Look from now on, if there is anybody to tell."""
        if self.has_listeners:
            self._thread.start()

    def finish(self, seconds: float) -> None:
        """What holds at the very end, and what still waits, gets so many seconds; never raises."""
        if not self.has_listeners or seconds <= 0:
            return
        limit = TimeLimit(seconds)
        last = in_background(partial(self._last_round, limit))
        try:
            last.result(seconds)
        except TimeoutError:
            _log.warning("alerts are left undelivered: see NOTIFY_URLS")
        except Exception:  # noqa: BLE001  the process ends
            _log.exception("The alerts failed")

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._turn:
                    self._round(DELIVERY_SECONDS)
            except Exception:  # noqa: BLE001  whatever it is, the next look may go well
                _log.exception("The alerts failed, and go on")
            self._stopping.wait(LOOK_SECONDS)

    def _last_round(self, limit: TimeLimit) -> None:
        with self._turn:
            self._rests_until = 0.0
            self._round(LAST_SHARE * (limit.left() or 0))

    def _round(self, seconds: float) -> None:
        beating = self._heartbeats.beat()
        if self._delivery.has_addresses:
            self._note()
            if self._kept.told.waiting and monotonic() >= self._rests_until:
                self._send(seconds)
        if self._stopping.is_set() and beating:
            beating.result(seconds)

    def _note(self) -> None:
        """What has begun and ended waits to be sent, also if this process ends before."""
        told = compare(self._kept.told, self.looks(), datetime.now(UTC))
        try:
            while True:
                told = told.with_message(self._came.get_nowait())
        except Empty:
            self._kept.keep(told)

    def _send(self, seconds: float) -> None:
        waiting = self._kept.told.waiting
        taken = self._delivery.deliver(waiting, seconds)
        self._kept.keep(self._kept.told.without(taken))
        if len(taken) == len(waiting):
            self._backoff.reset()
        else:
            self._rests_until = monotonic() + self._backoff.next()
