"""Backups in a Google Cloud Storage bucket.

The only module that knows the storage SDK; every exception of it leaves here as one of ours.
Creates are conditional on absence, so the client's own retries can never overwrite (rule 2).
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from io import BytesIO
from pathlib import Path

# The client otherwise asks for the bucket's metadata, a right that no key here has.
os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")

from google.api_core import exceptions as api
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.exceptions import GoogleAuthError, TransportError
from google.cloud import storage
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from google.cloud.storage.retry import DEFAULT_RETRY
from google.oauth2 import service_account
from requests.exceptions import RequestException

from shared.errors import (
    BadSettings,
    ObjectDamaged,
    ObjectExists,
    ObjectMissing,
    StorageForbidden,
    StorageMissing,
    StorageUnavailable,
)
from shared.provider import ObjectInfo, Provider

PATIENCE = 45.0  # seconds for all attempts at one operation
CONNECTING, ANSWERING = 5.0, 30.0  # seconds to connect, and between two pieces of an answer
_CONTENT_TYPES = {".json": "application/json", ".zst": "application/zstd"}


class GcsProvider(Provider):
    """Objects below `gs://bucket/prefix/`; each verb takes about `patience` seconds at most."""

    kind = "gcs"

    def __init__(
        self,
        bucket: str,
        prefix: str,
        project: str | None = None,
        key_file: Path | None = None,
        *,
        patience: float = PATIENCE,
    ) -> None:
        super().__init__()
        self.address = f"gs://{bucket}/{prefix}"
        self._name, self._prefix = bucket, f"{prefix}/"
        self._project, self._key_file = project, key_file
        self._timeout = (min(CONNECTING, patience), min(ANSWERING, patience))
        self._retry = DEFAULT_RETRY.with_timeout(patience)

    @cached_property
    def _bucket(self) -> storage.Bucket:
        """The client's bucket, made when it is first needed: a missing key fails a verb."""
        credentials = _credentials(self._key_file)
        # A made-up project keeps the client from looking for one: no call here needs it.
        client = storage.Client(project=self._project or "none", credentials=credentials)
        return client.bucket(self._name)

    def _put(self, name: str, data: bytes) -> ObjectInfo:
        with self._translated(name, "create"):
            blob = self._bucket.blob(self._prefix + name)
            blob.upload_from_string(
                data,
                content_type=_CONTENT_TYPES.get(Path(name).suffix, "application/octet-stream"),
                if_generation_match=0,
                checksum="crc32c",
                timeout=self._timeout,
                retry=self._retry,
            )
        return self._info(blob)

    def _get(self, name: str, limit: int) -> bytes:
        received = _Capped(name, limit)
        with self._translated(name, "get"):
            self._bucket.blob(self._prefix + name).download_to_file(
                received,
                raw_download=True,
                checksum="auto",
                timeout=self._timeout,
                retry=self._retry,
            )
        return received.getvalue()

    def _stat(self, name: str) -> ObjectInfo:
        with self._translated(name, "get"):
            blob = self._bucket.blob(self._prefix + name)
            blob.reload(timeout=self._timeout, retry=self._retry)
        return self._info(blob)

    def _list(self, prefix: str, after: str) -> Iterator[ObjectInfo]:
        with self._translated(prefix, "list"):
            for blob in self._bucket.list_blobs(
                prefix=self._prefix + prefix,
                start_offset=self._prefix + after if after else None,
                fields="items(name,size,generation,timeCreated),nextPageToken",
                timeout=self._timeout,
                retry=self._retry,
            ):
                info = self._info(blob)
                if info.name != after:
                    yield info

    def _delete(self, name: str, generation: int) -> None:
        try:
            with self._translated(name, "delete"):
                self._bucket.blob(self._prefix + name).delete(
                    if_generation_match=generation, timeout=self._timeout, retry=self._retry
                )
        except ObjectMissing:
            return

    def _info(self, blob: storage.Blob) -> ObjectInfo:
        name = blob.name.removeprefix(self._prefix)
        return ObjectInfo(name, blob.size, blob.generation, blob.time_created)

    def _translated(self, name: str, right: str) -> AbstractContextManager[None]:
        return _translated(name, right, self._name)


class _Capped(BytesIO):
    """A buffer that refuses to grow past what an object may have."""

    def __init__(self, name: str, limit: int) -> None:
        super().__init__()
        self._name, self._limit = name, limit

    def write(self, data: bytes, /) -> int:  # type: ignore[override]  # only bytes arrive
        if self.tell() + len(data) > self._limit:
            raise ObjectDamaged(
                f"{self._name} is larger than the {self._limit} bytes it may have", name=self._name
            )
        return super().write(data)


def _credentials(key_file: Path | None) -> Credentials | None:
    """The key file's, none for an emulator, otherwise whatever this machine offers."""
    if os.environ.get("STORAGE_EMULATOR_HOST"):
        return AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth has few types
    if key_file is None:
        return None
    try:
        return _from_key_file(key_file)
    except (OSError, ValueError, AttributeError) as error:  # the last for JSON that is no object
        raise BadSettings(
            f"GOOGLE_APPLICATION_CREDENTIALS: {key_file} is no service account key: {error}"
        ) from error


def _from_key_file(key_file: Path) -> Credentials:
    load: Callable[[Path], Credentials] = service_account.Credentials.from_service_account_file
    return load(key_file)


@contextmanager
def _translated(name: str, right: str, bucket: str) -> Iterator[None]:
    try:
        yield
    except (api.GoogleAPIError, InvalidResponse, DataCorruption) as error:
        raise _ours(error, name, right, bucket) from error
    except (TransportError, RequestException, OSError) as error:
        raise StorageUnavailable(
            f"gs://{bucket} did not answer: {error}", name=name, hint="Try again later"
        ) from error
    except GoogleAuthError as error:
        hint = "Set GOOGLE_APPLICATION_CREDENTIALS to a service account's key file"
        raise StorageForbidden(
            f"no valid key for gs://{bucket}: {error}", name=name, hint=hint
        ) from error


def _ours(error: Exception, name: str, right: str, bucket: str) -> Exception:
    status = _status(error)
    where = f"gs://{bucket}"
    # The message also carries the address, and a bucket may be called "my-bucket".
    if status == 404 and "bucket does not exist" in str(error).lower():
        hint = "Create it, or correct GCS_BUCKET_NAME"
        return StorageMissing(
            f"the bucket {where} does not exist", name=bucket, hint=hint, status=404
        )
    if status == 404:
        return ObjectMissing(f"there is no object {name} in {where}", name=name, status=404)
    if status == 412:
        return ObjectExists(f"{name} exists already in {where}", name=name, status=412)
    if status in (401, 403):
        hint = f"Grant this key storage.objects.{right} on the bucket"
        return StorageForbidden(
            f"the key may not {right} {name} in {where}", name=name, hint=hint, status=status
        )
    if isinstance(error, DataCorruption):
        return ObjectDamaged(f"{name} in {where} arrived damaged: {error}", name=name)
    return StorageUnavailable(
        f"{where} failed to {right} {name}: {error}",
        name=name,
        hint="Try again later",
        status=status,
    )


def _status(error: Exception) -> int | None:
    if isinstance(error, InvalidResponse):
        return int(error.response.status_code)
    if isinstance(error, api.GoogleAPICallError) and error.code is not None:
        return int(error.code)
    return None
