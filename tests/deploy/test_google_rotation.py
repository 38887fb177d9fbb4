"""New tokens, keys and addresses in the place of old ones, by `deploy/google.sh`."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from deploy.google_listening import FUNCTION
from deploy.google_project import ACCOUNT, PROJECT, GoogleProject
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
from google_cloud.gcloud import Gcloud
from google_cloud.rotation import give_to_logger
from shared.errors import BadSettings


@pytest.fixture(scope="module")
def logger() -> Iterator[Logger]:
    """A logger on loopback."""
    with Logger() as running:
        yield running


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, forks: GcloudForks, logger: Logger
) -> Iterator[GoogleProject]:
    """One that is set up, and whose logger has the token."""
    with project_with(logger, tmp_path_factory.mktemp("google rotation"), forks) as project:
        yield project


def test_a_new_token_reaches_the_function_once_the_logger_has_it(
    project: GoogleProject, logger: Logger
) -> None:
    """Until then the old one stays good; afterwards it is gone."""
    before = pinned(project)
    with ThreadPoolExecutor(1) as pool:
        rotating = pool.submit(project.run, "rotate-token")
        new = logger.wait_for_another_token()
        assert pinned(project) == before
        logger.token = new
        done = rotating.result(PATIENCE_SECONDS)
    assert done.returncode == 0, done.stderr
    assert new in done.stdout
    assert content(secret(project)) == new
    assert pinned(project) == len(secret(project).versions) > before
    assert states(secret(project)) == ["DESTROYED"] * before + ["ENABLED"]
    assert not [one for one in project.gcloud.commands if new in " ".join(one.words)]


def test_a_rotation_that_was_interrupted_goes_on_with_its_token(
    project: GoogleProject, logger: Logger
) -> None:
    """Somebody may have given it to Render already; a set-up in between leaves the old pin."""
    before, held = pinned(project), secret(project)
    held_before = len(held.versions)
    version = held.versions[-1].__class__(held_before + 1, b"made-by-the-first-try", True)
    held.versions.append(version)
    assert project.run("--no-doctor").returncode == 0
    assert pinned(project) == before
    logger.token = "made-by-the-first-try"
    done = project.run("rotate-token")
    assert done.returncode == 0, done.stderr
    assert "made-by-the-first-try" in done.stdout
    assert pinned(project) == len(held.versions) == held_before + 1


def test_a_dry_rotation_makes_no_token(project: GoogleProject) -> None:
    """It shows what would be done."""
    before = project.changes()
    done = project.run("--dry-run", "rotate-token")
    assert done.returncode == 0, done.stderr
    assert "+ gcloud secrets versions add btc-backup-btc-logger-snapshot-token" in done.stdout
    assert "+ gcloud functions deploy btc-backup" in done.stdout
    assert project.changes() == before


def test_without_a_good_version_a_rotation_makes_one(project: GoogleProject) -> None:
    """Somebody has disabled all that there were."""
    held = secret(project).versions
    before = [version.state for version in held]
    for version in held:
        version.state = "DISABLED" if version.state == "ENABLED" else version.state
    try:
        done = project.run("--dry-run", "rotate-token")
    finally:
        for version, state in zip(held, before, strict=True):
            version.state = state
    assert done.returncode == 0, done.stderr
    assert "+ gcloud secrets versions add btc-backup-btc-logger-snapshot-token" in done.stdout


def test_a_function_that_is_not_as_the_settings_want_it_comes_first(
    project: GoogleProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is rotated over several loggers of which it knows one, nor over `latest`."""
    project.lead_here(monkeypatch)
    gcloud, before = Gcloud(PROJECT, lambda _: None), project.changes()
    several = "btc-logger=https://a.example,eth-logger=https://b.example"
    settings = project.settings(SNAPSHOT_URL="", TARGETS=several)
    for target in settings.targets:
        with pytest.raises(BadSettings, match=r"Run deploy/google\.sh first"):
            give_to_logger(gcloud, settings, target, print)
    told = project.cloud.functions[FUNCTION]["serviceConfig"]["secretEnvironmentVariables"]
    notify = next(one for one in told if one["key"] == "NOTIFY_URLS")
    number, notify["version"] = notify["version"], "latest"
    try:
        with pytest.raises(BadSettings, match=r"Run deploy/google\.sh first"):
            give_to_logger(gcloud, project.settings(), "btc-logger", print)
    finally:
        notify["version"] = number
    assert project.changes() == before


def test_an_unknown_logger_is_refused(project: GoogleProject) -> None:
    """With the names of those that there are."""
    done = project.run("rotate-token", "--target", "eth-logger")
    assert done.returncode == 2
    assert "--target: found 'eth-logger', expected btc-logger" in done.stderr


def test_a_second_key_leaves_the_first_one_good(project: GoogleProject) -> None:
    """Until somebody says that Render has the new one."""
    account = project.cloud.accounts[ACCOUNT.format("render")]
    project.key_file.unlink(missing_ok=True)
    for key in account.keys.values():
        key.created_at = "2026-01-01T00:00:00Z"
    before = list(account.keys)
    assert project.run("rotate-key").returncode == 0
    made = json.loads(project.key_file.read_text())["private_key_id"]
    assert list(account.keys) == [*before, made]
    refused = project.run("delete-old-keys")
    assert (refused.returncode, list(account.keys)) == (2, [*before, made])
    assert "Give --yes" in refused.stderr
    assert f"The key {made}, of " in refused.stderr
    assert project.run("delete-old-keys", "--yes").returncode == 0
    assert list(account.keys) == [made]
    again = project.run("delete-old-keys")
    assert (again.returncode, again.stdout) == (0, "no changes made\n")


def test_a_key_file_is_never_written_over(project: GoogleProject) -> None:
    """It may be the only copy."""
    project.key_file.write_text("the only copy")
    before = project.changes()
    done = project.run("rotate-key")
    assert done.returncode == 2
    assert re.search("RENDER_KEY_FILE: .*render-key.json is there already", done.stderr)
    assert project.key_file.read_text() == "the only copy"
    assert project.changes() == before


def test_a_changed_address_takes_the_place_of_the_old_one(project: GoogleProject) -> None:
    """Its old version is destroyed once nothing reads it, and the next run changes nothing."""
    held = secret(project, "notify-urls")
    versions = len(held.versions)
    address = f"json://127.0.0.1:9/{versions}"
    assert project.run("--no-doctor", NOTIFY_URLS=address).returncode == 0
    assert content(held) == address
    assert pinned(project, "NOTIFY_URLS") == versions + 1
    assert states(held) == ["DESTROYED"] * versions + ["ENABLED"]
    before = project.changes()
    again = project.run("--no-doctor", NOTIFY_URLS=address)
    assert "no changes made" in again.stdout, again.stdout
    assert project.changes() == before
