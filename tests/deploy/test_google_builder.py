"""Who builds the function is whom the settings name, and Google's default where they name none."""

import pytest

from deploy.google_listening import FUNCTION, Listening, deployed
from deploy.google_project import ACCOUNT, PROJECT, GoogleProject
from deploy_settings import ROLES
from emulators.google_accounts import Account
from google_cloud.function import bring_function
from google_cloud.rights import accounts
from shared.errors import BadSettings

NAMED = "builder@your-project.iam.gserviceaccount.com"
DEPLOY = "gcloud functions deploy btc-backup --gen2 --region=us-central1 --source=backup_function"


def builder(project: GoogleProject) -> str:
    """As Google shows it."""
    name: str = project.cloud.functions[FUNCTION]["buildConfig"]["serviceAccount"]
    return name.rpartition("/")[2]


def let_build(project: GoogleProject, email: str) -> None:
    """Make an account that may."""
    project.cloud.accounts[email] = Account(email, "1")
    right = {"role": "roles/cloudbuild.builds.builder", "members": [f"serviceAccount:{email}"]}
    bindings = [*project.cloud.policy()["bindings"], right]
    project.cloud.put_policy(f"projects/{PROJECT}", {"bindings": bindings})


def test_one_that_is_taken_out_of_the_settings_builds_no_more(project: GoogleProject) -> None:
    """Google's default does, and that is no change any more."""
    default = builder(project)
    let_build(project, NAMED)
    assert project.run("--no-doctor", BUILD_SERVICE_ACCOUNT=NAMED).returncode == 0
    assert builder(project) == NAMED
    done = project.run("--no-doctor")
    assert f"+ {DEPLOY} --clear-build-service-account\n" in done.stdout
    assert builder(project) == default
    assert "no changes made" in project.run("--no-doctor").stdout


@pytest.mark.parametrize("default", ["123456789012@cloudbuild.gserviceaccount.com", None])
def test_a_default_of_an_older_project_stays(
    project: GoogleProject, gcloud: Listening, default: str | None
) -> None:
    """It was Cloud Build's own; and Google may show none."""
    name = f"projects/your-project/serviceAccounts/{default}" if default else None

    def change(functions: dict[str, dict[str, dict[str, object]]]) -> None:
        functions[FUNCTION]["buildConfig"]["serviceAccount"] = name

    with deployed(project, gcloud, change) as found:
        assert found
        bring_function(gcloud, project.settings(), found.pins, found)
    assert gcloud.changes == 0


def test_none_of_the_set_ups_own_accounts_may_build(project: GoogleProject) -> None:
    """Each run would take the right to away, and then build."""
    assert set(ROLES) == accounts().keys()
    for role in ROLES:
        with pytest.raises(BadSettings, match="BUILD_SERVICE_ACCOUNT: found btc-backup-"):
            project.settings(BUILD_SERVICE_ACCOUNT=ACCOUNT.format(role))
