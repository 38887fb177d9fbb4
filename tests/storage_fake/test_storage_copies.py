"""The real gcloud copies between buckets, as docs/google.md has it do."""

import shlex
from collections.abc import Iterator

import pytest

from documentation.shown_commands import shown_commands
from emulators.google_cloud import GoogleCloudFake
from emulators.storage import StorageFake
from emulators.storage_calls import Call
from emulators.storage_faults import Fault, FaultKind
from google_stand_ins.gcloud_command import Gcloud
from processes import ROOT
from storage_fake.storage_client import bucket_of

OLD, NEW = "your-old-bucket", "your-btc-data-bucket"
SHOWN = [
    " ".join(shlex.split(one.text)[1:])
    for one in shown_commands(ROOT)
    if one.text.startswith("gcloud storage cp")
]
ARCHIVE = {
    "btc-logger/backups/000001.json": b"of two chunks",
    "btc-logger/chunks/aa/aa1.zst": bytes(range(256)),
    "btc-logger/chunks/bb/bb1.zst": b"",
}
STEP = 1 << 20  # bytes


@pytest.fixture
def fake(cloud: GoogleCloudFake) -> Iterator[StorageFake]:
    """Both buckets, in different places; the old one has more than the archive."""
    with StorageFake([OLD], identify=cloud.tokens.holder, owners=[cloud.operator]) as running:
        bucket_of(running).client.create_bucket(NEW, location="europe-west1", retry=None)
        for name, data in ARCHIVE.items():
            running.plant(OLD, name, data)
        running.plant(OLD, "another/file", b"stays")
        yield running


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """How far gcloud has a copy go in one request; by default that is 100 MiB."""
    monkeypatch.setenv("CLOUDSDK_STORAGE_COPY_CHUNK_SIZE", f"{STEP}")


def rewrites(fake: StorageFake) -> list[Call]:
    """The copies asked for so far."""
    return [call for call in fake.calls if call.verb == "rewrite"]


def test_the_shown_commands_copy_an_archive(gcloud: Gcloud, fake: StorageFake) -> None:
    """Chunks first, and then the rest; whoever copies again copies nothing."""
    chunks, rest = SHOWN
    gcloud.run(chunks)
    assert list(fake.objects(NEW)) == list(ARCHIVE)[1:]
    gcloud.run(rest)
    assert fake.objects(NEW) == ARCHIVE
    before = rewrites(fake)
    assert [call.status for call in before] == [200] * len(ARCHIVE)
    for command in SHOWN:
        gcloud.run(command)
    assert rewrites(fake) == before


def test_what_is_there_stays(gcloud: Gcloud, fake: StorageFake) -> None:
    """Also where it has other bytes under the same name."""
    fake.plant(NEW, "btc-logger/chunks/aa/aa1.zst", b"other")
    for command in SHOWN:
        gcloud.run(command)
    assert fake.objects(NEW) == ARCHIVE | {"btc-logger/chunks/aa/aa1.zst": b"other"}


def test_a_copy_that_is_interrupted_is_finished_by_the_next(
    gcloud: Gcloud, fake: StorageFake
) -> None:
    """An error that is no passing one ends gcloud's work with that object, and its command."""
    fake.plan(Fault(FaultKind.STATUS, "rewrite", "aa1", status=403))
    assert "403" in gcloud.fail(SHOWN[0])
    for command in SHOWN:
        gcloud.run(command)
    assert fake.objects(NEW) == ARCHIVE


def test_a_large_object_is_copied_in_several_requests(gcloud: Gcloud, fake: StorageFake) -> None:
    """Byte for byte, and beside its checksums."""
    name, data = "btc-logger/chunks/cc/cc1.zst", bytes(range(256)) * 10_000
    fake.plant(OLD, name, data)
    gcloud.run(SHOWN[0])
    assert fake.objects(NEW)[name] == data
    steps = [call for call in rewrites(fake) if call.name == name]
    assert len(steps) == -(-len(data) // STEP) > 1
    old, new = (gcloud.read(f"storage objects describe gs://{at}/{name}") for at in (OLD, NEW))
    for told in ("crc32c_hash", "md5_hash", "size", "content_type"):
        assert old[told] == new[told]
