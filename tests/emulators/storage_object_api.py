"""The requests to the storage fake that are about objects."""

from secrets import token_urlsafe
from urllib.parse import quote

from emulators.storage_access import Caller
from emulators.storage_answers import (
    Answer,
    json_answer,
    media_answer,
    object_resource,
    page_resource,
    read_listing,
)
from emulators.storage_api import Operation, Request
from emulators.storage_buckets import Bucket, Buckets
from emulators.storage_conditions import ApiError, Conditions
from emulators.storage_objects import StoredObject
from emulators.storage_uploads import Upload, read_fields, read_metadata, read_upload

_UPLOAD_WAYS = (["upload"], ["resumable", "upload"])  # how the paths of uploads begin


class ObjectApi:
    """Objects, and the uploads under way."""

    def __init__(self, buckets: Buckets) -> None:
        self.url = ""  # where the links in its answers lead
        self._buckets = buckets
        self._uploads: dict[str, Upload] = {}

    def resolve(self, request: Request) -> Operation | None:
        """What a request asks for; None where it is not about objects."""
        match [request.method, *request.segments]:
            case ["GET" | "PATCH" | "DELETE", "storage", "v1", "b", bucket, "o", name]:
                return self._resolve_object(request, bucket, name)
            case ["GET", "download", "storage", "v1", "b", bucket, "o", name]:
                return self._resolve_object(request, bucket, name)
            case ["POST" | "PUT", *way, "storage", "v1", "b", bucket, "o"] if way in _UPLOAD_WAYS:
                return self._resolve_upload(request, bucket)
            case ["GET", "storage", "v1", "b", bucket, "o"]:
                return Operation("list", bucket, "", lambda who: self._list(who, bucket, request))
        return None

    def _resolve_object(self, request: Request, bucket: str, name: str) -> Operation:
        is_media = request.query.get("alt") == "media"
        verbs = {
            "GET": ("media", self._media) if is_media else ("get", self._get),
            "PATCH": ("update", self._update),
            "DELETE": ("delete", self._delete),
        }
        verb, act = verbs[request.method]
        return Operation(verb, bucket, name, lambda who: act(who, bucket, name, request))

    def _resolve_upload(self, request: Request, bucket: str) -> Operation:
        if request.method == "PUT":
            upload = self._under_way(request.query.get("upload_id", ""))
            name = upload.description.name
            return Operation("chunk", bucket, name, lambda who: self._take(who, upload, request))
        told, data = read_upload(request.query, request.headers, request.body)
        upload = Upload(bucket, told, Conditions.of(request.query))
        if request.query["uploadType"] == "resumable":
            return Operation("start", bucket, told.name, lambda who: self._start(who, upload))
        return Operation("insert", bucket, told.name, lambda who: self._insert(who, upload, data))

    def _insert(self, who: Caller, upload: Upload, data: bytes) -> Answer:
        self._allowed(who, "create", upload.bucket)
        return self._tell(self._store(who, upload, data))

    def _start(self, who: Caller, upload: Upload) -> Answer:
        bucket, name = self._allowed(who, "create", upload.bucket), upload.description.name
        bucket.objects.check_write(name, upload.conditions, who.replacing(bucket))
        upload_id = token_urlsafe(24)
        self._uploads[upload_id] = upload
        address = f"{self.url}/upload/storage/v1/b/{quote(bucket.name, safe='')}/o"
        location = f"{address}?uploadType=resumable&upload_id={upload_id}"
        return Answer(200, headers={"Location": location})

    def _take(self, who: Caller, upload: Upload, request: Request) -> Answer:
        with upload.lock:
            if upload.stored is None:
                if not upload.take(request.headers.get("Content-Range"), request.body):
                    return Answer(308, headers=upload.range)
                upload.add_hashes(request.headers.get("X-Goog-Hash"))
                upload.stored = self._store(who, upload, upload.data)
            return self._tell(upload.stored)

    def _store(self, who: Caller, upload: Upload, data: bytes) -> StoredObject:
        told = upload.description
        told.verify(data)
        bucket = self._allowed(who, "create", upload.bucket)
        replacing = who.replacing(bucket)
        return bucket.objects.insert(told.name, data, told.fields, upload.conditions, replacing)

    def _get(self, who: Caller, bucket: str, name: str, request: Request) -> Answer:
        found, conditions = self._allowed(who, "get", bucket), Conditions.of(request.query)
        if _is_of_deleted(request):
            return self._tell(found.deleted.find(name, conditions.generation).told())
        return self._tell(found.objects.find(name, conditions))

    def _media(self, who: Caller, bucket: str, name: str, request: Request) -> Answer:
        found = self._allowed(who, "get", bucket).objects
        item = found.find(name, Conditions.of(request.query))
        return media_answer(item, request.headers.get("Range"))

    def _list(self, who: Caller, bucket: str, request: Request) -> Answer:
        found, listing = self._allowed(who, "list", bucket), read_listing(request.query)
        place = found.deleted if _is_of_deleted(request) else found.objects
        return json_answer(page_resource(place.page(listing), self.url))

    def _update(self, who: Caller, bucket: str, name: str, request: Request) -> Answer:
        fields = read_fields(read_metadata(request.body))
        found = self._allowed(who, "update", bucket).objects
        return self._tell(found.update(name, fields, Conditions.of(request.query)))

    def _delete(self, who: Caller, bucket: str, name: str, request: Request) -> Answer:
        found = self._allowed(who, "delete", bucket).objects
        found.delete(name, Conditions.of(request.query))
        return Answer(204)

    def _tell(self, item: StoredObject) -> Answer:
        return json_answer(object_resource(item, self.url))

    def _under_way(self, upload_id: str) -> Upload:
        if upload_id not in self._uploads:
            raise ApiError(404, "notFound", "No such upload upload.")
        return self._uploads[upload_id]

    def _allowed(self, who: Caller, right: str, bucket: str) -> Bucket:
        return who.enter(self._buckets, bucket, f"storage.objects.{right}")


def _is_of_deleted(request: Request) -> bool:
    return request.query.get("softDeleted", "false").lower() == "true"
