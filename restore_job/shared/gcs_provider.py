"""Backups in a Google Cloud Storage bucket.

Only this module and `gcs_calls` know the storage SDK. Creates are conditional on absence, so that
trying again can never overwrite (rule 2).
"""

import os
from collections.abc import Callable, Iterator
from functools import cached_property
from io import BytesIO
from pathlib import Path

# The client otherwise asks for the bucket's metadata, a right that no key here has.
os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")

from google.auth.credentials import AnonymousCredentials, Credentials
from google.cloud import storage
from google.oauth2 import service_account

from shared.errors import BadSettings, ObjectDamaged, ObjectMissing
from shared.gcs_calls import PATIENCE, GcsCalls, Timeout
from shared.provider import ObjectInfo, Provider

_CONTENT_TYPES = {".json": "application/json", ".zst": "application/zstd"}


class GcsProvider(Provider):
    """Objects below `gs://bucket/prefix/`; `patience` gives the seconds for each call."""

    kind = "gcs"

    def __init__(
        self,
        bucket: str,
        prefix: str,
        project: str | None = None,
        key_file: Path | None = None,
        *,
        patience: float | None = None,
    ) -> None:
        super().__init__()
        self.address = f"gs://{bucket}/{prefix}"
        self._name, self._prefix = bucket, f"{prefix}/"
        self._project, self._key_file = project, key_file
        self._calls = GcsCalls(bucket, PATIENCE if patience is None else min(patience, PATIENCE))

    @cached_property
    def _bucket(self) -> storage.Bucket:
        """The client's bucket, made when it is first needed: a missing key fails a verb."""
        credentials = _credentials(self._key_file)
        # A made-up project keeps the client from looking for one: no call here needs it.
        client = storage.Client(project=self._project or "none", credentials=credentials)
        return client.bucket(self._name)

    def _put(self, name: str, data: bytes) -> ObjectInfo:
        def upload(timeout: Timeout) -> ObjectInfo:
            blob = self._blob(name)
            blob.upload_from_string(
                data,
                content_type=_CONTENT_TYPES.get(Path(name).suffix, "application/octet-stream"),
                if_generation_match=0,
                checksum="crc32c",
                timeout=timeout,
                retry=None,
            )
            return self._info(blob)

        return self._calls.run("create", name, upload)

    def _get(self, name: str, limit: int) -> bytes:
        def download(timeout: Timeout) -> bytes:
            received = _Capped(name, limit)
            self._blob(name).download_to_file(
                received, raw_download=True, checksum="auto", timeout=timeout, retry=None
            )
            return received.getvalue()

        return self._calls.run("get", name, download)

    def _stat(self, name: str) -> ObjectInfo:
        def reload(timeout: Timeout) -> ObjectInfo:
            blob = self._blob(name)
            blob.reload(timeout=timeout, retry=None)
            return self._info(blob)

        return self._calls.run("get", name, reload)

    def _list(self, prefix: str, after: str) -> Iterator[ObjectInfo]:
        token: str | None = ""
        while token is not None:
            infos, token = self._page(prefix, after, token)
            yield from (info for info in infos if info.name != after)

    def _page(self, prefix: str, after: str, token: str) -> tuple[list[ObjectInfo], str | None]:
        """One page of a listing, and the token of the next, if there is one."""

        def list_page(timeout: Timeout) -> tuple[list[ObjectInfo], str | None]:
            found = self._bucket.list_blobs(
                prefix=self._prefix + prefix,
                start_offset=self._prefix + after if after else None,
                page_token=token or None,
                fields="items(name,size,generation,timeCreated),nextPageToken",
                timeout=timeout,
                retry=None,
            )
            return [self._info(blob) for blob in next(found.pages, ())], found.next_page_token

        return self._calls.run("list", prefix, list_page)

    def _delete(self, name: str, generation: int) -> None:
        def delete(timeout: Timeout) -> None:
            self._blob(name).delete(if_generation_match=generation, timeout=timeout, retry=None)

        try:
            self._calls.run("delete", name, delete)
        except ObjectMissing:
            return

    def _blob(self, name: str) -> storage.Blob:
        return self._bucket.blob(self._prefix + name)

    def _info(self, blob: storage.Blob) -> ObjectInfo:
        name = blob.name.removeprefix(self._prefix)
        return ObjectInfo(name, blob.size, blob.generation, blob.time_created)


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
