import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulators.google_cloud import GoogleCloudFake
from emulators.storage import StorageFake
from google_stand_ins.gcloud_command import Gcloud

LIFECYCLE = Path(__file__).resolve().parents[2] / "deploy" / "lifecycle.json"
MEMBER = "serviceAccount:render@p1.iam.gserviceaccount.com"
VIEWER = "roles/storage.objectViewer"
CREATE = "storage buckets create gs://b --location=us-central1"
PRIVATE = "--uniform-bucket-level-access --public-access-prevention"


@pytest.fixture
def fake(cloud: GoogleCloudFake) -> Iterator[StorageFake]:
    """A fake in which nobody but that person may do anything, and the name `taken` is."""
    with StorageFake(
        tokens_required=True,
        identify=cloud.tokens.holder,
        owners=[cloud.operator],
        taken=["taken"],
        project_number="7",
    ) as running:
        yield running


def test_a_bucket_is_created_described_and_deleted(gcloud: Gcloud, fake: StorageFake) -> None:
    """With what was asked for; a name that is not free is refused, and one that is not there."""
    gcloud.run(f"{CREATE} {PRIVATE} --soft-delete-duration=8d --default-storage-class=standard")
    told = gcloud.read("storage buckets describe gs://b --raw")
    assert (told["location"], told["locationType"]) == ("US-CENTRAL1", "region")
    assert (told["storageClass"], told["metageneration"]) == ("STANDARD", "1")
    assert told["projectNumber"] == "7"
    assert told["iamConfiguration"]["uniformBucketLevelAccess"]["enabled"] is True
    assert told["iamConfiguration"]["publicAccessPrevention"] == "enforced"
    assert told["softDeletePolicy"]["retentionDurationSeconds"] == str(8 * 24 * 3600)
    assert "409" in gcloud.fail(CREATE)
    assert "409" in gcloud.fail("storage buckets create gs://taken")
    denied = gcloud.fail("storage buckets describe gs://taken")
    assert "does not have permission to access b instance [taken]" in denied
    gcloud.run("storage buckets delete gs://b")
    assert "gs://b not found: 404" in gcloud.fail("storage buckets describe gs://b")
    assert [call.verb for call in fake.bucket_changes] == ["create_bucket", "delete_bucket"]


def test_settings_are_changed_one_by_one(gcloud: Gcloud, fake: StorageFake) -> None:
    """What is not named stays; each change is counted and recorded."""
    gcloud.run(CREATE)
    before = gcloud.read("storage buckets describe gs://b --raw")
    assert before["iamConfiguration"]["publicAccessPrevention"] == "inherited"
    gcloud.run(f"storage buckets update gs://b --lifecycle-file={LIFECYCLE}")
    gcloud.run(f"storage buckets update gs://b {PRIVATE} --soft-delete-duration=8d")
    gcloud.run("storage buckets update gs://b --update-labels=one=1,two=2")
    after = gcloud.read("storage buckets describe gs://b --raw")
    assert after["lifecycle"] == json.loads(LIFECYCLE.read_text())
    assert after["softDeletePolicy"]["retentionDurationSeconds"] == str(8 * 24 * 3600)
    assert after["iamConfiguration"]["uniformBucketLevelAccess"]["enabled"] is True
    assert after["iamConfiguration"]["publicAccessPrevention"] == "enforced"
    assert (after["labels"], after["metageneration"]) == ({"one": "1", "two": "2"}, "4")
    gcloud.run("storage buckets update gs://b --clear-lifecycle --clear-labels --clear-soft-delete")
    last = gcloud.read("storage buckets describe gs://b --raw")
    assert last["softDeletePolicy"]["retentionDurationSeconds"] == "0"
    assert {"lifecycle", "labels"}.isdisjoint(last)
    assert [call.verb for call in fake.bucket_changes] == ["create_bucket", *["patch_bucket"] * 4]


def test_a_policy_is_read_changed_and_replaced(gcloud: Gcloud) -> None:
    """A new bucket is its project's; a policy that has changed since is not replaced."""
    gcloud.run(f"{CREATE} {PRIVATE}")
    first = gcloud.read("storage buckets get-iam-policy gs://b")
    people, viewers = ["projectEditor:p1", "projectOwner:p1"], ["projectViewer:p1"]
    assert first["bindings"] == [
        {"role": "roles/storage.legacyBucketOwner", "members": people},
        {"role": "roles/storage.legacyBucketReader", "members": viewers},
        {"role": "roles/storage.legacyObjectOwner", "members": people},
        {"role": "roles/storage.legacyObjectReader", "members": viewers},
    ]
    binding = f"gs://b --member={MEMBER} --role={VIEWER}"
    added = gcloud.read(f"storage buckets add-iam-policy-binding {binding}")
    assert added["bindings"] == [*first["bindings"], {"role": VIEWER, "members": [MEMBER]}]
    removed = gcloud.read(f"storage buckets remove-iam-policy-binding {binding}")
    assert removed["bindings"] == first["bindings"]
    (gcloud.folder / "old.json").write_text(json.dumps(first))
    assert "412" in gcloud.fail("storage buckets set-iam-policy gs://b old.json")
    wanted = {"etag": removed["etag"], "bindings": added["bindings"][-1:]}
    (gcloud.folder / "new.json").write_text(json.dumps(wanted))
    gcloud.run("storage buckets set-iam-policy gs://b new.json")
    last = gcloud.read("storage buckets get-iam-policy gs://b")
    assert last["bindings"] == wanted["bindings"]
    assert len({each["etag"] for each in (first, added, removed, last)}) == 4


def test_objects_are_listed_read_copied_and_removed(gcloud: Gcloud, fake: StorageFake) -> None:
    """Also a bucket with all that is in it."""
    gcloud.run(CREATE)
    fake.plant("b", "folder/backups/a", b"from the fake")
    (gcloud.folder / "file").write_bytes(b"from a file")
    gcloud.run("storage cp file gs://b/folder/file")
    assert fake.objects("b")["folder/file"] == b"from a file"
    listed = gcloud.run("storage ls gs://b/**").split()
    assert listed == ["gs://b/folder/backups/a", "gs://b/folder/file"]
    assert gcloud.run("storage ls gs://b/folder/backups/").split() == listed[:1]
    assert gcloud.run("storage cat gs://b/folder/backups/a") == "from the fake"
    assert "not empty" in gcloud.fail("storage buckets delete gs://b")
    gcloud.run("storage rm -r gs://b/folder/backups")
    assert list(fake.objects("b")) == ["folder/file"]
    gcloud.run("storage rm -r gs://b")
    assert "404" in gcloud.fail("storage buckets describe gs://b")


def test_what_was_deleted_is_had_back(gcloud: Gcloud, fake: StorageFake) -> None:
    """A restore puts old generations over live objects, unless it is told to want none there."""
    gcloud.run(CREATE)
    for name in ("changed", "deleted"):
        fake.plant("b", name, b"old")
    gcloud.run("storage rm gs://b/changed gs://b/deleted")
    fake.plant("b", "changed", b"new")
    listed = gcloud.run("storage ls --soft-deleted gs://b/**").split()
    assert [name.partition("#")[0] for name in listed] == ["gs://b/changed", "gs://b/deleted"]
    assert "412" in gcloud.fail("storage restore --if-generation-match=0 gs://b/**")
    assert fake.objects("b") == {"changed": b"new", "deleted": b"old"}
    gcloud.run("storage restore gs://b/**")
    assert fake.objects("b") == {"changed": b"old", "deleted": b"old"}
