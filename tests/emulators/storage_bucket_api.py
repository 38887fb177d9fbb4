"""The requests to the storage fake that are about buckets: their settings and policies."""

from emulators.storage_access import Caller
from emulators.storage_answers import Answer, json_answer
from emulators.storage_api import Operation, Request
from emulators.storage_buckets import Bucket, Buckets
from emulators.storage_conditions import ApiError
from emulators.storage_uploads import read_metadata

_NO_PROJECT = "p1"  # of buckets that are created without naming one


class BucketApi:
    """Buckets of one project, whose number is told."""

    def __init__(self, buckets: Buckets, project_number: str) -> None:
        self.url = ""  # where the links in its answers lead
        self._buckets, self._project_number = buckets, project_number

    def resolve(self, request: Request) -> Operation | None:
        """What a request asks for; None where it is not about buckets."""
        for name in request.query:
            if name.startswith("if"):
                raise ApiError(501, "notImplemented", f"the storage fake does not know {name}")
        match [request.method, *request.segments]:
            case ["POST", "storage", "v1", "b"]:
                created = str(read_metadata(request.body).get("name", ""))
                return Operation(
                    "create_bucket", created, "", lambda who: self._create(who, request)
                )
            case [method, "storage", "v1", "b", bucket]:
                return self._resolve_bucket(method, bucket, request)
            case [method, "storage", "v1", "b", bucket, "iam"]:
                return self._resolve_policy(method, bucket, request)
            case ["GET", "storage", "v1", "b", bucket, "storageLayout"]:
                return Operation("layout", bucket, "", lambda who: self._layout(who, bucket))
            case ["GET", "storage", "v1", "b", bucket, "managedFolders"]:
                return Operation("folders", bucket, "", lambda who: self._folders(who, bucket))
        return None

    def _resolve_bucket(self, method: str, bucket: str, request: Request) -> Operation | None:
        match method:
            case "GET":
                return Operation("bucket", bucket, "", lambda who: self._get(who, bucket))
            case "PATCH":
                return Operation(
                    "patch_bucket", bucket, "", lambda who: self._patch(who, bucket, request)
                )
            case "DELETE":
                return Operation("delete_bucket", bucket, "", lambda who: self._delete(who, bucket))
        return None

    def _resolve_policy(self, method: str, bucket: str, request: Request) -> Operation | None:
        match method:
            case "GET":
                return Operation("policy", bucket, "", lambda who: self._policy(who, bucket))
            case "PUT":
                return Operation(
                    "set_policy", bucket, "", lambda who: self._set_policy(who, bucket, request)
                )
        return None

    def _create(self, who: Caller, request: Request) -> Answer:
        who.check("storage.buckets.create", None)
        project = request.query.get("project", _NO_PROJECT)
        return self._tell(self._buckets.create(project, read_metadata(request.body)))

    def _get(self, who: Caller, bucket: str) -> Answer:
        return self._tell(self._allowed(who, "get", bucket))

    def _layout(self, who: Caller, bucket: str) -> Answer:
        """Where it lies, and that it has no real folders."""
        found = self._listed(who, bucket)
        told = found.resource(self.url, self._project_number)
        places = {key: told[key] for key in ("location", "locationType")}
        layout = {"kind": "storage#storageLayout", "bucket": bucket, **places}
        return json_answer({**layout, "hierarchicalNamespace": {"enabled": False}})

    def _folders(self, who: Caller, bucket: str) -> Answer:
        """There are none, which gcloud wants to know before it removes a bucket."""
        self._listed(who, bucket)
        return json_answer({"kind": "storage#managedFolders"})

    def _patch(self, who: Caller, bucket: str, request: Request) -> Answer:
        found = self._allowed(who, "update", bucket)
        found.patch(read_metadata(request.body), self._buckets.now())
        return self._tell(found)

    def _delete(self, who: Caller, bucket: str) -> Answer:
        self._allowed(who, "delete", bucket)
        self._buckets.delete(bucket)
        return Answer(204)

    def _policy(self, who: Caller, bucket: str) -> Answer:
        return json_answer(self._allowed(who, "getIamPolicy", bucket).policy.resource(bucket))

    def _set_policy(self, who: Caller, bucket: str, request: Request) -> Answer:
        found = self._allowed(who, "setIamPolicy", bucket)
        return json_answer(found.set_policy(read_metadata(request.body)).resource(bucket))

    def _tell(self, bucket: Bucket) -> Answer:
        return json_answer(bucket.resource(self.url, self._project_number))

    def _listed(self, who: Caller, bucket: str) -> Bucket:
        """The bucket, for whoever may list its objects: all roles for that have these rights."""
        found = self._buckets.find(bucket, "storage.objects.list")
        who.check("storage.objects.list", found)
        return found

    def _allowed(self, who: Caller, right: str, bucket: str) -> Bucket:
        permission = f"storage.buckets.{right}"
        found = self._buckets.find(bucket, permission)
        who.check(permission, found)
        return found
