"""What a reader of the pages has before the first command: stand-ins for Google and Render.

Nobody is signed in, no project is chosen, and nothing is set up yet.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.cloud_run import running_project
from deploy.google_project import BUCKET, PROJECT, GoogleProject
from deploy.on_render import OnRender
from documentation.reader import LOGGER, Reader
from documentation.stage import copy_repository
from emulators.gcloud_forks import GcloudForks
from emulators.google_by_name import GoogleByName
from emulators.google_person import Person

_CHOSEN = ("CLOUDSDK_CORE_ACCOUNT", "CLOUDSDK_CORE_PROJECT")


@contextmanager
def beginning(folder: Path, forks: GcloudForks) -> Iterator[Reader]:
    """Somebody who has cloned the repository, and has a project with nothing in it."""
    checkout = copy_repository(folder / "checkout")
    (checkout / ".local").mkdir()
    # The environment that google.sh makes of the package index: this one has all of it.
    (checkout / ".local" / "deploy").symlink_to(sys.prefix)
    (scratch := folder / "scratch").mkdir()
    with (
        running_project(folder / "google", forks) as (project, cloud_run),
        GoogleByName(project.cloud) as named,
        _render(folder / "render", project) as render,
    ):
        variables = {
            **{name: value for name, value in project.variables.items() if name not in _CHOSEN},
            **project.cloud.signed_out_environment(folder / "config"),
            **Person(project.cloud.operator).environment,
            **named.environment,
            "PATH": os.environ["PATH"],
            "API_ENDPOINT_OVERRIDE": project.storage.url,
        }
        names = {
            "your-gcp-project": PROJECT,
            "your-btc-data-bucket": BUCKET,
            "BUCKET/PREFIX": f"{BUCKET}/btc-logger",
            LOGGER: render.url,
        }
        yield Reader(scratch, checkout, project, cloud_run, render, variables, names)


def _render(folder: Path, project: GoogleProject) -> OnRender:
    """What the Blueprint asks for, but the token; and where storage is."""
    asked_for = {"GCP_PROJECT_ID": PROJECT, "GCS_BUCKET_NAME": BUCKET}
    storage = {"API_ENDPOINT_OVERRIDE": project.storage.url}
    return OnRender(folder, asked_for | storage, old_stays=5)
