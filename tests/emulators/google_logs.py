"""Cloud Logging, version 2: the entries of services, as `functions logs read` asks for them."""

import json
import re
from itertools import count

from emulators.google_api import Asked, GoogleError, Json, Route, timestamp

_SEVERITIES = ("DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL")
_CLAUSE = re.compile(r'([\w."-]+?)(>=|<=|=|:)"?([^"\s()]+)"?')
_KNOWN = {
    "resource.type",
    "resource.labels.location",
    "resource.labels.region",
    "resource.labels.function_name",
    "resource.labels.service_name",
    "logName",
    'labels."goog-managed-by"',
    "timestamp",
    "severity",
}


class Logs:
    """The entries of a project's services."""

    def __init__(self, project: str) -> None:
        self._project = project
        self._ids = count(1)
        self._entries: list[Json] = []

    def routes(self) -> list[Route]:
        """What is offered."""
        path, api = "/v2/entries:list", "logging.googleapis.com"
        return [Route("logging", "entries.list", "POST", path, self._list, api)]

    def hear(self, service: str, region: str, line: str) -> None:
        """Make an entry of a line of a service's output.

        One of JSON says its severity, and has fields (https://cloud.google.com/run/docs/logging).
        """
        try:
            told = json.loads(line)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            self.add(service, region, line, "DEFAULT")
            return
        severity = told.pop("severity", "DEFAULT")
        self._add(service, region, severity, {"jsonPayload": told})

    def add(self, service: str, region: str, message: str, severity: str) -> None:
        """Write an entry, as a service does by a line of its output."""
        self._add(service, region, severity, {"textPayload": message})

    def _add(self, service: str, region: str, severity: str, payload: Json) -> None:
        if severity not in _SEVERITIES:
            raise ValueError(f"{severity} is none of {', '.join(_SEVERITIES)}")
        entry = {
            "insertId": f"{next(self._ids):08d}",
            "logName": f"projects/{self._project}/logs/run.googleapis.com%2Fstderr",
            "resource": {
                "type": "cloud_run_revision",
                "labels": {"service_name": service, "location": region},
            },
            "labels": {"goog-managed-by": "cloudfunctions"},
            "severity": severity,
            "timestamp": timestamp(),
            **payload,
        }
        self._entries.append(entry)

    def _list(self, asked: Asked) -> Json:
        clauses = _CLAUSE.findall(asked.body.get("filter", ""))
        if unknown := sorted({name for name, _, _ in clauses} - _KNOWN):
            raise GoogleError(501, f"the stand-in does not offer the filter {', '.join(unknown)}")
        told = {f"{name}{sign}": value for name, sign, value in clauses}
        found = [entry for entry in self._entries if _fits(entry, told)]
        if asked.body.get("orderBy", "").lower() == "timestamp desc":
            found.reverse()
        return {"entries": found[: asked.body.get("pageSize", len(found))]}


def _fits(entry: Json, told: dict[str, str]) -> bool:
    labels = entry["resource"]["labels"]
    severity = told.get("severity>=", "DEFAULT")
    return (
        told.get("resource.labels.service_name=", labels["service_name"]) == labels["service_name"]
        and told.get("resource.labels.location=", labels["location"]) == labels["location"]
        and _SEVERITIES.index(entry["severity"]) >= _SEVERITIES.index(severity)
        and told.get("timestamp>=", "") <= entry["timestamp"]
        and entry["timestamp"] <= told.get("timestamp<=", "9")
    )
