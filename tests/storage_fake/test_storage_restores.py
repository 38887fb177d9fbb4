"""The real gcloud brings back what was deleted, as the README has it do."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from documentation.shown_commands import shown_commands
from emulators.google_cloud import GoogleCloudFake
from emulators.storage import StorageFake
from emulators.storage_access import ROLES
from emulators.storage_faults import Fault, FaultKind
from google_stand_ins.gcloud_command import Gcloud
from processes import ROOT
from storage_fake.storage_client import bucket_of

BUCKET, EMAIL = "your-btc-data-bucket", "someone@p1.iam.gserviceaccount.com"
LIST, RESTORE, OPERATIONS = (
    " ".join(shlex.split(one.text)[1:])
    for one in shown_commands(ROOT)
    if re.match("gcloud storage (ls|restore|operations) ", one.text)
)
BACKUP, CHUNK = "btc-logger/backups/000001.json", "btc-logger/chunks/aa/aa1.zst"
PERMISSIONS = json.loads(ROLES.read_text())["permissions"]
START = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture
def moments() -> list[datetime]:
    """What the fake's clock shows is the last of them."""
    return [START]


@pytest.fixture
def fake(cloud: GoogleCloudFake, moments: list[datetime]) -> Iterator[StorageFake]:
    """A bucket that keeps for a week what is deleted, and one that keeps nothing."""
    with StorageFake(
        ["nothing"],
        identify=cloud.tokens.holder,
        owners=[cloud.operator],
        now=lambda: moments[-1],
    ) as running:
        bucket_of(running).client.create_bucket(BUCKET, location="us-central1", retry=None)
        yield running


def delete(fake: StorageFake, name: str, *generations: bytes) -> None:
    """Have had an object, with one content after the other, and not any more."""
    bucket = bucket_of(fake, BUCKET)
    for data in generations:
        fake.plant(BUCKET, name, data)
        bucket.delete_blob(name, retry=None)


def counted(operation: dict[str, Any]) -> list[int]:
    """How many generations came back, were passed over, and could not come back."""
    counts = ("succeededCount", "skippedCount", "failedCount")
    return [int(operation["metadata"][name]) for name in counts]


def bulk_restore(
    fake: StorageFake, bucket: str = BUCKET, email: str | None = None, **wanted: Any
) -> requests.Response:
    """Ask for it without gcloud, on behalf of an account if one is given."""
    token = {"Authorization": f"Bearer {fake.token(email)['access_token']}"} if email else {}
    address = f"{fake.url}/storage/v1/b/{bucket}/o/bulkRestore"
    return requests.post(address, json=wanted, headers=token, timeout=5)


def operations(fake: StorageFake, **query: str) -> requests.Response:
    """A page of what the bucket does in the background."""
    address = f"{fake.url}/storage/v1/b/{BUCKET}/operations"
    return requests.get(address, params=query, timeout=5)


def test_the_shown_commands_bring_back_what_was_deleted(gcloud: Gcloud, fake: StorageFake) -> None:
    """In its newest generation; what is there stays, and so does what lies elsewhere."""
    delete(fake, BACKUP, b"backup")
    delete(fake, CHUNK, b"damaged", b"repaired")
    delete(fake, "another/file", b"another's")
    delete(fake, "btc-logger/kept", b"older")
    fake.plant(BUCKET, "btc-logger/kept", b"newer")
    listed = [name.partition("#")[0] for name in gcloud.run(LIST).split()]
    names = [BACKUP, CHUNK, CHUNK, "btc-logger/kept"]
    assert listed == [f"gs://{BUCKET}/{name}" for name in names]
    gcloud.run(RESTORE)
    assert fake.objects(BUCKET) == {
        BACKUP: b"backup",
        CHUNK: b"repaired",
        "btc-logger/kept": b"newer",
    }
    (operation,) = gcloud.read(OPERATIONS)
    assert (operation["done"], counted(operation)) == (True, [2, 2, 1])
    assert operation["metadata"]["matchGlobs"] == ["btc-logger/**"]
    assert gcloud.read(f"storage operations describe {operation['name']}") == operation
    assert "404" in gcloud.fail(f"storage operations describe {operation['name']}x")


def test_a_restore_that_is_waited_for_asks_for_each_object(
    gcloud: Gcloud, fake: StorageFake
) -> None:
    """It is no operation, and puts old generations over live objects: thus the `--async`."""
    delete(fake, CHUNK, b"damaged", b"repaired")
    delete(fake, "btc-logger/kept", b"older")
    fake.plant(BUCKET, "btc-logger/kept", b"newer")
    gcloud.run(RESTORE.removesuffix(" --async"))
    assert fake.objects(BUCKET) == {CHUNK: b"repaired", "btc-logger/kept": b"older"}
    assert (fake.count("restore"), gcloud.read(OPERATIONS)) == (2, [])


def test_a_bulk_restore_has_its_limits_in_time(
    gcloud: Gcloud, fake: StorageFake, moments: list[datetime]
) -> None:
    """And replaces what is live, where that is allowed; the replaced one can be had back."""
    for day in range(3):
        moments.append(START + timedelta(days=day))
        delete(fake, f"btc-logger/{day}", b"older")
    fake.plant(BUCKET, "btc-logger/1", b"newer")
    times = "--deleted-after-time=2026-11-30T12:00Z --deleted-before-time=2026-12-01T12:00Z"
    gcloud.run(f"{RESTORE} {times} --allow-overwrite")
    assert fake.objects(BUCKET) == {"btc-logger/1": b"older"}
    assert [counted(operation) for operation in gcloud.read(OPERATIONS)] == [[1, 2, 0]]
    gcloud.run(f"{RESTORE} --allow-overwrite")
    assert fake.objects(BUCKET)["btc-logger/1"] == b"newer"


def test_a_start_whose_answer_is_lost_is_one_restore(gcloud: Gcloud, fake: StorageFake) -> None:
    """When gcloud asks again, its token is the same, and it is told of the one that began."""
    delete(fake, CHUNK, b"1")
    fake.plan(Fault(FaultKind.LOST_ANSWER, "bulk_restore"))
    gcloud.run(f"{RESTORE} --allow-overwrite")
    assert fake.count("bulk_restore") == 2
    assert [counted(operation) for operation in gcloud.read(OPERATIONS)] == [[1, 0, 0]]


def test_an_operation_is_under_way_when_it_begins(fake: StorageFake) -> None:
    """So says the answer to its start, as Google's does, with nothing counted yet."""
    delete(fake, CHUNK, b"1")
    begun = bulk_restore(fake).json()
    assert (begun["done"], counted(begun)) == (False, [0, 0, 0])
    assert "response" not in begun
    ended = requests.get(begun["selfLink"], timeout=5).json()
    assert (ended["name"], ended["done"], counted(ended)) == (begun["name"], True, [1, 0, 0])


def test_operations_are_listed_in_pages(fake: StorageFake) -> None:
    """The newest first."""
    begun = [bulk_restore(fake).json()["name"] for _ in range(3)]
    first = operations(fake, pageSize="2").json()
    second = operations(fake, pageSize="2", pageToken=first["nextPageToken"]).json()
    told = [operation["name"] for operation in first["operations"] + second["operations"]]
    assert told == begun[::-1]
    assert "nextPageToken" not in second
    assert operations(fake, filter="done = true").status_code == 501


@pytest.mark.parametrize(
    ("glob", "fitting"),
    [
        ("**", {"a", "b.c", "b/c", "b/d/c"}),
        ("b/**", {"b/c", "b/d/c"}),
        ("*", {"a", "b.c"}),
        ("b/*", {"b/c"}),
        ("b?c", {"b.c"}),
        ("**c", {"b.c", "b/c", "b/d/c"}),
        ("b.c", {"b.c"}),
    ],
)
def test_a_pattern_says_what_comes_back(fake: StorageFake, glob: str, fitting: set[str]) -> None:
    """A single star does not reach over a slash."""
    for name in ("a", "b.c", "b/c", "b/d/c"):
        delete(fake, name, b"1")
    bulk_restore(fake, matchGlobs=[glob])
    assert set(fake.objects(BUCKET)) == fitting


def test_no_role_of_the_table_restores_in_bulk(fake: StorageFake) -> None:
    """That takes a right in the bucket itself, and so does a look at operations."""
    delete(fake, CHUNK, b"1")
    fake.grant(BUCKET, EMAIL, PERMISSIONS)
    refused = bulk_restore(fake, email=EMAIL)
    assert (refused.status_code, "storage.buckets.restore" in refused.text) == (403, True)
    headers = {"Authorization": f"Bearer {fake.token(EMAIL)['access_token']}"}
    for path, right in (("", "list"), ("/any", "get")):
        address = f"{fake.url}/storage/v1/b/{BUCKET}/operations{path}"
        refused = requests.get(address, headers=headers, timeout=5)
        assert refused.status_code == 403
        assert f"storage.bucketOperations.{right}" in refused.text
    assert fake.objects(BUCKET) == {}


def test_what_cannot_be_restored_or_is_not_known_is_refused(fake: StorageFake) -> None:
    """A bucket that keeps nothing, a time that is none, and whatever the fake does not offer."""
    delete(fake, CHUNK, b"1")
    refused = bulk_restore(fake, "nothing")
    assert (refused.status_code, "SoftDeletePolicyRequired" in refused.text) == (400, True)
    for text in ("yesterday", "2026-11-30T00:00:00"):
        assert bulk_restore(fake, softDeletedAfterTime=text).status_code == 400
    for wanted in (
        {"copySourceAcl": True},
        {"createdAfterTime": "2026-11-30T00:00:00Z"},
        {"matchGlobs": ["[ab]"]},
        {"matchGlobs": ["a/**/b"]},
    ):
        assert bulk_restore(fake, **wanted).status_code == 501
    assert fake.objects(BUCKET) == {}
