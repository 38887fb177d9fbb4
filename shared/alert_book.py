"""The function's memory of what it has told, which outlives its processes, and its messages.

A message is claimed in storage before it is sent, and dropped from there once it has arrived: of
two calls at once one sends it, and a crash in between may send it twice, but never not at all.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from threading import Lock

from shared.alert_store import Kept, read_kept, write_kept
from shared.conditions import Look, compare
from shared.delivery import Delivery
from shared.errors import BackupError
from shared.names import timestamp
from shared.provider import Provider
from shared.time_limit import TimeLimit
from shared.told import Message, Told

ATTEMPTS = 10  # at the next number
CLAIM_SECONDS = 60  # after which whoever claimed a message counts as dead
_log = logging.getLogger(__name__)

Change = Callable[[Told], Told]


class AlertBook:
    """What one service's people know; where storage does not answer, as this process knows it."""

    def __init__(
        self, service: str, delivery: Delivery, open_provider: Callable[[], Provider]
    ) -> None:
        self._service, self._delivery, self._open = service, delivery, open_provider
        self._turn = Lock()
        self._known = Kept(Told(service=service))
        self._unsaved: Told | None = None  # what this process knows beyond that

    def tell(self, looks: Sequence[Look], seconds: float) -> None:
        """Send what these looks have changed, and what still waits."""
        limit = TimeLimit(seconds)
        if not self._turn.acquire(timeout=seconds):
            return  # a call before this one hangs; what holds is told by the next
        try:
            self._tell(looks, limit, token_hex(8))
        finally:
            self._turn.release()

    def _tell(self, looks: Sequence[Look], limit: TimeLimit, by: str) -> None:
        provider = self._open()
        now = datetime.now(UTC)
        told = self._commit(provider, lambda told: claim(compare(told, looks, now), by, now))
        mine = [one for one in told.waiting if one.claimed_by == by]
        if mine:
            taken = self._delivery.deliver(mine, limit.left() or 0)
            self._commit(None if self._unsaved else provider, lambda told: settle(told, by, taken))

    def _commit(self, provider: Provider | None, change: Change) -> Told:
        """The changed document; stored if there is a change, and a storage that answers."""
        try:
            return self._store(provider, change) if provider else self._remember(change)
        except BackupError as error:
            _log.warning("what was told stays in this process's memory: %s", error)
            return self._remember(change)

    def _store(self, provider: Provider, change: Change) -> Told:
        for _ in range(ATTEMPTS):
            known = read_kept(provider, self._service, self._known)
            base = self._joined(known)
            self._known = known
            told = change(base)
            if told == known.told:
                self._unsaved = None
                return told
            told = told.model_copy(update={"written_by": token_hex(8)})
            if written := write_kept(provider, known, told):
                self._known, self._unsaved = written, None
                return told
        _log.warning("%d times another call stored its alerts first", ATTEMPTS)
        return self._known.told

    def _remember(self, change: Change) -> Told:
        self._unsaved = change(self._unsaved or self._known.told)
        return self._unsaved

    def _joined(self, stored: Kept) -> Told:
        """What is stored, with what only this process knows."""
        if self._unsaved is None:
            return stored.told
        if stored.number == self._known.number:
            return self._unsaved
        return join(stored.told, self._unsaved)


def claim(told: Told, by: str, now: datetime) -> Told:
    """The messages that nobody is sending are sent by this one."""

    def claimed(one: Message) -> Message:
        if one.claimed_at and abs(now - _time(one.claimed_at)) < timedelta(seconds=CLAIM_SECONDS):
            return one  # a claim from far ahead is of a clock that was wrong
        return one.model_copy(update={"claimed_by": by, "claimed_at": timestamp(now)})

    return told.model_copy(update={"waiting": tuple(map(claimed, told.waiting))})


def settle(told: Told, by: str, taken: Collection[Message]) -> Told:
    """These have arrived; what else this one had claimed, the next call tries again."""

    def released(one: Message) -> Message:
        if one.claimed_by != by:
            return one
        return one.model_copy(update={"claimed_by": "", "claimed_at": None})

    left = told.without(taken)
    return left.model_copy(update={"waiting": tuple(map(released, left.waiting))})


def join(stored: Told, unsaved: Told) -> Told:
    """What either knows: a process that could not store has told people all the same."""
    known = {(one.kind, one.subject) for one in stored.holding}
    more = [one for one in unsaved.holding if (one.kind, one.subject) not in known]
    there = stored.without(unsaved.waiting)
    both = stored.model_copy(update={"holding": (*stored.holding, *more)})
    return both.model_copy(update={"waiting": (*there.waiting, *unsaved.waiting)})


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
