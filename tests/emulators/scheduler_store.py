"""The jobs that the Cloud Scheduler stand-in keeps, and what may be done with them."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from google.cloud.scheduler_v1 import Job
from google.rpc.code_pb2 import Code

from emulators.scheduler_checks import check
from emulators.scheduler_clock import Clock
from emulators.scheduler_execution import Executions
from emulators.scheduler_jobs import (
    Message,
    Refused,
    completed,
    fresh,
    invalid,
    merged,
    parsed,
    told,
)
from emulators.scheduler_kept import KeptJob

LONGEST_PAGE = 500  # jobs


class JobStore:
    """The jobs of all projects, by their whole names; every method answers in JSON."""

    def __init__(
        self,
        clock: Clock,
        executions: Executions,
        locations: Collection[str],
        knows_account: Callable[[str], bool],
    ) -> None:
        self._clock, self._executions = clock, executions
        self._jobs = executions.jobs
        self._locations, self._knows_account = locations, knows_account

    def told(self) -> dict[str, dict[str, Any]]:
        """All of them, by the last part of their names."""
        with self._clock.changed:
            return {name.rpartition("/")[2]: told(kept.job) for name, kept in self._jobs.items()}

    def locations(self, project: str) -> dict[str, Any]:
        """Where jobs may lie; `project` is `projects/P`."""
        places = [f"{project}/locations/{one}" for one in self._locations]
        return {"locations": [self.location(place) for place in places]}

    def location(self, name: str) -> dict[str, Any]:
        """One of these places."""
        location = self._location(name)
        return {
            "name": name,
            "locationId": location,
            "labels": {"cloud.googleapis.com/region": location},
        }

    def page(self, parent: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Some of the jobs of a place; a page's token is the name that it begins with."""
        self._location(parent)
        size = min(int(query.get("pageSize") or LONGEST_PAGE), LONGEST_PAGE)
        with self._clock.changed:
            names = sorted(name for name in self._jobs if name.startswith(f"{parent}/jobs/"))
            names = [name for name in names if name >= query.get("pageToken", "")]
            page = {"jobs": [told(self._jobs[name].job) for name in names[:size]]}
        return page | ({"nextPageToken": names[size]} if names[size:] else {})

    def create(self, parent: str, document: object) -> dict[str, Any]:
        """Make a job."""
        self._location(parent)
        job = parsed(document)
        if not job.name.startswith(f"{parent}/jobs/"):
            raise invalid(f"Job name must begin with {parent}/jobs/; found {job.name!r}.")
        self._check(job)
        with self._clock.changed:
            if job.name in self._jobs:
                raise Refused(409, Code.ALREADY_EXISTS, f"Job {job.name} already exists.")
            kept = KeptJob(fresh(completed(job, self._clock.now())))
            self._jobs[job.name] = kept
            self._executions.reschedule(kept)
            return told(kept.job)

    def get(self, name: str) -> dict[str, Any]:
        """A job."""
        with self._clock.changed:
            return told(self._found(name).job)

    def patch(self, name: str, document: object, mask: str) -> dict[str, Any]:
        """Change fields of a job, which stays paused where it is."""
        changes = parsed(document)
        with self._clock.changed:
            kept = self._found(name)
            job = merged(kept.job, changes, mask)
            self._check(job)
            kept.job = completed(job, self._clock.now())
            self._executions.reschedule(kept)
            return told(kept.job)

    def delete(self, name: str) -> dict[str, Any]:
        """Take a job away."""
        with self._clock.changed:
            self._found(name).is_gone = True
            del self._jobs[name]
            self._clock.changed.notify_all()
        return {}

    def pause(self, name: str) -> dict[str, Any]:
        """No execution by the schedule."""
        return self._change_state(name, Job.State.ENABLED, Job.State.PAUSED)

    def resume(self, name: str) -> dict[str, Any]:
        """Executions by the schedule again."""
        return self._change_state(name, Job.State.PAUSED, Job.State.ENABLED)

    def run(self, name: str) -> dict[str, Any]:
        """Send a job on its way."""
        with self._clock.changed:
            kept = self._found(name)
            self._executions.run(kept)
            return told(kept.job)

    def _change_state(self, name: str, before: int, after: int) -> dict[str, Any]:
        with self._clock.changed:
            kept = self._found(name)
            if kept.job.state != before:
                message = f"The state of the job must be {Job.State(before).name}."
                raise Refused(400, Code.FAILED_PRECONDITION, message)
            kept.job.state = after
            self._executions.reschedule(kept)
            return told(kept.job)

    def _found(self, name: str) -> KeptJob:
        if name not in self._jobs:
            raise Refused(404, Code.NOT_FOUND, "Job not found.")
        return self._jobs[name]

    def _check(self, job: Message) -> None:
        check(job)
        account = job.http_target.oidc_token.service_account_email
        if account and not self._knows_account(account):
            raise Refused(
                403,
                Code.PERMISSION_DENIED,
                'The principal (user or service account) lacks IAM permission "iam.serviceAccounts'
                f'.actAs" for the resource "{account}" (or the resource may not exist).',
            )

    def _location(self, name: str) -> str:
        location = name.rpartition("/")[2]
        if location not in self._locations:
            message = f"Location '{location}' is not a valid location."
            raise Refused(404, Code.NOT_FOUND, message)
        return location
