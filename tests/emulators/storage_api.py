"""The JSON API of the storage fake: what a request asks for, and what is done about it.

A request is first resolved to an operation, which says what it is about, and then performed,
so that whoever stands between the two can count it, refuse it or lose its answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from itertools import count
from secrets import token_urlsafe
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from emulators.storage_answers import (
    Answer,
    bucket_resource,
    error_answer,
    json_answer,
    media_answer,
    object_resource,
    page_resource,
    read_listing,
)
from emulators.storage_conditions import ApiError, Conditions, forbidden
from emulators.storage_objects import Bucket, StoredObject
from emulators.storage_uploads import Upload, read_metadata, read_upload

RIGHTS = frozenset({"create", "get", "list", "delete"})

_UPLOAD_WAYS = (["upload"], ["resumable", "upload"])  # how the paths of uploads begin
_FIRST_GENERATION = 1_700_000_000_000_000  # as long as Google's, which 32 bits do not hold


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    target: str  # path and query, still percent-encoded
    headers: Message
    body: bytes

    @property
    def segments(self) -> list[str]:
        """The parts of the path; a slash in an object's name is encoded and splits nothing."""
        return [unquote(part) for part in urlsplit(self.target).path.split("/")[1:]]

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the address."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass(frozen=True)
class Operation:
    """What a request is about, and what performs it."""

    verb: str
    bucket: str
    name: str
    act: Callable[[], Answer]


class Api:
    """Buckets, their objects and the uploads under way."""

    def __init__(self, now: Callable[[], datetime], lacking: frozenset[str]) -> None:
        if lacking - RIGHTS:
            raise ValueError(f"{sorted(lacking - RIGHTS)} are none of {sorted(RIGHTS)}")
        self.url = ""  # where the links in its answers lead
        self._now = now
        self._lacking = lacking
        self._generations = count(_FIRST_GENERATION)
        self._buckets: dict[str, Bucket] = {}
        self._uploads: dict[str, Upload] = {}

    def resolve(self, request: Request) -> Operation:
        """Say what a request asks for; one that cannot be read is of the verb "unknown"."""
        try:
            return self._resolve(request)
        except ApiError as error:
            answer = error_answer(error)
            return Operation("unknown", "", "", lambda: answer)

    def perform(self, operation: Operation) -> Answer:
        """Do what was asked."""
        try:
            return operation.act()
        except ApiError as error:
            return error_answer(error)

    def create_bucket(self, name: str) -> Bucket:
        """Create a bucket, which must not exist."""
        if not name:
            raise ApiError(400, "required", "Required bucket name is missing")
        created = Bucket(name, self._generations, self._now)
        # One step, even when many threads create the same bucket.
        if self._buckets.setdefault(name, created) is not created:
            raise ApiError(409, "conflict", f"The bucket {name} exists already.")
        return created

    def bucket(self, name: str) -> Bucket:
        """A bucket that exists."""
        if name not in self._buckets:
            raise ApiError(404, "notFound", "The specified bucket does not exist.")
        return self._buckets[name]

    def _resolve(self, request: Request) -> Operation:
        match [request.method, *request.segments]:
            case (
                ["GET", "storage", "v1", "b", bucket, "o", name]
                | ["GET", "download", "storage", "v1", "b", bucket, "o", name]
                | ["DELETE", "storage", "v1", "b", bucket, "o", name]
            ):
                return self._resolve_object(request, bucket, name)
            case ["POST" | "PUT", *way, "storage", "v1", "b", bucket, "o"] if way in _UPLOAD_WAYS:
                return self._resolve_upload(request, bucket)
            case ["GET", "storage", "v1", "b", bucket, "o"]:
                return Operation("list", bucket, "", lambda: self._list(bucket, request))
            case ["GET", "storage", "v1", "b", bucket]:
                return Operation("bucket", bucket, "", lambda: self._tell(self.bucket(bucket)))
            case ["POST", "storage", "v1", "b"]:
                created = str(read_metadata(request.body).get("name", ""))
                return Operation(
                    "create_bucket", created, "", lambda: self._tell(self.create_bucket(created))
                )
        path = urlsplit(request.target).path
        message = f"the storage fake does not offer {request.method} {path}"
        raise ApiError(501, "notImplemented", message)

    def _resolve_object(self, request: Request, bucket: str, name: str) -> Operation:
        if request.method == "DELETE":
            return Operation("delete", bucket, name, lambda: self._delete(bucket, name, request))
        if request.query.get("alt") == "media":
            return Operation("media", bucket, name, lambda: self._media(bucket, name, request))
        return Operation("get", bucket, name, lambda: self._get(bucket, name, request))

    def _resolve_upload(self, request: Request, bucket: str) -> Operation:
        if request.method == "PUT":
            upload = self._under_way(request.query.get("upload_id", ""))
            name = upload.description.name
            return Operation("chunk", bucket, name, lambda: self._take(upload, request))
        told, data = read_upload(request.query, request.headers, request.body)
        upload = Upload(bucket, told, Conditions.of(request.query))
        if request.query["uploadType"] == "resumable":
            return Operation("start", bucket, told.name, lambda: self._start(upload))
        return Operation("insert", bucket, told.name, lambda: self._insert(upload, data))

    def _insert(self, upload: Upload, data: bytes) -> Answer:
        self._allowed("create", upload.bucket)
        return self._tell(self._store(upload, data))

    def _start(self, upload: Upload) -> Answer:
        bucket, name = self._allowed("create", upload.bucket), upload.description.name
        bucket.check_write(name, upload.conditions, may_replace=self._may_replace)
        upload_id = token_urlsafe(24)
        self._uploads[upload_id] = upload
        address = f"{self.url}/upload/storage/v1/b/{quote(bucket.name, safe='')}/o"
        location = f"{address}?uploadType=resumable&upload_id={upload_id}"
        return Answer(200, headers={"Location": location})

    def _take(self, upload: Upload, request: Request) -> Answer:
        with upload.lock:
            if upload.stored is None:
                if not upload.take(request.headers.get("Content-Range"), request.body):
                    return Answer(308, headers=upload.range)
                upload.add_hashes(request.headers.get("X-Goog-Hash"))
                upload.stored = self._store(upload, upload.data)
            return self._tell(upload.stored)

    def _store(self, upload: Upload, data: bytes) -> StoredObject:
        told = upload.description
        told.verify(data)
        return self.bucket(upload.bucket).insert(
            told.name, data, told.fields, upload.conditions, may_replace=self._may_replace
        )

    def _get(self, bucket: str, name: str, request: Request) -> Answer:
        item = self._allowed("get", bucket).find(name, Conditions.of(request.query))
        return self._tell(item)

    def _media(self, bucket: str, name: str, request: Request) -> Answer:
        item = self._allowed("get", bucket).find(name, Conditions.of(request.query))
        return media_answer(item, request.headers.get("Range"))

    def _list(self, bucket: str, request: Request) -> Answer:
        page = self._allowed("list", bucket).page(read_listing(request.query))
        return json_answer(page_resource(page, self.url))

    def _delete(self, bucket: str, name: str, request: Request) -> Answer:
        self._allowed("delete", bucket).delete(name, Conditions.of(request.query))
        return Answer(204)

    def _tell(self, what: Bucket | StoredObject) -> Answer:
        if isinstance(what, Bucket):
            return json_answer(bucket_resource(what, self.url))
        return json_answer(object_resource(what, self.url))

    def _under_way(self, upload_id: str) -> Upload:
        if upload_id not in self._uploads:
            raise ApiError(404, "notFound", "No such upload upload.")
        return self._uploads[upload_id]

    def _allowed(self, right: str, bucket: str) -> Bucket:
        found = self.bucket(bucket)
        if right in self._lacking:
            raise forbidden(right)
        return found

    @property
    def _may_replace(self) -> bool:
        return "delete" not in self._lacking
