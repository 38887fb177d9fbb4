"""A function's configuration: what is asked for, completed by Google's defaults, and its masks.

An update changes the fields that its mask names, and no other
(https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions/patch).
"""

from copy import deepcopy

from emulators.google_api import GoogleError, Json, require_fields

RUNTIMES = ("python311", "python312", "python313", "python314")

_BUILD = ("runtime", "entryPoint", "source", "serviceAccount", "environmentVariables")
_SERVICE = (
    "availableCpu",
    "availableMemory",
    "timeoutSeconds",
    "environmentVariables",
    "secretEnvironmentVariables",
    "maxInstanceCount",
    "minInstanceCount",
    "maxInstanceRequestConcurrency",
    "serviceAccountEmail",
    "ingressSettings",
    "allTrafficOnLatestRevision",
)
_OUTPUT = (
    *("service", "uri", "revision"),  # of the service, which a client sends back as it read them
    *("build", "sourceProvenance", "dockerRegistry", "automaticUpdatePolicy"),  # of the build
)
_TOP = ("name", "buildConfig", "serviceConfig", "labels", "description", "environment")
_LONGEST_SECONDS = 3600


def created(asked: Json, account: str) -> Json:
    """A new function; `account` is the one that Google takes where none is named."""
    _check(asked)
    build, service = asked.get("buildConfig", {}), asked.get("serviceConfig", {})
    defaults: Json = {
        "availableMemory": "256M",
        "timeoutSeconds": 60,
        "maxInstanceCount": 100,
        "maxInstanceRequestConcurrency": 1,
        "serviceAccountEmail": account,
        "ingressSettings": "ALLOW_ALL",
        "allTrafficOnLatestRevision": True,
    }
    return _checked(
        {
            "labels": asked.get("labels", {}),
            "buildConfig": {"dockerRegistry": "ARTIFACT_REGISTRY", **build},
            "serviceConfig": {**defaults, **_filled(service)},
        }
    )


def updated(function: Json, asked: Json, mask: str) -> Json:
    """The function with the fields of the mask as they are asked for; absent ones are cleared."""
    _check(asked)
    changed = deepcopy(function)
    for path in mask.split(","):
        *parents, name = [_camel_case(part) for part in path.split(".")]
        if (parents, name) == ([], "eventTrigger"):
            continue  # of a function that HTTP triggers there is none
        _check_path(path, parents, name)
        source, target = asked, changed
        for parent in parents:
            source, target = source.get(parent, {}), target.setdefault(parent, {})
        target.pop(name, None)
        if name in source:
            target[name] = source[name]
    return _checked(changed)


def _check(asked: Json) -> None:
    require_fields(asked, _TOP, "a function")
    require_fields(asked.get("buildConfig", {}), (*_BUILD, *_OUTPUT), "buildConfig")
    require_fields(asked.get("serviceConfig", {}), (*_SERVICE, *_OUTPUT), "serviceConfig")


def _check_path(path: str, parents: list[str], name: str) -> None:
    known = {"buildConfig": _BUILD, "serviceConfig": _SERVICE}
    if parents not in ([], ["buildConfig"], ["serviceConfig"]):
        raise GoogleError(501, f"the stand-in does not offer the mask {path}")
    if name not in (known[parents[0]] if parents else ("labels",)):
        raise GoogleError(501, f"the stand-in does not offer the mask {path}")


def _checked(function: Json) -> Json:
    build, service = function["buildConfig"], function["serviceConfig"]
    if build.get("runtime") not in RUNTIMES:
        raise GoogleError(400, f"Runtime {build.get('runtime')} is unsupported.")
    if not 0 < service["timeoutSeconds"] <= _LONGEST_SECONDS:
        raise GoogleError(400, "Timeout must be between 1 and 3600 seconds.")
    if service["maxInstanceRequestConcurrency"] > 1 and "availableCpu" not in service:
        raise GoogleError(400, "Total cpu < 1 is not supported with concurrency > 1.")
    return function


def _filled(message: Json) -> Json:
    return {name: value for name, value in message.items() if value not in ("", [], {}, None)}


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)
