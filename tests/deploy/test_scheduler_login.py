"""As whom `deploy/scheduler.py` speaks, and what it says where nobody is logged in."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.oauth2.credentials import Credentials

from deploy.scheduler_setup import write_settings
from emulators.gcloud_forks import GcloudForks
from emulators.google_cloud import OPERATOR, GoogleCloudFake
from emulators.recording_gcloud import RecordingGcloud
from google_cloud.failures import GcloudFailed
from processes import ROOT
from scheduling.endpoint import ENDPOINT
from scheduling.login import KEY_FILE, TOKEN, credentials

SCRIPT = ROOT / "deploy" / "scheduler.py"
NOBODY = "https://127.0.0.1:9/"  # the discard port
DEFAULTS = """{"type": "authorized_user", "client_id": "id", "client_secret": "none",
"refresh_token": "somebody-else"}"""


@pytest.fixture
def cloud() -> Iterator[GoogleCloudFake]:
    """A project, and one person who is logged in by `gcloud auth login`."""
    with GoogleCloudFake("your-project") as fake:
        yield fake


@pytest.fixture
def shell(
    cloud: GoogleCloudFake, tmp_path: Path, forks: GcloudForks, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """That person's variables, which this process has, too; gcloud has no project."""
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CLOUDSDK_")},
        "HOME": str(tmp_path),
        "PATH": RecordingGcloud(tmp_path / "bin", forks).path,
        "NO_GCE_CHECK": "true",
        **cloud.environment(tmp_path / "gcloud"),
    }
    for name in (TOKEN, KEY_FILE, "CLOUDSDK_CORE_PROJECT"):
        variables.pop(name, None)
    for name in os.environ.keys() - variables.keys():
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


def listed(folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """How `list` ends where Cloud Scheduler does not answer."""
    words = [sys.executable, str(SCRIPT), "list", "--settings", str(write_settings(folder))]
    variables = {**variables, ENDPOINT: NOBODY}
    return subprocess.run(words, env=variables, capture_output=True, text=True, check=False)


def login() -> Credentials:
    """As whom it would speak."""
    found = credentials("your-project")
    assert isinstance(found, Credentials)
    return found


@pytest.fixture
def logged_out(
    shell: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Those variables after `gcloud auth revoke`."""
    (tmp_path / "gcloud" / "credentials.db").unlink()
    monkeypatch.delenv("CLOUDSDK_CORE_ACCOUNT")
    return {name: value for name, value in shell.items() if name != "CLOUDSDK_CORE_ACCOUNT"}


def test_the_login_that_the_set_up_asks_for_is_enough(
    shell: dict[str, str], tmp_path: Path
) -> None:
    """There are no application default credentials; it gets as far as to Cloud Scheduler."""
    done = listed(tmp_path, shell)
    assert "Cloud Scheduler did not answer" in done.stderr
    assert "logged in" not in done.stderr


@pytest.mark.usefixtures("shell")
def test_it_is_whoever_runs_the_set_up(cloud: GoogleCloudFake, tmp_path: Path) -> None:
    """Also where the application default credentials are somebody else's."""
    (tmp_path / "gcloud" / "application_default_credentials.json").write_text(DEFAULTS)
    found = login()
    assert cloud.tokens.holder(str(found.token)) == OPERATOR
    assert found.quota_project_id == "your-project"


@pytest.mark.usefixtures("shell")
def test_who_names_somebody_else_means_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key file comes before gcloud, and a token before both."""
    (key := tmp_path / "key.json").write_text(DEFAULTS)
    monkeypatch.setenv(KEY_FILE, str(key))
    assert login().refresh_token == "somebody-else"
    monkeypatch.setenv(TOKEN, "a-token")
    assert login().token == "a-token"


@pytest.mark.usefixtures("logged_out")
def test_without_gcloud_it_is_the_application_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether nobody is logged in there, or it is not installed."""
    (tmp_path / "gcloud" / "application_default_credentials.json").write_text(DEFAULTS)
    assert login().refresh_token == "somebody-else"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert login().refresh_token == "somebody-else"


@pytest.mark.parametrize("is_installed", [True, False])
def test_where_nobody_is_logged_in_both_ways_are_named(
    logged_out: dict[str, str], tmp_path: Path, is_installed: bool
) -> None:
    """In one sentence."""
    path = logged_out["PATH"] if is_installed else str(tmp_path)
    done = listed(tmp_path, {**logged_out, "PATH": path})
    assert done.returncode == 3
    assert done.stderr == (
        "error: nobody is logged in, by gcloud or by application default credentials. "
        "Log in: gcloud auth login, or gcloud auth application-default login\n"
    )


def test_a_login_that_has_ended_is_told(
    cloud: GoogleCloudFake, shell: dict[str, str], tmp_path: Path
) -> None:
    """Nobody else takes its place."""
    (tmp_path / "gcloud" / "application_default_credentials.json").write_text(DEFAULTS)
    cloud.tokens.refresh_token = "another"
    with pytest.raises(GcloudFailed, match="Log in: gcloud auth login"):
        credentials("your-project")
    assert listed(tmp_path, shell).returncode == 3


def test_without_its_environment_it_says_which_command_activates_it() -> None:
    """A Python that has none of the packages."""
    done = subprocess.run(
        [sys.executable, "-S", SCRIPT, "list"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == (
        "error: No module named 'pydantic', expected the environment that deploy/google.sh makes. "
        f"Activate it: source {ROOT}/.local/deploy/bin/activate\n"
    )
