"""Whatever is deployed to a project on loopback runs, under functions-framework, as its account."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Self

from deploy.google_project import GoogleProject, google_project
from emulators.gcloud_forks import GcloudForks
from emulators.google_deployment import Deployment
from emulators.metadata_server import MetadataServer
from emulators.scheduler_clock import Clock
from job_processes import FUNCTION_WORDS, JobProcess, running


class CloudRun:
    """Starts each deployment in the place of the one before; a context that ends the last."""

    def __init__(self) -> None:
        self._running = ExitStack()
        self._function: JobProcess | None = None
        self.project: GoogleProject | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def function(self) -> JobProcess:
        """What runs; AssertionError where nothing was deployed."""
        assert self._function, "nothing was deployed"
        return self._function

    def serve(self, deployment: Deployment) -> str:
        """The address of the container, once it listens."""
        assert self.project
        self._running.close()
        email, storage = deployment.service_account, self.project.storage
        metadata = MetadataServer(email, partial(storage.token, email))
        self._running.enter_context(metadata)
        settings = {
            **deployment.environment,
            **deployment.secrets,
            **metadata.environment,
            "K_SERVICE": deployment.name,
            "API_ENDPOINT_OVERRIDE": storage.url,
            "GUNICORN_LOG_LEVEL": "info",  # its server then tells its address
            # In the place of two instances, each of which takes one request (`--concurrency=1`).
            "WORKERS": "2",
            "THREADS": "1",
        }
        words = [*FUNCTION_WORDS, "--port", "0"]
        self._function = self._running.enter_context(running(deployment.source, words, settings))
        found = self._function.wait_for_line(r"Listening at: (http://127\.0\.0\.1:\d+)")
        return found[1]


@contextmanager
def running_project(
    folder: Path, forks: GcloudForks, clock: Clock | None = None
) -> Iterator[tuple[GoogleProject, CloudRun]]:
    """A project in which nothing was set up yet, and what runs of it."""
    with (
        CloudRun() as cloud_run,
        google_project(folder, forks, cloud_run.serve, clock) as project,
    ):
        cloud_run.project = project
        yield project, cloud_run
