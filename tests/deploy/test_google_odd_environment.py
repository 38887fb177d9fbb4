"""What somebody's shell, or gcloud's own log, would make of what goes through gcloud."""

import os
from pathlib import Path

import pytest

from deploy.google_project import PROJECT, GoogleProject
from google_cloud.gcloud import Gcloud
from google_cloud.secret_versions import Secrets

NOTIFY = "mailto://u:p@mail.example?name=Wächter"
SECRET = "btc-backup-notify-urls"


@pytest.fixture
def alone(project: GoogleProject, monkeypatch: pytest.MonkeyPatch) -> Gcloud:
    """Commands in processes of its own, each of which takes its encoding from its variables."""
    path = os.environ["PATH"]
    project.lead_here(monkeypatch)
    monkeypatch.setenv("PATH", path)
    return Gcloud(PROJECT, lambda _: None)


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_an_address_comes_back_as_it_was_stored_in_any_encoding(
    project: GoogleProject, alone: Gcloud, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """Otherwise each run would store it again."""
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    secrets = Secrets(alone, project.settings())
    secrets.add(SECRET, NOTIFY)
    assert secrets.content(SECRET, secrets.versions(SECRET)[-1]) == NOTIFY


@pytest.mark.parametrize("words", ["auth print-access-token", "auth print-identity-token"])
def test_a_token_is_in_no_log_of_gcloud(
    project: GoogleProject, alone: Gcloud, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """Which would keep it for a month; what else gcloud does is logged as its owner wants it."""
    monkeypatch.delenv("CLOUDSDK_CORE_DISABLE_FILE_LOGGING")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(folder := project.folder / "gcloud"))
    alone.find("secrets", "list")
    token = alone.text(*words.split()).strip()
    logs = [file.read_text() for file in Path(folder, "logs").rglob("*.log")]
    assert token
    assert logs
    assert not [log for log in logs if token in log]


def test_a_terminal_that_lacks_a_letter_ends_nothing(project: GoogleProject) -> None:
    """The change that has it is shown all the same."""
    done = project.run("--dry-run", BACKUP_PREFIX="Wächter", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert r"BACKUP_PREFIX=W\xe4chter" in done.stdout
    assert "BACKUP_PREFIX=Wächter" in project.run("--dry-run", BACKUP_PREFIX="Wächter").stdout
