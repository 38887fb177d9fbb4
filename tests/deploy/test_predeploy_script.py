"""The pre-deploy command decides, on another machine, whether a deploy begins."""

import shutil
from collections.abc import Callable
from hashlib import sha256

import pytest

from deploy.checkout import PREDEPLOY, Checkout
from emulators.storage import StorageFake
from jobs.seeded_archive import FIRST, plant

Situation = Callable[[Checkout, StorageFake], None]


def in_the_bucket(checkout: Checkout, storage: StorageFake) -> None:
    """As on the platform: the machine is a new one, and its own directory empty."""
    plant(checkout.store, storage)
    shutil.rmtree(checkout.store)


def nowhere(checkout: Checkout, _storage: StorageFake) -> None:
    """A first boot: all answer, and nothing is there yet."""
    shutil.rmtree(checkout.store)


def a_chunk_lost(checkout: Checkout, storage: StorageFake) -> None:
    """One chunk of an earlier version is gone: all else could be restored."""
    in_the_bucket(checkout, storage)
    lost = sha256(FIRST["old.csv"]).hexdigest()
    (chunk,) = [name for name in storage.objects("bucket") if lost in name]
    storage.remove("bucket", chunk)


def manifests_damaged(checkout: Checkout, storage: StorageFake) -> None:
    """History exists, and cannot be read."""
    in_the_bucket(checkout, storage)
    for name in storage.objects("bucket"):
        if "/backups/" in name:
            storage.plant("bucket", name, b"{")


def of_a_newer_version(checkout: Checkout, storage: StorageFake) -> None:
    """A deploy of an older version than the one that wrote the backups."""
    in_the_bucket(checkout, storage)
    newest = max(name for name in storage.objects("bucket") if "/backups/" in name)
    storage.plant("bucket", newest, b'{"min_reader": 2}')


def no_bucket(checkout: Checkout, storage: StorageFake) -> None:
    """The bucket does not answer, and there is nothing else."""
    shutil.rmtree(checkout.store)
    checkout.use_bucket(storage, "gone")


def no_bucket_beside_backups(checkout: Checkout, storage: StorageFake) -> None:
    """The bucket does not answer; a disk that outlives deploys has backups, but is not here."""
    checkout.use_bucket(storage, "gone")


@pytest.mark.parametrize(
    ("situation", "code", "said"),
    [
        (in_the_bucket, 0, "restorable; "),
        (nowhere, 0, "nothing to prove"),
        (a_chunk_lost, 5, "NOT restorable"),
        (manifests_damaged, 4, "cannot be read"),
        (of_a_newer_version, 4, "Deploy the newer version"),
        (no_bucket, 3, "gs://gone"),
        (no_bucket_beside_backups, 5, "gs://gone"),
    ],
)
def test_a_deploy_begins_only_where_its_start_could_restore(
    checkout: Checkout, storage: StorageFake, situation: Situation, code: int, said: str
) -> None:
    """0 lets it begin; with anything else the old instance goes on. Nothing is written."""
    checkout.use_bucket(storage)
    situation(checkout, storage)
    before = storage.objects("bucket")
    done = checkout.run(PREDEPLOY)
    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stdout + done.stderr
    assert storage.objects("bucket") == before
    assert not checkout.data.exists()


def test_where_nothing_would_be_restored_nothing_is_proven(
    checkout: Checkout, storage: StorageFake
) -> None:
    """0, and it says why: the start would not need the storage that does not answer."""
    checkout.use_bucket(storage, "gone")
    done = checkout.run(PREDEPLOY, AUTO_RESTORE_ON_STARTUP="false")
    assert done.returncode == 0
    assert "nothing would be restored" in done.stdout
    assert storage.calls == []


def test_bad_settings_end_the_deploy(checkout: Checkout) -> None:
    """2, with the variable's name."""
    done = checkout.run(PREDEPLOY, GCS_BUCKET_NAME="No")
    assert done.returncode == 2
    assert "GCS_BUCKET_NAME" in done.stderr
