"""The key for Render: none is lost on the way, and none that is in use is ended by mistake."""

import json
from collections.abc import Iterator

import pytest

from deploy.google_project import ACCOUNT, PROJECT, GoogleProject, google_project
from deploy_settings import DeploySettings
from emulators.gcloud_forks import GcloudForks
from emulators.google_accounts import Account
from emulators.google_failures import Failure, key_creation_forbidden
from google_cloud.accounts import bring_accounts
from google_cloud.failures import GcloudFailed
from google_cloud.gcloud import Gcloud
from google_cloud.render_key import bring_key, delete_old_keys, identity, keys, make_key
from shared.errors import BadSettings


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, forks: GcloudForks
) -> Iterator[GoogleProject]:
    """One on loopback."""
    with google_project(tmp_path_factory.mktemp("google key"), forks) as project:
        yield project


@pytest.fixture
def gcloud(project: GoogleProject, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gcloud]:
    """Of this process, in a project with the accounts and no key."""
    project.lead_here(monkeypatch)
    project.cloud.services.add("iam.googleapis.com")
    gcloud = Gcloud(PROJECT, lambda _: None)
    bring_accounts(gcloud, project.settings())
    yield gcloud
    render(project).keys.clear()
    project.key_file.unlink(missing_ok=True)


@pytest.fixture
def settings(project: GoogleProject) -> DeploySettings:
    """The project's."""
    return project.settings()


def render(project: GoogleProject) -> Account:
    """The account that Render's key is of."""
    return project.cloud.accounts[ACCOUNT.format("render")]


def test_a_key_that_was_lost_on_the_way_is_made_again(
    project: GoogleProject, gcloud: Gcloud, settings: DeploySettings
) -> None:
    """Who is killed while gcloud waits for it leaves a key that nobody has, and an empty file."""
    make_key(gcloud, settings)
    project.key_file.write_bytes(b"")
    bring_key(gcloud, settings)
    held = json.loads(project.key_file.read_text())["private_key_id"]
    assert list(render(project).keys)[1:] == [held]
    bring_key(gcloud, settings)
    assert len(render(project).keys) == 2


def test_no_key_is_ended_while_nobody_has_the_newest(
    project: GoogleProject, gcloud: Gcloud, settings: DeploySettings
) -> None:
    """Render still has the one before."""
    make_key(gcloud, settings)
    project.key_file.write_bytes(b"")
    with pytest.raises(BadSettings, match="was lost on the way"):
        delete_old_keys(gcloud, settings, keys(gcloud, settings))
    assert len(render(project).keys) == 1


def test_a_refused_key_leaves_no_file(
    project: GoogleProject, gcloud: Gcloud, settings: DeploySettings
) -> None:
    """It would be taken for one."""
    project.cloud.plan(Failure("keys.create", key_creation_forbidden(render(project).email)))
    with pytest.raises(GcloudFailed):
        make_key(gcloud, settings)
    assert not project.key_file.exists()


def test_a_disabled_key_is_not_the_newest(
    project: GoogleProject, gcloud: Gcloud, settings: DeploySettings
) -> None:
    """The one before is what Render has."""
    make_key(gcloud, settings)
    project.key_file.unlink()
    first, known = next(iter(render(project).keys.values())), list(render(project).keys)
    first.created_at = "2026-01-01T00:00:00Z"
    make_key(gcloud, settings)
    (second,) = (name for name in render(project).keys if name not in known)
    assert [identity(key) for key in keys(gcloud, settings)] == [second, first.id]
    render(project).keys[second].is_disabled = True
    assert [identity(key) for key in keys(gcloud, settings)] == [first.id]


@pytest.mark.parametrize("is_known", [True, False])
def test_a_file_in_the_way_is_told_for_what_it_is(
    project: GoogleProject, gcloud: Gcloud, settings: DeploySettings, *, is_known: bool
) -> None:
    """A key that is of nobody any more, or of another set-up, should not go to Render."""
    make_key(gcloud, settings)
    if not is_known:
        render(project).keys.clear()
    hint = (
        "Once Render has that key" if is_known else "It is none of the keys of btc-backup-render@"
    )
    with pytest.raises(BadSettings, match="is there already") as refused:
        make_key(gcloud, settings)
    assert hint in refused.value.hint
    assert project.key_file.stat().st_size
