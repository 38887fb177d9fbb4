from collections.abc import Iterator
from contextvars import ContextVar
from threading import Barrier, BrokenBarrierError, Event, Lock, active_count

import pytest

from shared.parallel import in_background, in_threads

THREADS = 3


def test_results_come_in_the_order_of_the_items() -> None:
    """Even when the first item is done last."""
    others_done = [Event() for _ in range(2)]

    def work(item: int) -> int:
        if item == 0:
            assert all(event.wait(10) for event in others_done)
        elif item <= 2:
            others_done[item - 1].set()
        return item * item

    assert list(in_threads(work, range(10), THREADS)) == [item * item for item in range(10)]


def test_as_many_threads_work_at_a_time_as_are_allowed() -> None:
    """All of them meet, and never one more."""
    meeting = Barrier(THREADS)
    counting = Lock()
    now = most = 0

    def work(_item: int) -> bool:
        nonlocal now, most
        with counting:
            now += 1
            most = max(most, now)
        try:
            meeting.wait(10)
        except BrokenBarrierError:
            return False
        finally:
            with counting:
                now -= 1
        return True

    assert all(in_threads(work, range(3 * THREADS), THREADS))
    assert most == THREADS


def test_few_items_are_taken_ahead() -> None:
    """Memory stays bounded: twice as many items as threads, however many there are."""
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for item in range(100):
            taken += 1
            yield item

    for done, _ in enumerate(in_threads(lambda item: item, items(), THREADS)):
        assert taken <= done + 2 * THREADS


def test_nothing_gives_nothing() -> None:
    """And leaves no thread."""
    before = active_count()
    assert not list(in_threads(str, [], THREADS))
    assert active_count() == before


def test_the_first_exception_ends_it_once_all_under_way_have_ended() -> None:
    """What was not begun is not begun any more, and no thread is left."""
    before = active_count()
    begun: set[int] = set()
    ended: set[int] = set()

    def work(item: int) -> int:
        begun.add(item)
        if item == 1:
            raise ValueError("item 1")
        ended.add(item)
        return item

    results = in_threads(work, range(1000), THREADS)
    assert next(results) == 0
    with pytest.raises(ValueError, match="item 1"):
        list(results)
    assert begun == ended | {1}
    assert len(begun) <= 2 * THREADS + 1
    assert active_count() == before


def test_an_exception_of_the_items_is_passed_on() -> None:
    """What was under way has ended by then."""
    before = active_count()

    def items() -> Iterator[int]:
        yield 1
        raise ValueError("no more items")

    with pytest.raises(ValueError, match="no more items"):
        list(in_threads(str, items(), THREADS))
    assert active_count() == before


def test_whoever_stops_early_leaves_no_thread_behind() -> None:
    """Closing the iterator waits for what is under way."""
    before = active_count()
    results = in_threads(str, range(1000), THREADS)
    assert next(results) == "0"
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert active_count() == before


def test_a_thread_knows_what_whoever_began_it_knows() -> None:
    """So what it logs can name the logger that it works for."""
    about = ContextVar("about", default="nothing")
    about.set("btc-logger")
    assert set(in_threads(lambda _item: about.get(), range(9), THREADS)) == {"btc-logger"}
    assert in_background(about.get).result(10) == "btc-logger"
