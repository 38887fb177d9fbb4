from collections.abc import Iterator

import pytest
from google.cloud.storage import Bucket

from emulators.storage import StorageFake
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
