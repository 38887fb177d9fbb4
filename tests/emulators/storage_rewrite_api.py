"""The requests to the storage fake that copy an object, within a bucket or into another one.

The source takes the right to get, the target that to create, and that to delete where an object
gives way (https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite).
"""

from datetime import timedelta
from secrets import token_urlsafe

from emulators.storage_access import Caller
from emulators.storage_answers import Answer, json_answer, object_resource
from emulators.storage_api import Operation, Request
from emulators.storage_buckets import Bucket, Buckets
from emulators.storage_conditions import ApiError, Conditions
from emulators.storage_rewrites import Rewrite, Way, Wish
from emulators.storage_uploads import read_metadata

LIFETIME = timedelta(days=7)  # of a token


class RewriteApi:
    """Copies, and those under way by their tokens."""

    def __init__(self, buckets: Buckets) -> None:
        self.url = ""  # where the links in its answers lead
        self._buckets = buckets
        self._under_way: dict[str, Rewrite] = {}

    def resolve(self, request: Request) -> Operation | None:
        """What a request asks for; None where it copies nothing."""
        match [request.method, *request.segments]:
            case ["POST", "storage", "v1", "b", old, "o", name, "rewriteTo", "b", new, "o", copy]:
                way, metadata = Way(old, name, new, copy), read_metadata(request.body)
                wish = Wish.of(way, request.query, metadata)
                token = request.query.get("rewriteToken", "")
                return Operation("rewrite", new, copy, lambda who: self._copy(who, wish, token))
        return None

    def _copy(self, who: Caller, wish: Wish, token: str) -> Answer:
        source = who.enter(self._buckets, wish.way.bucket, "storage.objects.get")
        target = who.enter(self._buckets, wish.way.new_bucket, "storage.objects.create")
        if token:
            rewrite = self._found(wish, token)
        else:
            rewrite = Rewrite.begun(wish, source, target, self._buckets.now())
        with rewrite.lock:
            if rewrite.stored is None:
                self._advance(who, rewrite, source, target)
            if rewrite.stored is not None:
                resource = object_resource(rewrite.stored, self.url)
                return json_answer({**rewrite.told(), "resource": resource})
        # The token stays the same: gcloud sends the first one each time.
        token = token or token_urlsafe(24)
        self._under_way[token] = rewrite
        return json_answer({**rewrite.told(), "rewriteToken": token})

    def _advance(self, who: Caller, rewrite: Rewrite, source: Bucket, target: Bucket) -> None:
        name, item = rewrite.wish.way.new_name, rewrite.item
        conditions, replacing = rewrite.wish.target, who.replacing(target)
        source.objects.find(item.name, Conditions(generation=item.generation), reading=False)
        target.objects.check_write(name, conditions, replacing)
        if rewrite.advance():
            rewrite.stored = target.objects.insert(
                name, item.data, rewrite.fields, conditions, replacing
            )

    def _found(self, wish: Wish, token: str) -> Rewrite:
        rewrite = self._under_way.get(token)
        if rewrite is None or not rewrite.wish.admits(wish):
            raise ApiError(400, "invalid", "The rewriteToken is none of a copy such as this.")
        if self._buckets.now() >= rewrite.started_at + LIFETIME:
            raise ApiError(410, "gone", "The rewriteToken has expired.")
        return rewrite
