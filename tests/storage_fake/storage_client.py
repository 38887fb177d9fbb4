"""The real storage client, pointed at the fake."""

from pathlib import Path
from typing import Any

from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Bucket, Client
from google.oauth2 import service_account

from emulators.storage import StorageFake


def bucket_of(fake: StorageFake, name: str = "b") -> Bucket:
    """The real client's view of a bucket of a fake."""
    client = Client(
        project="p1",
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call] # google-auth's lack
        client_options={"api_endpoint": fake.url},
    )
    return client.bucket(name)


def bucket_with_key(fake: StorageFake, key_file: Path, name: str = "b") -> Bucket:
    """The same with a service account's key; its tokens come from where the key says."""
    credentials = service_account.Credentials.from_service_account_file(key_file)  # type: ignore[no-untyped-call] # google-auth's lack
    options = {"api_endpoint": fake.url}
    return Client(project="p1", credentials=credentials, client_options=options).bucket(name)


def put(bucket: Bucket, name: str, data: bytes, **options: Any) -> Any:
    """Upload once, without retries."""
    blob = bucket.blob(name)
    blob.upload_from_string(data, retry=None, **options)
    return blob


def names(bucket: Bucket, **options: Any) -> list[str]:
    """The names of a listing."""
    return [blob.name for blob in bucket.list_blobs(retry=None, **options)]


def upload_url(fake: StorageFake) -> str:
    """Where uploads into the bucket begin."""
    return f"{fake.url}/upload/storage/v1/b/b/o"
