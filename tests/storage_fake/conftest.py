import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud.storage import Bucket

from emulators.gcloud_forks import GcloudForks
from emulators.google_cloud import GoogleCloudFake
from emulators.recording_gcloud import RecordingGcloud
from emulators.storage import StorageFake
from google_stand_ins.gcloud_command import Gcloud
from storage_fake.storage_client import bucket_of


@pytest.fixture(autouse=True)
def _no_hidden_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")


@pytest.fixture
def fake() -> Iterator[StorageFake]:
    """A fake with one bucket."""
    with StorageFake(buckets=["b"]) as running:
        yield running


@pytest.fixture
def bucket(fake: StorageFake) -> Bucket:
    """That bucket, as the real client sees it."""
    return bucket_of(fake)


@pytest.fixture
def cloud() -> Iterator[GoogleCloudFake]:
    """Where a person signs in, who owns the project."""
    with GoogleCloudFake() as running:
        yield running


@pytest.fixture
def gcloud(cloud: GoogleCloudFake, fake: StorageFake, forks: GcloudForks, tmp_path: Path) -> Gcloud:
    """The real one, signed in; it needs a fake that knows who that is."""
    path = RecordingGcloud(tmp_path / "bin", forks).path
    storage = {"CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": f"{fake.url}/"}
    signed_in = cloud.environment(tmp_path / "configuration")
    return Gcloud({**os.environ, **signed_in, **storage, "PATH": path}, tmp_path)
