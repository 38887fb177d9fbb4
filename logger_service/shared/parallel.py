"""Work on several threads with a bound on what is under way.

Results come in the order of the items; no more than twice as many items as threads have been
taken, so memory stays bounded however long the work is.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int
) -> Iterator[Result]:
    """Yield `work(item)` for each item; the first exception ends it, once all under way ended."""
    pool = _Pool(threads)
    under_way: deque[Future[Result]] = deque()
    try:
        for item in items:
            under_way.append(pool.begin(partial(work, item)))
            if len(under_way) >= 2 * threads:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        for future in under_way:
            future.cancel()
        pool.close()


class _Pool:
    """Threads for which the end of the process does not wait, unlike for those of an executor.

    A storage call that hangs would otherwise keep a stopping logger alive until its kill.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._threads: list[Thread] = []
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    def begin(self, work: Callable[[], Result]) -> Future[Result]:
        """Have the work done as soon as a thread is free."""
        future: Future[Result] = Future()
        self._tasks.put(partial(_settle, future, work))
        if len(self._threads) < self._size:
            self._threads.append(Thread(target=self._serve, daemon=True))
            self._threads[-1].start()
        return future

    def close(self) -> None:
        """Return once what is under way has ended."""
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        while task := self._tasks.get():
            task()
            del task  # with the result that its future holds: a chunk, until the next task


def _settle(future: Future[Result], work: Callable[[], Result]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001  whoever asks for the result gets it
        future.set_exception(error)


def in_background(work: Callable[[], Result]) -> Future[Result]:
    """Begin the work on a thread of its own, for which the end of the process does not wait."""
    future: Future[Result] = Future()
    Thread(target=_settle, args=(future, work), daemon=True).start()
    return future
