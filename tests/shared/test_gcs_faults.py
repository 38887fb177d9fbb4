import time
from collections.abc import Callable, Iterator
from threading import current_thread

import pytest

from emulators.storage import StorageFake
from emulators.storage_faults import Fault, FaultKind
from provider_contract import ONE
from shared import gcs_calls
from shared.errors import StorageError, StorageUnavailable
from shared.gcs_provider import GcsProvider
from shared.provider import Provider

BUCKET, PREFIX = "bucket", "btc-logger"
STORED = f"{PREFIX}/{ONE}"
CONTENT = b"content " * 1000

NOT_DONE = (FaultKind.STATUS, FaultKind.RESET_BEFORE_BODY, FaultKind.RESET_AFTER_BODY)
DONE_UNHEARD = (FaultKind.LOST_ANSWER, FaultKind.CUT_BODY, FaultKind.STALL)
STATUSES = (408, 429, 500, 503)

Faulty = Callable[[str], Fault]  # one fault at a call of this verb


def _faulty(kind: FaultKind, status: int = 503) -> Faulty:
    return lambda verb: Fault(kind, verb, status=status)


FAULTS: dict[str, Faulty] = {
    **{str(status): _faulty(FaultKind.STATUS, status) for status in STATUSES},
    **{kind.name: _faulty(kind) for kind in (*NOT_DONE[1:], *DONE_UNHEARD)},
}


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long the waits are is not what is tested here, nor how long a silence is believed."""
    monkeypatch.setattr(gcs_calls, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(gcs_calls, "ANSWERING", 0.2)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[StorageFake]:
    """Storage with one bucket; each fault that a test plans must fire."""
    with StorageFake([BUCKET]) as running:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", running.url)
        yield running


@pytest.fixture
def provider(fake: StorageFake) -> Provider:
    """The real client in front of it."""
    assert not fake.calls
    return GcsProvider(BUCKET, PREFIX)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_create_survives_a_fault(provider: Provider, fake: StorageFake, fault: str) -> None:
    """Also one that was done and not heard of: the object is found to be one's own."""
    fake.plan(FAULTS[fault]("insert"))
    info = provider.put(ONE, CONTENT)
    assert fake.objects(BUCKET) == {STORED: CONTENT}
    assert info == provider.stat(ONE)
    assert fake.count("insert") == 2


def test_a_create_that_was_done_and_not_heard_of_is_recognised(
    provider: Provider, fake: StorageFake
) -> None:
    """The second try is refused, and what is there compared with what was sent."""
    fake.plan(Fault(FaultKind.LOST_ANSWER, "insert"))
    provider.put(ONE, CONTENT)
    tried = [call.status for call in fake.calls if call.verb == "insert"]
    assert tried == [0, 412]
    assert [call.verb for call in fake.calls] == ["insert", "insert", "get", "media"]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("verb", ["media", "get", "list"])
def test_a_read_survives_a_fault(
    provider: Provider, fake: StorageFake, verb: str, fault: str
) -> None:
    """What arrives is whole."""
    fake.plant(BUCKET, STORED, CONTENT)
    fake.plan(FAULTS[fault](verb))
    reads: dict[str, Callable[[], object]] = {
        "media": lambda: provider.get(ONE, len(CONTENT)),
        "get": lambda: provider.stat(ONE).size,
        "list": lambda: [info.name for info in provider.list("backups/")],
    }
    wanted = {"media": CONTENT, "get": len(CONTENT), "list": [ONE]}
    assert reads[verb]() == wanted[verb]
    assert fake.count(verb) == 2


@pytest.mark.parametrize("fault", [*map(str, STATUSES), "RESET_BEFORE_BODY", "LOST_ANSWER"])
def test_a_delete_survives_a_fault(provider: Provider, fake: StorageFake, fault: str) -> None:
    """Whoever asks again and finds nothing was heard the first time."""
    generation = fake.plant(BUCKET, STORED, CONTENT)
    fake.plan(FAULTS[fault]("delete"))
    provider.delete(ONE, generation)
    assert fake.objects(BUCKET) == {}
    assert fake.count("delete") == 2


def test_a_fault_in_the_middle_of_a_listing_costs_one_page(
    provider: Provider, fake: StorageFake
) -> None:
    """The pages before it are not asked for again, and no name comes twice."""
    names = [f"chunks/{i % 256:02x}/{i % 256:02x}{i:062x}.zst" for i in range(2100)]
    for name in names:
        fake.plant(BUCKET, f"{PREFIX}/{name}", b"")
    fake.plan(Fault(FaultKind.STATUS, "list", skip=1))
    assert [info.name for info in provider.list("chunks/")] == sorted(names)
    assert [call.status for call in fake.calls] == [200, 503, 200, 200]


def test_bytes_that_were_corrupted_on_their_way_are_sent_and_read_again(
    provider: Provider, fake: StorageFake
) -> None:
    """Checksums travel both ways; nothing else would notice."""
    fake.plan(Fault(FaultKind.CORRUPT_BYTES, "insert"))
    fake.plan(Fault(FaultKind.CORRUPT_BYTES, "media"))
    provider.put(ONE, CONTENT)
    assert provider.get(ONE, len(CONTENT)) == CONTENT
    assert [call.status for call in fake.calls] == [400, 200, 200, 200]


def test_bytes_that_arrive_corrupted_every_time_are_never_given(
    provider: Provider, fake: StorageFake
) -> None:
    """The way is to blame, not the object: nobody must take it for lost."""
    provider.put(ONE, CONTENT)
    fake.plan(Fault(FaultKind.CORRUPT_BYTES, "media", times=None))
    with pytest.raises(StorageUnavailable, match="arrived damaged") as caught:
        provider.get(ONE, len(CONTENT))
    assert caught.value.name == ONE
    assert fake.count("media") == gcs_calls.ATTEMPTS


@pytest.mark.parametrize("fault", [*FAULTS])
def test_attempts_are_bounded_in_number(provider: Provider, fake: StorageFake, fault: str) -> None:
    """A storage that fails each time is given up, and what it said is told."""
    planned = FAULTS[fault]("media")
    planned.times = None
    fake.plan(planned)
    fake.plant(BUCKET, STORED, CONTENT)
    with pytest.raises(StorageUnavailable) as caught:
        provider.get(ONE, len(CONTENT))
    assert f"gs://{BUCKET}" in caught.value.message
    assert caught.value.hint
    assert caught.value.status == (planned.status if planned.kind is FaultKind.STATUS else None)
    assert fake.count("media") == planned.fired == gcs_calls.ATTEMPTS


def test_a_single_silence_leaves_time_for_another_try(fake: StorageFake) -> None:
    """However little patience there is."""
    fake.plan(Fault(FaultKind.STALL, "media"))
    fake.plant(BUCKET, STORED, CONTENT)
    assert GcsProvider(BUCKET, PREFIX, patience=0.6).get(ONE, len(CONTENT)) == CONTENT


@pytest.mark.parametrize("kind", [FaultKind.STALL, FaultKind.STATUS])
def test_attempts_are_bounded_in_time(fake: StorageFake, kind: FaultKind) -> None:
    """Whoever has little patience tries less often."""
    provider = GcsProvider(BUCKET, PREFIX, patience=0.3)
    fault = fake.plan(Fault(kind, "list", times=None, retry_after=1))
    with pytest.raises(StorageUnavailable):
        list(provider.list("backups/"))
    assert fault.fired < gcs_calls.ATTEMPTS


def test_without_any_patience_there_is_one_attempt(fake: StorageFake) -> None:
    """A call whose time is used up ends soon, instead of taking as long as one without a limit."""
    fault = fake.plan(Fault(FaultKind.STATUS, "list", times=None))
    with pytest.raises(StorageUnavailable):
        list(GcsProvider(BUCKET, PREFIX, patience=0).list("backups/"))
    assert fault.fired == 1


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the test itself would have slept; its process has other threads, too."""
    seconds: list[float] = []
    own, sleep = current_thread(), time.sleep

    def note(length: float) -> None:
        if current_thread() is own:
            seconds.append(length)
        else:
            sleep(length)

    monkeypatch.setattr("time.sleep", note)
    return seconds


def test_a_storage_that_wants_to_be_left_alone_is(
    provider: Provider, fake: StorageFake, waited: list[float]
) -> None:
    """For as long as it says."""
    fake.plan(Fault(FaultKind.STATUS, "get", status=429, retry_after=7))
    fake.plant(BUCKET, STORED, CONTENT)
    provider.stat(ONE)
    assert waited == [7]


@pytest.mark.parametrize("said", ["Wed, 21 Oct 2026 07:28:00 GMT", "soon", "-5", "1.5", ""])
def test_a_wait_that_is_no_number_of_seconds_is_not_heeded(
    provider: Provider, fake: StorageFake, waited: list[float], said: str
) -> None:
    """Then the usual wait is long enough."""
    fake.plan(Fault(FaultKind.STATUS, "get", status=429, retry_after=said))
    fake.plant(BUCKET, STORED, CONTENT)
    provider.stat(ONE)
    assert 0 <= waited[0] <= gcs_calls.FIRST_WAIT * 2


def test_a_storage_that_wants_to_be_left_alone_for_too_long_is_given_up(
    provider: Provider, fake: StorageFake
) -> None:
    """At once: to wait for less than it says would be in vain."""
    fake.plan(Fault(FaultKind.STATUS, "get", status=429, retry_after=3600))
    with pytest.raises(StorageUnavailable) as caught:
        provider.stat(ONE)
    assert caught.value.status == 429


@pytest.mark.parametrize("right", ["create", "get", "list", "delete"])
def test_what_cannot_go_away_by_itself_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, right: str
) -> None:
    """A missing right stays missing."""
    with StorageFake([BUCKET], forbidden={right}) as fake:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", fake.url)
        provider = GcsProvider(BUCKET, PREFIX)
        generation = fake.plant(BUCKET, STORED, CONTENT)
        verbs: dict[str, Callable[[], object]] = {
            "create": lambda: provider.put(ONE, CONTENT),
            "get": lambda: provider.get(ONE, len(CONTENT)),
            "list": lambda: list(provider.list("backups/")),
            "delete": lambda: provider.delete(ONE, generation),
        }
        with pytest.raises(StorageError):
            verbs[right]()
        assert len(fake.calls) == 1
