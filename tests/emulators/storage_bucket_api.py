"""The requests to the storage fake that are about buckets: their settings and policies."""

from collections.abc import Callable

from emulators.storage_access import Caller
from emulators.storage_answers import Answer, json_answer
from emulators.storage_api import Operation, Request
from emulators.storage_buckets import Bucket, Buckets
from emulators.storage_conditions import ApiError
from emulators.storage_uploads import read_metadata

_NO_PROJECT = "p1"  # of buckets that are created without naming one

Act = Callable[[Caller, str, Request], Answer]


class BucketApi:
    """Buckets of one project, whose number is told; `knows` tells which accounts exist."""

    def __init__(self, buckets: Buckets, project_number: str, knows: Callable[[str], bool]) -> None:
        self.url = ""  # where the links in its answers lead
        self._buckets, self._project_number, self._knows = buckets, project_number, knows
        self._acts: dict[tuple[str, ...], tuple[str, Act]] = {
            ("GET",): ("bucket", self._get),
            ("PATCH",): ("patch_bucket", self._patch),
            ("DELETE",): ("delete_bucket", self._delete),
            ("GET", "iam"): ("policy", self._policy),
            ("PUT", "iam"): ("set_policy", self._set_policy),
            ("GET", "storageLayout"): ("layout", self._layout),
            ("GET", "managedFolders"): ("folders", self._folders),
        }

    def resolve(self, request: Request) -> Operation | None:
        """What a request asks for; None where it is not about buckets."""
        for name in request.query:
            if name.startswith("if"):
                raise ApiError(501, "notImplemented", f"the storage fake does not know {name}")
        match [request.method, *request.segments]:
            case ["POST", "storage", "v1", "b"]:
                name = str(read_metadata(request.body).get("name", ""))
                return Operation("create_bucket", name, "", lambda who: self._create(who, request))
            case [method, "storage", "v1", "b", bucket, *tail] if (method, *tail) in self._acts:
                verb, act = self._acts[method, *tail]
                return Operation(verb, bucket, "", lambda who: act(who, bucket, request))
        return None

    def _create(self, who: Caller, request: Request) -> Answer:
        who.check("storage.buckets.create", None)
        project = request.query.get("project", _NO_PROJECT)
        return self._tell(self._buckets.create(project, read_metadata(request.body)))

    def _get(self, who: Caller, bucket: str, _: Request) -> Answer:
        return self._tell(self._allowed(who, "get", bucket))

    def _layout(self, who: Caller, bucket: str, _: Request) -> Answer:
        """Where it lies, and that it has no real folders."""
        found = self._listed(who, bucket)
        told = found.resource(self.url, self._project_number)
        places = {key: told[key] for key in ("location", "locationType")}
        layout = {"kind": "storage#storageLayout", "bucket": bucket, **places}
        return json_answer({**layout, "hierarchicalNamespace": {"enabled": False}})

    def _folders(self, who: Caller, bucket: str, _: Request) -> Answer:
        """There are none, which gcloud wants to know before it removes a bucket."""
        self._listed(who, bucket)
        return json_answer({"kind": "storage#managedFolders"})

    def _patch(self, who: Caller, bucket: str, request: Request) -> Answer:
        found = self._allowed(who, "update", bucket)
        found.patch(read_metadata(request.body), self._buckets.now())
        return self._tell(found)

    def _delete(self, who: Caller, bucket: str, _: Request) -> Answer:
        self._allowed(who, "delete", bucket)
        self._buckets.delete(bucket)
        return Answer(204)

    def _policy(self, who: Caller, bucket: str, _: Request) -> Answer:
        return json_answer(self._allowed(who, "getIamPolicy", bucket).policy.resource(bucket))

    def _set_policy(self, who: Caller, bucket: str, request: Request) -> Answer:
        found = self._allowed(who, "setIamPolicy", bucket)
        policy = found.set_policy(read_metadata(request.body), self._knows)
        return json_answer(policy.resource(bucket))

    def _tell(self, bucket: Bucket) -> Answer:
        return json_answer(bucket.resource(self.url, self._project_number))

    def _listed(self, who: Caller, bucket: str) -> Bucket:
        """The bucket, for whoever may list its objects: all roles for that have these rights."""
        return who.enter(self._buckets, bucket, "storage.objects.list")

    def _allowed(self, who: Caller, right: str, bucket: str) -> Bucket:
        return who.enter(self._buckets, bucket, f"storage.buckets.{right}")
