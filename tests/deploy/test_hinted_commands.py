"""The commands that the set-up prints run as printed, whatever project gcloud is set to."""

import ast
import re
import shlex
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from google.api_core.exceptions import Forbidden

from deploy.google_listening import FUNCTION, Listening, deployed
from deploy.google_project import PROJECT, GoogleProject
from google_cloud.archive_checks import newest_backup
from google_cloud.function import Deployed
from google_cloud.function_checks import knows_how_it_stands
from google_cloud.function_found import refuse_first_generation, tell_what_goes
from processes import ROOT
from scheduling import actions
from scheduling.arguments import parse
from scheduling.client import SchedulerClient
from scheduling.failures import SchedulerDisabled, translated
from scheduling.jobs import parent_of
from shared.errors import BadSettings

COMMAND = re.compile(r"gcloud (?:[\w.-]+ )+(?:--\S+ ?)+")
OF_A_PROJECT = re.compile(r"gcloud (?:functions|secrets|services|scheduler|run|iam)\b[^;:]*")
SOURCES = sorted((ROOT / "deploy").rglob("*.py"))
OFF = "Cloud Scheduler API has not been used in project 1 before or it is disabled"


def run_hinted(project: GoogleProject, hint: str) -> str:
    """What a hint's command prints for a person whose gcloud is set to no project."""
    (command,) = COMMAND.findall(hint)
    variables = {k: v for k, v in project.variables.items() if k != "CLOUDSDK_CORE_PROJECT"}
    done = subprocess.run(
        shlex.split(command), env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class Broken(BaseHTTPRequestHandler):
    """A function that does not know how it stands."""

    def do_POST(self) -> None:
        """Nor says anything."""
        self.send_response(500)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def broken() -> Iterator[str]:
    """Its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Broken) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_log_is_read_as_the_doctor_says(
    project: GoogleProject, gcloud: Listening, broken: str
) -> None:
    """Where nothing has arrived, and where the function fails."""
    project.cloud.log("btc-backup", "us-central1", "it has failed", "ERROR")
    settings = project.settings(BACKUP_PREFIX="nothing")
    for finding in (
        newest_backup(gcloud, settings, "btc-logger"),
        knows_how_it_stands(gcloud, settings, broken, "btc-logger"),
    ):
        assert not finding.ok
        assert "it has failed" in run_hinted(project, finding.hint)


def test_the_address_of_the_function_is_found_as_the_jobs_say(
    project: GoogleProject, gcloud: Listening, tmp_path: Path
) -> None:
    """Which look in another region, where there is no job yet; the function has to be there."""
    settings = project.settings(GCP_REGION="us-east1")
    client = SchedulerClient(PROJECT, parent_of(settings))
    options = parse(["apply", "--settings", str(tmp_path)], "")
    with pytest.raises(BadSettings, match="found none") as error:
        actions.apply_all(options, settings, client)
    found = Deployed.find(gcloud, project.settings())
    assert found
    hint = error.value.hint.replace("us-east1", "us-central1")
    assert run_hinted(project, hint).strip() == found.url


def test_a_function_in_another_region_is_taken_away_as_it_is_told(
    project: GoogleProject, gcloud: Listening
) -> None:
    """In the settings' project."""
    with deployed(project, gcloud, lambda _: None):
        tell_what_goes(gcloud, project.settings(GCP_REGION="europe-west1"), None, {})
        run_hinted(project, gcloud.shown)
        assert not project.cloud.functions


def test_a_function_of_the_first_generation_is_deleted_as_it_is_told(
    project: GoogleProject, gcloud: Listening
) -> None:
    """Of the first generation's API there is no stand-in, so gcloud's own parser judges."""

    def change(functions: dict[str, Any]) -> None:
        functions[FUNCTION]["environment"] = "GEN_1"

    with (
        deployed(project, gcloud, change) as found,
        pytest.raises(BadSettings, match=f"--project={PROJECT}") as error,
    ):
        refuse_first_generation(project.settings(), found)
    (command,) = COMMAND.findall(error.value.hint)
    words = ["gcloud", "meta", "lint-gcloud-commands", f"--command-string={command.strip()}"]
    said = subprocess.check_output(words, env=project.variables, text=True)
    assert '"success": true' in said


def test_the_service_is_enabled_as_the_jobs_say(project: GoogleProject) -> None:
    """In the project that the jobs are of."""
    name = parent_of(project.settings())
    with pytest.raises(SchedulerDisabled) as error, translated(name):
        raise Forbidden(OFF)  # type: ignore[no-untyped-call]  # google-api-core has few types
    run_hinted(project, error.value.hint)


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT / "deploy")))
def test_a_command_that_is_printed_names_its_project(file: Path) -> None:
    """Another one's function of the same name would be meant."""
    for text in texts(ast.parse(file.read_text())):
        for command in OF_A_PROJECT.findall(text):
            assert "--project=" in command


def texts(node: ast.AST) -> Iterator[str]:
    """All strings, those with values in them whole, with a word for each value."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else "value" for part in node.values
        )
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    else:
        for child in ast.iter_child_nodes(node):
            yield from texts(child)
