"""A storage fake with moods that last until they are over: well, refusing, slow."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from threading import Condition

from emulators.storage import StorageFake
from emulators.storage_answers import Answer, error_answer
from emulators.storage_api import Request
from emulators.storage_conditions import failure

SLOW_SECONDS = 0.05  # for each call; a backup takes about ten of them, one after the other
PATIENCE_SECONDS = 60


class Mood(Enum):
    """How it takes a call."""

    WELL = "it does what it is asked"
    REFUSING = "it answers 503, and nothing is done"
    SLOW = "it does it later"


class MoodyStorage(StorageFake):
    """The fake, in a mood."""

    def __init__(self, bucket: str) -> None:
        self._mood, self._met = Mood.WELL, 0  # calls that met it
        self._changed = Condition()
        super().__init__([bucket])

    @contextmanager
    def mood(self, mood: Mood) -> Iterator[None]:
        """Be so for the length of a block, and well again."""
        self._set(mood)
        try:
            yield
        finally:
            self._set(Mood.WELL)

    def wait_until_met(self, calls: int) -> None:
        """Return when so many calls have met the mood."""
        with self._changed:
            met = self._changed.wait_for(lambda: self._met >= calls, PATIENCE_SECONDS)
            assert met, f"only {self._met} calls met a storage that is {self._mood.name}"

    def answer(self, request: Request) -> Answer:
        """Answer by the mood that it is in when the call comes."""
        with self._changed:
            mood = self._mood
            self._met += 1
            self._changed.notify_all()
        if mood is Mood.REFUSING:
            return error_answer(failure(503, None))
        if mood is Mood.SLOW:
            time.sleep(SLOW_SECONDS)
        return super().answer(request)

    def _set(self, mood: Mood) -> None:
        with self._changed:
            self._mood, self._met = mood, 0
