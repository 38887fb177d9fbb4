"""The token that the function gets is shown, whatever ends the run that has made it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.google_cut_off import Gate, started
from deploy.google_project import GoogleProject, google_project
from deploy.google_rotating import PATIENCE_SECONDS, content, pinned, secret
from emulators.gcloud_forks import GcloudForks
from emulators.google_secrets import Secret, Version

TOKEN = "btc-backup-btc-logger-snapshot-token"


class Busy(list[Version]):
    """The versions of a secret to which another run adds one right after each."""

    def append(self, version: Version) -> None:
        """Both."""
        super().append(version)
        super().append(Version(version.number + 1, b"of-another-run", is_checked=True))


@pytest.fixture
def gate() -> Gate:
    """Through which deploys go."""
    return Gate()


@pytest.fixture
def project(tmp_path: Path, forks: GcloudForks, gate: Gate) -> Iterator[GoogleProject]:
    """One in which nothing is set up."""
    with google_project(tmp_path / "google", forks, gate.serve) as project:
        yield project


def test_a_run_that_is_killed_in_the_deploy_has_shown_it(
    project: GoogleProject, gate: Gate
) -> None:
    """As when the terminal is closed: the next run finds it in use, and shows none."""
    with gate.closed() as reached, started(project, "--no-doctor") as running:
        assert reached.wait(PATIENCE_SECONDS)
        running.kill()
        assert running.stdout
        shown = running.stdout.read()
    assert content(secret(project)) in shown


def test_it_stands_at_the_end_of_the_run_again(project: GoogleProject) -> None:
    """Below all that was said since; then never again."""
    done = project.run("--no-doctor")
    token = content(secret(project))
    assert done.stdout.count(token) == 2
    assert done.stdout.index("key for Render") < done.stdout.rindex(token)
    assert token not in project.run("--no-doctor").stdout


def test_one_that_nobody_could_be_shown_is_shown_by_the_next_run(project: GoogleProject) -> None:
    """Nobody reads the output any more when it is made, as with `| head`."""
    with started(project, "--no-doctor") as running:
        assert running.stdout
        assert running.stderr
        while "secrets versions add" not in running.stdout.readline():
            pass
        running.stdout.close()
        complaint = running.stderr.read()
        assert running.wait() == 1
    assert complaint.splitlines()[-1].startswith("error: nobody reads")
    assert "Traceback" not in complaint
    done = project.run("--no-doctor")
    assert done.returncode == 0, done.stderr
    assert content(secret(project)) in done.stdout
    assert len(secret(project).versions) == 1


def test_what_is_shown_is_what_the_function_has(project: GoogleProject) -> None:
    """Though another run has added a newer one by then."""
    project.cloud.secrets[TOKEN] = Secret(TOKEN, {"made-by": "btc-backup"}, Busy())
    done = project.run("--no-doctor")
    assert done.returncode == 0, done.stderr
    version = secret(project).versions[pinned(project) - 1]
    assert version.payload.decode() in done.stdout
