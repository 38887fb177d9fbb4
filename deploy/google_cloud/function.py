"""The function: deployed where it is missing, and again with just what differs.

It is of the second generation, private, runs as an account of its own, takes one call at a time in
each instance, and finds its secrets pinned to a version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from deploy_settings import CALL_SHARE, DeploySettings
from google_cloud.builder import wanted_builder
from google_cloud.deploying import describe
from google_cloud.function_source import FOLDER, digest
from google_cloud.gcloud import Gcloud

SOURCE = "source"  # the label that tells what was deployed, and by whom
RUNTIME, ENTRY_POINT = "python313", "backup"
# Between variables, whichever no value has: TARGETS has commas, and no setting the last of these.
SEPARATORS = "|;~@#\x1f"
LONG = "one to five minutes"
UNITS = {"": 1e-6, "k": 1e-3, "M": 1, "G": 1e3, "Ki": 1.024e-3, "Mi": 1.048576, "Gi": 1073.741824}

Pins = Mapping[str, tuple[str, int]]  # variable to secret and version


@dataclass(frozen=True)
class Deployed:
    """What there is now: where it answers, and how it is configured."""

    url: str
    has: Mapping[str, Any]
    is_ours: bool = True  # and not somebody else's, under the same name
    is_first_generation: bool = False

    @classmethod
    def find(cls, gcloud: Gcloud, settings: DeploySettings) -> Self | None:
        """The function as Google shows it; None where there is none."""
        found = describe(gcloud, settings)
        if not found:
            return None
        return cls(
            url=found.get("serviceConfig", {}).get("uri", ""),
            has=_has(found),
            is_ours=SOURCE in found.get("labels", {}),
            is_first_generation=found.get("environment") == "GEN_1",
        )

    @property
    def pins(self) -> Pins:
        """The versions that it is pinned to."""
        pins: Pins = self.has["secrets"]
        return pins


def bring_function(
    gcloud: Gcloud, settings: DeploySettings, pins: Pins, found: Deployed | None
) -> Deployed | None:
    """Deploy it, or what differs from what was found; None where a dry run has not made it."""
    builder = wanted_builder(settings, found.has["builder"] if found else None)
    wanted = _wanted(settings, pins) | {"builder": builder}
    deploy = "functions", "deploy", settings.function_name, "--gen2"
    place = f"--region={settings.gcp_region}", f"--source={FOLDER}"
    if found is None:
        flags = [flag for value, flag in wanted.values() if value is not None]
        private = "--trigger-http", "--no-allow-unauthenticated"
        gcloud.change(*deploy, *place, *private, *flags, takes=LONG)
    else:
        differing = [flag for key, (value, flag) in wanted.items() if found.has[key] != value]
        if not differing:
            return found
        gcloud.change(*deploy, *place, *differing, takes=LONG)
    return Deployed.find(gcloud, settings) or found


def _wanted(settings: DeploySettings, pins: Pins) -> dict[str, tuple[Any, str]]:
    """What the function should be, each with the flag that makes it so."""
    memory, timeout = settings.function_memory_mb, settings.function_timeout_seconds
    account, source = settings.account("function"), digest()
    variables = environment(settings)
    most = len(settings.addresses) + 1  # a call for each logger at once, and a daily one
    set_secrets = ",".join(f"{name}={secret}:{number}" for name, (secret, number) in pins.items())
    return {
        "runtime": (RUNTIME, f"--runtime={RUNTIME}"),
        "entry point": (ENTRY_POINT, f"--entry-point={ENTRY_POINT}"),
        "source": (source, f"--update-labels={SOURCE}={source}"),
        "account": (account, f"--run-service-account={account}"),
        "memory": (round(memory * UNITS["Mi"]), f"--memory={memory}Mi"),
        "timeout": (timeout, f"--timeout={timeout}s"),
        "concurrency": (1, "--concurrency=1"),
        "least": (0, "--min-instances=0"),
        "most": (most, f"--max-instances={most}"),
        "ingress": ("ALLOW_ALL", "--ingress-settings=all"),
        "variables": (variables, f"--set-env-vars={_listed(variables)}"),
        "secrets": (dict(pins), f"--set-secrets={set_secrets}"),
    }


def _listed(variables: Mapping[str, str]) -> str:
    """As `gcloud topic escaping` says."""
    told = [f"{name}={value}" for name, value in variables.items()]
    separator = next(one for one in SEPARATORS if one not in "".join(told))
    return f"^{separator}^{separator.join(told)}"


def environment(settings: DeploySettings, *, whole: bool = False) -> dict[str, str]:
    """The function's variables that are no secrets; `whole` with those that are empty."""
    several = ",".join(f"{name}={url}" for name, url in settings.targets.items())
    told = {
        "GCP_PROJECT_ID": settings.gcp_project_id,
        "GCS_BUCKET_NAME": settings.gcs_bucket_name,
        "SERVICE_NAME": "" if several else settings.service_name,
        "BACKUP_PREFIX": settings.backup_prefix or "",
        "SNAPSHOT_URL": settings.snapshot_url or "",
        "TARGETS": several,
        "KEEP_LAST": str(settings.keep_last),
        "KEEP_DAILY": str(settings.keep_daily),
        "MAX_SNAPSHOT_GB": f"{settings.max_snapshot_gb:g}",
        "CALL_TIMEOUT_SECONDS": f"{settings.function_timeout_seconds * CALL_SHARE:g}",
        "LOG_EXECUTION_ID": "true",  # has the framework tell which call a line of the log is of
    }
    return {name: value for name, value in told.items() if value or whole}


def _has(found: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a function as the API shows it; one that failed has no source that counts."""
    build, service = found.get("buildConfig", {}), found.get("serviceConfig", {})
    works = found.get("state") == "ACTIVE"
    return {
        "runtime": build.get("runtime"),
        "entry point": build.get("entryPoint"),
        "source": found.get("labels", {}).get(SOURCE) if works else None,
        "account": service.get("serviceAccountEmail"),
        "memory": _megabytes(service.get("availableMemory", "256M")),
        "timeout": service.get("timeoutSeconds"),
        "concurrency": service.get("maxInstanceRequestConcurrency", 1),
        "least": service.get("minInstanceCount", 0),
        "most": service.get("maxInstanceCount"),
        "ingress": service.get("ingressSettings"),
        "variables": service.get("environmentVariables", {}),
        "secrets": {
            one["key"]: (one["secret"], _number(one["version"]))
            for one in service.get("secretEnvironmentVariables", ())
        },
        "builder": build.get("serviceAccount"),
    }


def _megabytes(quantity: str) -> int:
    number = quantity.rstrip("kMGi")
    return round(float(number) * UNITS[quantity.removeprefix(number)])


def _number(version: str) -> int:
    """Of a pinned version; 0 for `latest`, which is none."""
    return int(version) if version.isdigit() else 0
