"""A rotation that did not come to its end goes on with its token, and with what is there by then.

The logger has that token already: another one would shut the function out.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from deploy.google_cut_off import Gate, started
from deploy.google_listening import FUNCTION
from deploy.google_project import GoogleProject
from deploy.google_rotating import (
    PATIENCE_SECONDS,
    Logger,
    content,
    pinned,
    project_with,
    secret,
    states,
)
from emulators.gcloud_forks import GcloudForks
from emulators.google_deployment import container_failed
from emulators.google_failures import Failure

ON_LOOPBACK = "json://127.0.0.1:9/{}"


@pytest.fixture(scope="module")
def logger() -> Iterator[Logger]:
    """A logger on loopback."""
    with Logger() as running:
        yield running


@pytest.fixture(scope="module")
def gate() -> Gate:
    """Through which deploys go."""
    return Gate()


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, forks: GcloudForks, logger: Logger, gate: Gate
) -> Iterator[GoogleProject]:
    """One that is set up, and whose logger has the token."""
    folder = tmp_path_factory.mktemp("google rotation again")
    with project_with(logger, folder, forks, gate.serve) as project:
        yield project


def assert_goes_on(project: GoogleProject, logger: Logger) -> None:
    """The next rotation makes no token, and comes to the end with the logger's."""
    made = len(secret(project).versions)
    done = project.run("rotate-token")
    assert done.returncode == 0, done.stderr
    assert logger.token in done.stdout
    assert "an earlier rotation goes on" in done.stdout
    assert content(secret(project)) == logger.token
    assert pinned(project) == len(secret(project).versions) == made
    assert states(secret(project)) == ["DESTROYED"] * (made - 1) + ["ENABLED"]
    assert project.cloud.functions[FUNCTION]["state"] == "ACTIVE"


def test_after_a_deploy_that_failed(project: GoogleProject, logger: Logger) -> None:
    """The function shows the new pin, and serves the old token."""
    project.cloud.plan(
        Failure("functions.patch", container_failed("btc-backup"), as_operation=True)
    )
    with ThreadPoolExecutor(1) as pool:
        rotating = pool.submit(project.run, "rotate-token")
        logger.token = logger.wait_for_another_token()
        assert rotating.result(PATIENCE_SECONDS).returncode == 4
    assert pinned(project) == len(secret(project).versions)
    assert_goes_on(project, logger)


def test_after_a_kill_in_the_deploy(project: GoogleProject, logger: Logger, gate: Gate) -> None:
    """Which goes on at Google, and comes to its end there."""
    with gate.closed() as reached, started(project, "rotate-token") as rotating:
        logger.token = logger.wait_for_another_token()
        assert reached.wait(PATIENCE_SECONDS)
        rotating.kill()
        rotating.wait()
    assert_goes_on(project, logger)


def test_what_another_run_deploys_during_the_wait_stays(
    project: GoogleProject, logger: Logger
) -> None:
    """The versions that it has destroyed are not asked for again, nor are old settings."""
    with ThreadPoolExecutor(1) as pool:
        rotating = pool.submit(project.run, "rotate-token")
        new = logger.wait_for_another_token()
        project.write_settings(
            SNAPSHOT_URL=logger.url, NOTIFY_URLS=ON_LOOPBACK.format("new"), KEEP_LAST="20"
        )
        assert project.run("--no-doctor").returncode == 0
        told = pinned(project, "NOTIFY_URLS")
        logger.token = new
        done = rotating.result(PATIENCE_SECONDS)
    assert done.returncode == 0, done.stderr
    assert pinned(project, "NOTIFY_URLS") == told == 2
    assert pinned(project) == len(secret(project).versions)
    has = project.cloud.functions[FUNCTION]["serviceConfig"]["environmentVariables"]
    assert has["KEEP_LAST"] == "20"
