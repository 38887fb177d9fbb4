"""The requests to the storage fake that bring back what was deleted, one by one or in bulk.

A bulk restore is over when its start is answered, though that answer says otherwise, as Google's
does (https://cloud.google.com/storage/docs/using-long-running-operations).
"""

from secrets import token_urlsafe

from emulators.storage_access import Caller
from emulators.storage_answers import Answer, json_answer, object_resource
from emulators.storage_api import Operation, Request
from emulators.storage_buckets import Bucket, Buckets
from emulators.storage_bulk_restores import BulkRestore
from emulators.storage_conditions import ApiError, Conditions, whole_number
from emulators.storage_operations import BucketOperation
from emulators.storage_uploads import read_metadata

_PAGE_LIMIT = 100  # operations
_TOKEN = "X-Goog-Gcs-Idempotency-Token"  # which gcloud sends, the same when it asks again


class RestoreApi:
    """Restores, and the operations that come of them."""

    def __init__(self, buckets: Buckets) -> None:
        self.url = ""  # where the links in its answers lead
        self._buckets = buckets

    def resolve(self, request: Request) -> Operation | None:
        """What a request asks for; None where it is not about restores."""
        match [request.method, *request.segments]:
            case ["POST", "storage", "v1", "b", bucket, "o", name, "restore"]:
                return Operation(
                    "restore", bucket, name, lambda who: self._restore(who, bucket, name, request)
                )
            case ["POST", "storage", "v1", "b", bucket, "o", "bulkRestore"]:
                return Operation(
                    "bulk_restore", bucket, "", lambda who: self._bulk(who, bucket, request)
                )
            case ["GET", "storage", "v1", "b", bucket, "operations", id]:
                return Operation("operation", bucket, "", lambda who: self._get(who, bucket, id))
            case ["GET", "storage", "v1", "b", bucket, "operations"]:
                return Operation(
                    "operations", bucket, "", lambda who: self._list(who, bucket, request)
                )
        return None

    def _restore(self, who: Caller, bucket: str, name: str, request: Request) -> Answer:
        """Make a soft-deleted generation the live one, under a new number."""
        conditions = Conditions.of(request.query)
        found = who.enter(self._buckets, bucket, "storage.objects.restore")
        who.check("storage.objects.create", found)
        kept = found.deleted.find(name, conditions.generation).item
        replacing = who.replacing(found)
        item = found.objects.insert(name, kept.data, kept.fields, conditions, replacing)
        return json_answer(object_resource(item, self.url))

    def _bulk(self, who: Caller, bucket: str, request: Request) -> Answer:
        wish = BulkRestore.of(read_metadata(request.body))
        found = who.enter(self._buckets, bucket, "storage.buckets.restore")
        for right in ("restore", "create"):
            who.check(f"storage.objects.{right}", found)
        if not found.settings.retention:
            message = "The bucket has no soft delete policy, so there is nothing to restore."
            raise ApiError(400, "SoftDeletePolicyRequired", message)
        token = request.headers.get(_TOKEN) or token_urlsafe(24)
        operation = found.operations.start(token, lambda: self._performed(who, found, wish))
        return json_answer(operation.begun(self.url))

    def _performed(self, who: Caller, bucket: Bucket, wish: BulkRestore) -> BucketOperation:
        started_at = self._buckets.now()
        counts = wish.perform(bucket, who.replacing(bucket))
        times = started_at, self._buckets.now()
        return BucketOperation(bucket.name, token_urlsafe(36), wish.told, counts, *times)

    def _get(self, who: Caller, bucket: str, id: str) -> Answer:  # noqa: A002 - Google's name
        found = who.enter(self._buckets, bucket, "storage.bucketOperations.get")
        return json_answer(found.operations.find(id).ended(self.url))

    def _list(self, who: Caller, bucket: str, request: Request) -> Answer:
        found = who.enter(self._buckets, bucket, "storage.bucketOperations.list")
        if "filter" in request.query:
            raise ApiError(501, "notImplemented", "the storage fake does not know filter")
        limit = min(whole_number(request.query, "pageSize") or _PAGE_LIMIT, _PAGE_LIMIT)
        listed = found.operations.after(request.query.get("pageToken", ""))
        page = [operation.ended(self.url) for operation in listed[:limit]]
        more = {"nextPageToken": listed[limit - 1].id} if len(listed) > limit else {}
        return json_answer({"kind": "storage#operations", "operations": page, **more})
