"""The jobs of one project and region, by Google's own client."""

from collections.abc import Iterable

from google.api_core.exceptions import DeadlineExceeded, ServiceUnavailable
from google.api_core.retry import Retry, if_exception_type
from google.cloud.scheduler_v1 import CloudSchedulerClient, Job
from google.protobuf.field_mask_pb2 import FieldMask

from scheduling.endpoint import open_transport
from scheduling.failures import translated

CALL_SECONDS = 30.0
# By itself the client goes on for ten minutes, and never where a call changes something.
_AGAIN = Retry(
    predicate=if_exception_type(ServiceUnavailable, DeadlineExceeded), timeout=CALL_SECONDS
)


class SchedulerClient:
    """`parent` is `projects/P/locations/R`; all names of jobs are whole ones.

    Raises, from every call: NoSuchJob, SchedulerRefused, SchedulerUnreachable.
    """

    def __init__(self, project: str, parent: str, token: str | None = None) -> None:
        self._parent = parent
        with translated(parent):
            self._client = CloudSchedulerClient(transport=open_transport(project, token))

    def jobs(self) -> list[Job]:
        """All there are, whosever they are."""
        with translated(self._parent):
            pages = self._client.list_jobs(parent=self._parent, retry=_AGAIN, timeout=CALL_SECONDS)
            return list(pages)

    def job(self, name: str) -> Job:
        """One of them."""
        with translated(name):
            return self._client.get_job(name=name, retry=_AGAIN, timeout=CALL_SECONDS)

    def create(self, job: Job) -> None:
        """Make it; raises JobExists."""
        with translated(job.name):
            self._client.create_job(parent=self._parent, job=job, timeout=CALL_SECONDS)

    def update(self, job: Job, fields: Iterable[str]) -> None:
        """Change these fields of it, and nothing else: a paused job stays paused."""
        mask = FieldMask(paths=[*fields])
        with translated(job.name):
            self._client.update_job(job=job, update_mask=mask, retry=_AGAIN, timeout=CALL_SECONDS)

    def run(self, name: str) -> None:
        """Send it on its way now, also while it runs."""
        with translated(name):
            self._client.run_job(name=name, timeout=CALL_SECONDS)

    def pause(self, name: str) -> None:
        """No further execution by itself; it has to be enabled."""
        with translated(name):
            self._client.pause_job(name=name, timeout=CALL_SECONDS)

    def resume(self, name: str) -> None:
        """Executions by its schedule again; it has to be paused."""
        with translated(name):
            self._client.resume_job(name=name, timeout=CALL_SECONDS)

    def delete(self, name: str) -> None:
        """Take it away."""
        with translated(name):
            self._client.delete_job(name=name, retry=_AGAIN, timeout=CALL_SECONDS)
