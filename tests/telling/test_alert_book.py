"""What the function has told outlives its processes, races and an absent storage."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from pydantic import SecretStr

from engine.archives import SERVICE, LocalStore, WatchedProvider
from shared.alert_book import AlertBook
from shared.alert_store import KEPT, LARGEST_NUMBER
from shared.conditions import Kind, Look
from shared.delivery import open_delivery
from shared.document import encode
from shared.errors import StorageUnavailable
from shared.names import ALERTS, alerts_name
from shared.told import Message, Told
from telling.webhook import Webhook

FAILING = Kind("backup failing", ends="it did well")
BEGUN, ENDED = "btc-logger: backup failing", "btc-logger: over: backup failing"
FAILS, IS_WELL = [Look(FAILING, {"": "it is down"})], [Look(FAILING, {})]


class Setup:
    """A store, a webhook, and books of as many processes as a test wants."""

    def __init__(self, folder: Path, hook: Webhook) -> None:
        self.store, self.hook = LocalStore(folder), hook
        self.provider = WatchedProvider(self.store.another())

    def book(self) -> AlertBook:
        """That of a new process."""
        delivery = open_delivery(SERVICE, SecretStr(self.hook.url))
        return AlertBook(SERVICE, delivery, lambda: self.provider)

    def objects(self) -> list[str]:
        """The names of what is stored."""
        return sorted(name for name in self.store.objects() if name.startswith(ALERTS))

    @property
    def titles(self) -> list[str]:
        """Of the messages that arrived."""
        return [title for title, _ in self.hook.texts]


@pytest.fixture
def setup(tmp_path: Path) -> Iterator[Setup]:
    """With nothing told yet."""
    with Webhook() as hook:
        yield Setup(tmp_path / "alerts", hook)


def is_down(_name: str) -> None:
    """Before a verb of a storage that does not answer."""
    raise StorageUnavailable("it is not there")


def is_up(_name: str) -> None:
    """Before a verb of one that does."""


def test_new_processes_know_what_was_told(setup: Setup) -> None:
    """One message at the beginning and one at the end, however often the function starts cold."""
    for looks in (IS_WELL, FAILS, FAILS, FAILS, IS_WELL, IS_WELL, FAILS):
        setup.book().tell(looks, 30)
    assert setup.titles == [BEGUN, ENDED, BEGUN]


def test_what_changes_nothing_costs_one_list(setup: Setup) -> None:
    """Nothing is read twice, and nothing is written."""
    book = setup.book()
    book.tell(FAILS, 30)
    before = setup.provider.operations.copy()
    for _ in range(5):
        book.tell(FAILS, 30)
    assert dict(setup.provider.operations - before) == {"list": 5}


def test_a_cold_start_costs_one_read_more(setup: Setup) -> None:
    """Of the newest document."""
    setup.book().tell(FAILS, 30)
    before = setup.provider.operations.copy()
    setup.book().tell(FAILS, 30)
    assert dict(setup.provider.operations - before) == {"list": 1, "get": 1}


def test_of_many_documents_the_newest_few_are_kept(setup: Setup) -> None:
    """A year of troubles leaves no more than a day of them."""
    for _ in range(10):
        setup.book().tell(FAILS, 30)
        setup.book().tell(IS_WELL, 30)
    assert len(setup.objects()) == KEPT
    assert setup.objects()[-1] == alerts_name(40)


def test_two_calls_at_once_send_one_message(setup: Setup) -> None:
    """Both see that it has begun; the storage lets one of them tell it."""
    together = Barrier(2, timeout=30)
    first_puts = iter([together, together])

    def meet(_name: str) -> None:
        if barrier := next(first_puts, None):
            barrier.wait()

    setup.provider.before_put = meet
    books = [setup.book(), setup.book()]
    with ThreadPoolExecutor(2) as calls:
        list(calls.map(lambda book: book.tell(FAILS, 30), books))
    assert setup.titles == [BEGUN]
    setup.book().tell(IS_WELL, 30)
    assert setup.titles == [BEGUN, ENDED]


def test_a_refused_message_is_sent_by_the_next_call(setup: Setup) -> None:
    """Until it is taken, also by another process."""
    setup.hook.refusals = 2
    for _ in range(4):
        setup.book().tell(FAILS, 30)
    assert setup.titles == [BEGUN] * 3  # two of them refused


def test_a_message_that_nobody_took_is_told_though_it_is_over(setup: Setup) -> None:
    """In order: a person has to know that there was something."""
    setup.hook.refusals = 1
    setup.book().tell(FAILS, 30)
    setup.book().tell(IS_WELL, 30)
    assert setup.titles == [BEGUN, BEGUN, ENDED]


def test_a_crash_before_the_message_was_sent_costs_none(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes when the claim has run out sends it."""
    dying = setup.book()
    monkeypatch.setattr(dying._delivery, "deliver", lambda *_: 1 // 0)  # noqa: SLF001  a crash
    with pytest.raises(ZeroDivisionError):
        dying.tell(FAILS, 30)
    setup.book().tell(FAILS, 30)
    assert setup.titles == []  # it may still be on its way
    monkeypatch.setattr("shared.alert_book.CLAIM_SECONDS", 0)
    setup.book().tell(FAILS, 30)
    setup.book().tell(FAILS, 30)
    assert setup.titles == [BEGUN]


def test_a_claim_from_the_future_holds_no_message(setup: Setup) -> None:
    """Left by a process whose clock was ahead, and which died before it could send."""
    at = "2026-11-22T12:00:00.000Z"
    lost = Message(
        title="lost", body="why", at=at, claimed_by="dead", claimed_at="2096-01-01T00:00Z"
    )
    setup.store.plant(alerts_name(1), encode(Told(service=SERVICE, waiting=(lost,))))
    setup.book().tell(IS_WELL, 30)
    assert setup.titles == [f"{SERVICE}: lost"]


def test_while_storage_is_down_the_process_remembers(setup: Setup) -> None:
    """One message for three calls, and one when it is over."""
    book = setup.book()
    setup.provider.before_list = is_down
    for _ in range(3):
        book.tell(FAILS, 30)
    assert setup.titles == [BEGUN]
    setup.provider.before_list = is_up
    book.tell(IS_WELL, 30)
    assert setup.titles == [BEGUN, ENDED]
    setup.book().tell(IS_WELL, 30)
    assert setup.titles == [BEGUN, ENDED]


def test_what_was_told_in_an_outage_is_stored_after_it(setup: Setup) -> None:
    """So that other processes do not tell it again."""
    book = setup.book()
    setup.provider.before_put = is_down
    book.tell(FAILS, 30)
    setup.provider.before_put = is_up
    book.tell(FAILS, 30)
    setup.book().tell(FAILS, 30)
    assert setup.titles == [BEGUN]


def test_what_another_process_told_meanwhile_is_kept(setup: Setup) -> None:
    """Both documents are joined."""
    other = Kind("drill failing")
    book = setup.book()
    setup.provider.before_list = is_down
    book.tell(FAILS, 30)
    setup.provider.before_list = is_up
    setup.book().tell([Look(other, {"": "a chunk is lost"})], 30)
    book.tell([Look(other, {"": "a chunk is lost"})], 30)
    setup.book().tell(FAILS, 30)
    assert setup.titles == [BEGUN, "btc-logger: drill failing"]


def of(service: str) -> bytes:
    """A document of a service to which nobody has told anything."""
    return encode(Told(service=service))


@pytest.mark.parametrize("data", [b"nonsense", b"", of("another"), of(SERVICE)])
@pytest.mark.parametrize("number", [3, 4, 5000, LARGEST_NUMBER])
def test_a_planted_document_breaks_nothing(setup: Setup, number: int, data: bytes) -> None:
    """A key of the logger's can create one; the next change puts it away."""
    setup.book().tell(FAILS, 30)
    setup.store.plant(alerts_name(number), data)
    for looks in (FAILS, FAILS, IS_WELL, IS_WELL, FAILS, FAILS):
        setup.book().tell(looks, 30)
    was_believed = data == of(SERVICE)
    begun_again = [BEGUN] if was_believed else []
    assert setup.titles == [BEGUN, *begun_again, ENDED, BEGUN]
    assert len(setup.objects()) <= KEPT
