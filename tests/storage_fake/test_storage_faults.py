import http.client
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import requests

from emulators.planned import NeverFired
from emulators.storage import StorageFake
from emulators.storage_faults import Fault, FaultKind
from storage_fake.storage_client import bucket_of, upload_url

CONTENT = bytes(range(256)) * 400
INSERT = {"uploadType": "media", "name": "n"}


def read(fake: StorageFake) -> requests.Response:
    """The object's bytes, asked for once."""
    return requests.get(f"{fake.url}/storage/v1/b/b/o/n?alt=media", timeout=5)


def insert(fake: StorageFake) -> requests.Response:
    """The object, sent once."""
    return requests.post(upload_url(fake), params=INSERT, data=CONTENT, timeout=5)


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_an_error_status_comes_in_googles_words(fake: StorageFake, status: int) -> None:
    """Nothing is done; the next call is answered as ever."""
    fake.plan(Fault(FaultKind.STATUS, "insert", status=status, retry_after=3))
    answer = insert(fake)
    assert answer.status_code == answer.json()["error"]["code"] == status
    assert answer.headers["Retry-After"] == "3"
    assert fake.objects("b") == {}
    assert insert(fake).status_code == 200


@pytest.mark.parametrize(
    "kind", [FaultKind.RESET_BEFORE_BODY, FaultKind.RESET_AFTER_BODY, FaultKind.LOST_ANSWER]
)
def test_a_reset_is_one(fake: StorageFake, kind: FaultKind) -> None:
    """Only where the answer alone is lost has the object come."""
    fake.plan(Fault(kind, "insert"))
    # Whoever hears of it while still sending finds nothing more to read.
    with pytest.raises(requests.ConnectionError, match=r"reset by peer|without response"):
        insert(fake)
    came = kind is FaultKind.LOST_ANSWER
    assert fake.objects("b") == ({"n": CONTENT} if came else {})
    (call,) = fake.calls
    read_none = kind is FaultKind.RESET_BEFORE_BODY
    assert (call.verb, call.status) == ("insert", 0)
    assert call.request_bytes == (0 if read_none else len(CONTENT))


def test_a_connection_may_be_reset_after_its_answer(fake: StorageFake) -> None:
    """What was to be done is done; whoever goes on with that connection learns that it is gone."""
    fake.plan(Fault(FaultKind.RESET_AFTER_ANSWER, "insert"))
    connection = http.client.HTTPConnection(urlsplit(fake.url).netloc, timeout=5)
    connection.auto_open = 0  # a second request must not open another one
    connection.connect()
    with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        insert_twice(connection)
    connection.close()
    assert fake.objects("b") == {"n": CONTENT}
    assert [call.status for call in fake.calls] == [200]


def insert_twice(connection: http.client.HTTPConnection) -> None:
    """Two uploads over one connection."""
    for _ in range(2):
        connection.request("POST", "/upload/storage/v1/b/b/o?uploadType=media&name=n", CONTENT)
        connection.getresponse().read()


@pytest.mark.parametrize(
    ("kind", "ending"),
    [(FaultKind.CUT_BODY, http.client.IncompleteRead), (FaultKind.STALL, TimeoutError)],
)
def test_half_a_body_is_followed_by_the_end_or_by_silence(
    fake: StorageFake, kind: FaultKind, ending: type[Exception]
) -> None:
    """The answer's head announces the whole."""
    fake.plant("b", "n", CONTENT)
    fake.plan(Fault(kind, "media"))
    connection = http.client.HTTPConnection(urlsplit(fake.url).netloc, timeout=0.5)
    connection.request("GET", "/storage/v1/b/b/o/n?alt=media")
    answer = connection.getresponse()
    assert answer.headers["Content-Length"] == str(len(CONTENT))
    assert answer.read(len(CONTENT) // 2) == CONTENT[: len(CONTENT) // 2]
    with pytest.raises(ending):
        answer.read()
    connection.close()


def test_a_call_is_held_until_the_fault_ends() -> None:
    """Then it is done, also where nobody waits for the answer any more; others are not held."""
    with StorageFake(["b"]) as fake:
        fake.plant("b", "n", CONTENT)
        with fake.holding("delete", "n") as held:
            connection = http.client.HTTPConnection(urlsplit(fake.url).netloc)
            connection.request("DELETE", "/storage/v1/b/b/o/n")
            held.wait_for(1)
            connection.close()
            assert read(fake).content == CONTENT
    assert fake.objects("b") == {}


def test_what_is_held_ends_with_the_fake() -> None:
    """A test that fails before it lets go would wait for ever."""
    with StorageFake(["b"]) as fake:
        held = fake.plan(Fault(FaultKind.HELD, "delete"))
        connection = http.client.HTTPConnection(urlsplit(fake.url).netloc)
        connection.request("DELETE", "/storage/v1/b/b/o/n")
        held.wait_for(1)
    connection.close()


def test_bytes_are_corrupted_one_bit_at_a_time(fake: StorageFake) -> None:
    """Of what is read, and of what is sent: there the checksum tells."""
    fake.plant("b", "n", CONTENT)
    fake.plan(Fault(FaultKind.CORRUPT_BYTES, "media"))
    bits = sum((a ^ b).bit_count() for a, b in zip(read(fake).content, CONTENT, strict=True))
    assert bits == 1
    fake.remove("b", "n")
    fake.plan(Fault(FaultKind.CORRUPT_BYTES, "insert"))
    blob = bucket_of(fake).blob("n")
    blob.upload_from_string(CONTENT, retry=None, checksum=None)
    (stored,) = fake.objects("b").values()
    assert sum((a ^ b).bit_count() for a, b in zip(stored, CONTENT, strict=True)) == 1


def test_a_fault_waits_for_its_call(fake: StorageFake) -> None:
    """Calls of other verbs and about other names pass, and as many of its own as it is to skip."""
    fake.plant("b", "n", CONTENT)
    fault = fake.plan(Fault(FaultKind.STATUS, "media", "n", skip=1, times=2))
    requests.get(f"{fake.url}/storage/v1/b/b/o/n", timeout=5)
    requests.get(f"{fake.url}/storage/v1/b/b/o/other?alt=media", timeout=5)
    assert fault.fired == 0
    assert [read(fake).status_code for _ in range(4)] == [200, 503, 503, 200]


@pytest.mark.parametrize("times", [1, 2, None])
def test_a_fault_that_never_fires_is_an_error(times: int | None) -> None:
    """As is one that fires less often than planned: its test would have proven nothing."""
    calls = 1 if times == 2 else 0
    with pytest.raises(NeverFired, match="STATUS"):
        run_with_a_fault(times, calls)


def run_with_a_fault(times: int | None, calls: int) -> None:
    """A test's body that plans a fault and makes so many calls that meet it."""
    with StorageFake(["b"]) as fake:
        fake.plan(Fault(FaultKind.STATUS, "media", times=times))
        assert [read(fake).status_code for _ in range(calls)] == [503] * calls


def test_the_error_of_a_test_is_not_hidden() -> None:
    """A fault that did not fire because the test failed before is not worth telling."""
    with pytest.raises(AssertionError, match="the test's own") as caught:
        fail_with_a_fault()
    assert not isinstance(caught.value, NeverFired)


def fail_with_a_fault() -> None:
    """A test's body that fails before its fault could fire."""
    with StorageFake(["b"]) as fake:
        fake.plan(Fault(FaultKind.STATUS, "media"))
        raise AssertionError("the test's own")


@pytest.mark.parametrize(
    "senseless",
    [
        lambda: Fault(FaultKind.CORRUPT_BYTES, "list"),
        lambda: Fault(FaultKind.STALL, "delete"),
        lambda: Fault(FaultKind.CUT_BODY, "delete"),
    ],
)
def test_a_fault_that_could_not_be_seen_is_refused(senseless: Callable[[], Fault]) -> None:
    """Where there are no bytes, none can be corrupted or cut."""
    with pytest.raises(ValueError, match=r"carries no|has no body"):
        senseless()
