"""The doctor: what it finds in a good set-up and in each way of being crippled."""

from pathlib import Path
from typing import Any

import pytest

from emulators.storage import StorageFake
from jobs.seeded_archive import RestoreJob, plant, tree


def findings(job: RestoreJob, *words: str, code: int = 0) -> dict[str, Any]:
    """What was tried, to what came of it."""
    answer = job.answer("--doctor", *words, code=code)
    return {finding["what"]: finding for finding in answer["findings"]}


def test_a_good_set_up_is_found_good(job: RestoreJob, storage: StorageFake) -> None:
    """0, with every provider tried; nothing of the trying is left."""
    plant(job.store, storage)
    job.use_bucket(storage)
    before = storage.objects("bucket"), tree(job.store)
    found = findings(job)
    assert all(finding["ok"] for finding in found.values())
    for kind in ("gcs", "local"):
        tried = [what.partition(": ")[2] for what in found if what.startswith(kind)]
        assert tried == ["create", "never overwrite", "read", "list", "history", "clean up"]
        assert found[f"{kind}: history"]["said"].startswith("2 backups")
    assert (storage.objects("bucket"), tree(job.store)) == before
    assert tree(job.data) == {}


def test_without_a_bucket_it_says_what_that_means(job: RestoreJob) -> None:
    """0, for nothing is broken; but a wiped disk would take everything along."""
    done = job.run("--doctor")
    assert done.returncode == 0
    assert "note gcs: no bucket is set" in done.stdout
    assert "GCS_BUCKET_NAME" in done.stdout
    assert findings(job, "--provider", "gcs", code=2)["gcs"]["ok"] is False


@pytest.mark.parametrize("right", ["create", "get", "list"])
def test_a_missing_right_is_named_with_how_to_get_it(job: RestoreJob, right: str) -> None:
    """3, with the permission to grant; the other provider is still examined."""
    with StorageFake(["bucket"], forbidden={right}) as storage:
        job.use_bucket(storage)
        done = job.run("--doctor")
        assert done.returncode == 3
        failed = [line for line in done.stdout.splitlines() if line.startswith("FAIL ")]
        assert len(failed) == 1
        assert failed[0].startswith("FAIL gcs: ")
        assert f"Grant this key storage.objects.{right} on the bucket" in done.stdout
        assert "ok   local: history" in done.stdout


def test_a_key_that_cannot_delete_is_as_it_should_be(job: RestoreJob) -> None:
    """0: on Render no key may be able to destroy a backup (rule 10)."""
    with StorageFake(["bucket"], forbidden={"delete"}) as storage:
        job.use_bucket(storage)
        found = findings(job)
        assert all(finding["ok"] for finding in found.values())
        assert "as it should be" in found["gcs: never overwrite"]["said"]
        assert "refused" in found["gcs: clean up"]["said"]
        assert all("/scratch/" in name for name in storage.objects("bucket"))


def test_a_bucket_that_does_not_exist_is_named(job: RestoreJob, storage: StorageFake) -> None:
    """3, and the setting to correct."""
    job.use_bucket(storage, "no-such-bucket")
    done = job.run("--doctor", "--provider", "gcs")
    assert done.returncode == 3
    assert "gs://no-such-bucket does not exist" in done.stdout
    assert "GCS_BUCKET_NAME" in done.stdout


def test_a_key_file_that_is_none_is_a_bad_setting(job: RestoreJob, tmp_path: Path) -> None:
    """2, with the setting and the file."""
    key = tmp_path / "key.json"
    key.write_text('{"type": "not a key"}')
    settings = {"GCS_BUCKET_NAME": "bucket", "GOOGLE_APPLICATION_CREDENTIALS": str(key)}
    done = job.run("--doctor", "--provider", "gcs", **settings)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "GOOGLE_APPLICATION_CREDENTIALS" in done.stdout + done.stderr
    assert str(key) in done.stdout + done.stderr


def test_a_data_directory_that_is_a_file_is_found(job: RestoreJob) -> None:
    """2, and the rest is examined all the same."""
    job.data.write_bytes(b"a file")
    done = job.run("--doctor")
    assert done.returncode == 2
    assert "FAIL data directory" in done.stdout
    assert "DATA_DIR" in done.stdout
    assert "ok   local: history" in done.stdout
    assert job.data.read_bytes() == b"a file"


def test_a_local_directory_that_is_a_file_is_found(job: RestoreJob) -> None:
    """3: the local backups cannot be reached."""
    job.forget_local()
    job.store.write_bytes(b"a file")
    done = job.run("--doctor", "--provider", "local")
    assert done.returncode == 3
    assert "FAIL local: create" in done.stdout
    assert str(job.store) in done.stdout
