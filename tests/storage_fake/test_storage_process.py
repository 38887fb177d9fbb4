import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from google.api_core import exceptions
from google.cloud.storage import Bucket, Client

from emulators import storage
from emulators.storage import StorageFake
from emulators.storage_calls import Call
from storage_fake.storage_client import bucket_of, put


def test_the_client_finds_the_fake_by_the_emulator_variable(
    fake: StorageFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """STORAGE_EMULATOR_HOST is enough."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", fake.url)
    put(Client(project="p1").bucket("b"), "a", b"1")
    assert fake.objects("b") == {"a": b"1"}


def test_calls_are_recorded(fake: StorageFake, bucket: Bucket) -> None:
    """With what they were about, their status and the sizes of their bodies."""
    put(bucket, "a", b"12345").download_as_bytes(retry=None)
    bucket.delete_blob("a", retry=None)
    insert, media, delete = fake.calls
    assert (insert.verb, insert.bucket, insert.name, insert.status) == ("insert", "b", "a", 200)
    assert min(insert.request_bytes, insert.response_bytes) > 5
    assert media == Call("media", "b", "a", 200, 0, 5)
    assert delete == Call("delete", "b", "a", 204, 0, 0)
    assert fake.count("media") == 1


def test_what_is_not_offered_is_refused(fake: StorageFake, bucket: Bucket) -> None:
    """And recorded, so that a test sees what it did not expect."""
    with pytest.raises(exceptions.MethodNotImplemented, match=r"POST .*/a/copyTo/"):
        bucket.copy_blob(bucket.blob("a"), bucket, "c", retry=None)
    assert [(call.verb, call.status) for call in fake.calls] == [("unknown", 501)]


def test_objects_are_planted_and_removed_past_all_conditions(
    fake: StorageFake, bucket: Bucket
) -> None:
    """A planted object may be of any age."""
    old = datetime(2020, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    fake.plant("b", "a", b"1")
    fake.plant("b", "a", b"2", created_at=old)
    assert bucket.get_blob("a", retry=None).time_created == old
    fake.remove("b", "a")
    assert bucket.get_blob("a", retry=None) is None
    with pytest.raises(ValueError, match="has no time zone"):
        fake.plant("b", "a", b"3", created_at=old.replace(tzinfo=None))


def test_the_clock_can_be_set() -> None:
    """Objects are as old as the given clock says."""
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    with StorageFake(buckets=["b"], now=lambda: moment) as fake:
        bucket = bucket_of(fake)
        assert put(bucket, "a", b"1").time_created == moment
        moment += timedelta(minutes=1)
        assert put(bucket, "b", b"1").time_created == moment


def test_a_closed_fake_leaves_nothing_behind() -> None:
    """No thread, and a port that can be taken again, though a client kept its connection."""
    before = set(threading.enumerate())
    with StorageFake(buckets=["b"]) as fake, requests.Session() as session:
        assert session.get(f"{fake.url}/storage/v1/b/b", timeout=5).ok
        port = int(fake.url.rpartition(":")[2])
        fake.close()
        assert set(threading.enumerate()) == before
        with StorageFake(port=port) as again:
            assert again.url == fake.url


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_the_script_serves_until_it_is_told_to_stop(end: signal.Signals) -> None:
    """It says its address, and ends with 0."""
    command = [sys.executable, str(Path(storage.__file__)), "--bucket", "b", "--bucket", "c"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        assert requests.get(f"{url}/storage/v1/b/c", timeout=5).json()["name"] == "c"
        process.send_signal(end)
        assert process.wait(timeout=10) == 0
