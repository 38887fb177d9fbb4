"""The pages' commands for Google Cloud work for whoever has done just what the pages say."""

import os
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.google_listening import Listening, deployed
from deploy.google_project import PROJECT, GoogleProject
from documentation.shown_commands import blocks_of, pages, shown_commands
from processes import ROOT

ACTIVATE = "source .local/deploy/bin/activate"
SHOWN = [one.text for one in shown_commands(ROOT)]
Run = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture
def run(project: GoogleProject, gcloud: Listening, tmp_path: Path) -> Iterator[Run]:
    """Runs a command of the pages with gcloud as it is after a login, on a function to spare."""
    with deployed(project, gcloud, lambda _: None):
        project.cloud.log("btc-backup", "us-central1", "it has failed", "ERROR")
        config = project.cloud.environment(tmp_path / "gcloud")
        # A fork of gcloud keeps the configuration that it was loaded with.
        path = project.variables["PATH"].partition(os.pathsep)[2]
        variables = project.variables | config | {"PATH": path}
        del variables["CLOUDSDK_CORE_PROJECT"]

        def run(command: str) -> subprocess.CompletedProcess[str]:
            assert command in SHOWN
            words = shlex.split(command.replace("your-gcp-project", PROJECT))
            return subprocess.run(words, env=variables, capture_output=True, text=True, check=False)

        yield run


def test_the_project_that_the_set_up_chooses_is_that_of_later_commands(run: Run) -> None:
    """Without it gcloud finds none."""
    read = "gcloud functions logs read btc-backup --gen2 --region=us-central1 --limit=20"
    assert "project" in run(read).stderr
    assert run("gcloud config set project your-gcp-project").returncode == 0
    assert "it has failed" in run(read).stdout


def test_a_delete_names_its_project(run: Run, project: GoogleProject) -> None:
    """Whatever gcloud is set to: another project may have a function of that name."""
    (delete,) = (text for text in SHOWN if text.startswith("gcloud functions delete"))
    assert run(delete).returncode == 0
    assert not project.cloud.functions


def test_the_environment_of_the_jobs_is_activated_wherever_they_are_asked_for() -> None:
    """Who copies one block has not seen the others."""
    found = 0
    for page in pages(ROOT):
        for block in blocks_of(page.read_text()):
            asks = [line for line in block if "python deploy/scheduler.py" in line]
            found += bool(asks)
            assert not asks or ACTIVATE in block[: block.index(asks[0])], (page, asks)
    assert found >= 5


def test_an_archive_is_copied_with_its_chunks_first() -> None:
    """A backup counts once its manifest is there, and then all of its chunks have to be."""
    copies = [text for text in SHOWN if text.startswith("gcloud storage cp gs://your-old-bucket")]
    first, second = copies
    assert "gs://your-old-bucket/btc-logger/chunks " in first
    assert "gs://your-old-bucket/btc-logger " in second
    assert all("--no-clobber" in copy for copy in copies)
