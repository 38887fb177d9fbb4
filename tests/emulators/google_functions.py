"""Cloud Functions, version 2: functions of the second generation, and what builds them.

A deploy is an operation. Where it fails the function says so (state FAILED) and shows what was
asked for, while what ran before goes on to be served.
"""

from copy import deepcopy
from secrets import token_hex

from emulators.google_api import Asked, GoogleError, Json, Route, timestamp
from emulators.google_deployment import ContainerFailed, Deployer, container_failed
from emulators.google_failures import Failures
from emulators.google_function_config import RUNTIMES, created, updated
from emulators.google_operations import Operations
from emulators.google_projects import Project
from emulators.google_run import Run

_NEEDED = ("cloudbuild.googleapis.com", "run.googleapis.com", "artifactregistry.googleapis.com")
_REGION = "/v2/projects/{project}/locations/{region}"


class Functions:
    """The functions of a project, by their whole names; `url` is where sources are uploaded to."""

    def __init__(
        self, project: Project, url: str, deployer: Deployer, failures: Failures, run: Run
    ) -> None:
        self._project, self._url, self._deployer = project, url, deployer
        self._failures, self._run = failures, run
        self._uploads: dict[str, bytes] = {}
        self.operations = Operations()
        self.functions: dict[str, Json] = {}

    def routes(self) -> list[Route]:
        """What is offered."""
        many, builds = f"{_REGION}/functions", "/v1/projects/{project}/locations/{region}"
        one, default = many + "/{function}", "getDefaultServiceAccount"
        service, build = "cloudfunctions.googleapis.com", "cloudbuild.googleapis.com"
        offered = {
            "runtimes.list": ("GET", f"{_REGION}/runtimes", self._runtimes),
            "functions.list": ("GET", many, self._list),
            "functions.get": ("GET", one, self._get),
            "functions.generateUploadUrl": ("POST", f"{many}:generateUploadUrl", self._upload_url),
            "functions.create": ("POST", many, self._create),
            "functions.patch": ("PATCH", one, self._patch),
            "functions.delete": ("DELETE", one, self._delete),
        }
        path = f"{builds}/defaultServiceAccount"
        return [
            *(Route("cloudfunctions", name, *told, service) for name, told in offered.items()),
            Route("upload", "sources.upload", "PUT", "/upload/{name}", self._upload),
            Route("cloudbuild", f"locations.{default}", "GET", path, self._builder, build),
            *self.operations.routes(),
        ]

    def _runtimes(self, _: Asked) -> Json:
        told = {"environment": "GEN_2", "stage": "GA"}
        return {"runtimes": [{"name": name, **told} for name in RUNTIMES]}

    def _list(self, asked: Asked) -> Json:
        project, region = asked.resource.rsplit("/", 3)[0], asked.names["region"]
        place = project if region == "-" else asked.resource  # of all regions, or of one
        return {
            "functions": [each for name, each in self.functions.items() if name.startswith(place)]
        }

    def _get(self, asked: Asked) -> Json:
        return self._find(asked)

    def _builder(self, asked: Asked) -> Json:
        name = f"projects/{self._project.id}/serviceAccounts/{self._project.own_account}"
        return {"name": asked.resource, "serviceAccountEmail": name}

    def _upload_url(self, asked: Asked) -> Json:
        name, region = f"{token_hex(16)}.zip", asked.names["region"]
        bucket = f"gcf-v2-uploads-{self._project.number}.{region}.cloudfunctions.appspot.com"
        source = {"bucket": bucket, "object": name}
        self._uploads[name] = b""
        return {"uploadUrl": f"{self._url}/upload/{name}", "storageSource": source}

    def _upload(self, asked: Asked) -> Json:
        if asked.names["name"] not in self._uploads:
            raise GoogleError(403, "The signed address is none of ours, or has expired.")
        self._uploads[asked.names["name"]] = asked.request.body
        return {}

    def _create(self, asked: Asked) -> Json:
        name = f"{'/'.join(asked.request.segments[1:])}/{asked.query.get('functionId', '')}"
        self._check_services()
        if name in self.functions:
            raise GoogleError(409, f"Could not create Cloud Functions function {name}, it exists.")
        function = created(asked.body, self._project.own_account)
        return self._deploy("functions.create", name, function, timestamp())

    def _patch(self, asked: Asked) -> Json:
        function = self._find(asked)
        self._check_services()
        changed = updated(function, asked.body, asked.query.get("updateMask", ""))
        return self._deploy("functions.patch", asked.resource, changed, function["createTime"])

    def _delete(self, asked: Asked) -> Json:
        self._find(asked)
        name = asked.resource

        def work() -> Json:
            self._failures.fire("functions.delete", name, as_operation=True)
            self._run.stop(self.functions.pop(name)["serviceConfig"]["service"])
            return {}

        return self.operations.begin(name, work)

    def _deploy(self, method: str, name: str, function: Json, created_at: str) -> Json:
        """Keep what is asked for, and begin to build and start it."""
        short, region = name.rpartition("/")[2], name.split("/")[3]
        own = {"name": name, "environment": "GEN_2", "state": "DEPLOYING"}
        times = {"createTime": created_at, "updateTime": timestamp()}
        kept = {**function, **own, **times}
        account = f"{self._project.resource}/serviceAccounts/{self._project.own_account}"
        kept["buildConfig"].setdefault("serviceAccount", account)
        kept["serviceConfig"]["service"] = self._run.name_of(region, short)
        self.functions[name] = kept

        def work() -> Json:
            try:
                self._failures.fire(method, name, as_operation=True)
                done = self._built(short, kept)
            except Exception:  # whatever it is, a test's own code included
                self.functions[name] = {**kept, "state": "FAILED"}
                raise
            self.functions[name] = done
            return done

        return self.operations.begin(name, work)

    def _built(self, name: str, function: Json) -> Json:
        """The function once it is served; others may be reading it as it was before."""
        done = deepcopy(function)
        uploaded = done["buildConfig"]["source"]["storageSource"]
        archive = self._uploads[uploaded["object"]]
        deployment = self._deployer.prepare(name, done, archive)
        provenance = {"resolvedStorageSource": {**uploaded, "generation": "1"}}
        done["buildConfig"]["sourceProvenance"] = provenance
        try:
            done["serviceConfig"]["uri"] = self._run.start(deployment)
        except ContainerFailed as error:
            raise container_failed(name) from error
        return {**done, "state": "ACTIVE"}

    def _find(self, asked: Asked) -> Json:
        if asked.resource not in self.functions:
            raise GoogleError(404, f"Resource '{asked.resource}' was not found")
        return self.functions[asked.resource]

    def _check_services(self) -> None:
        for service in _NEEDED:
            self._project.check_enabled(service)
