import pytest

from emulators.google_cloud import GoogleCloudFake
from google_stand_ins.function_set_up import (
    ACCOUNT,
    DEPLOY,
    FUNCTION,
    HERE,
    READER,
    SERVICE,
    prepare,
    write_source,
)
from google_stand_ins.gcloud_command import Gcloud


@pytest.fixture(autouse=True)
def _prepared(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    prepare(cloud, gcloud)


def test_what_a_deploy_sets_is_what_is_described(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """And nobody may call the function yet."""
    assert "not found" in gcloud.fail(f"functions describe {HERE}")
    gcloud.run(DEPLOY)
    told = gcloud.read(f"functions describe {HERE}")
    assert told == cloud.functions[FUNCTION]
    assert (told["state"], told["environment"]) == ("ACTIVE", "GEN_2")
    assert told["labels"] == {"deployment-tool": "cli-gcloud", "source": "abc"}
    assert (told["buildConfig"]["runtime"], told["buildConfig"]["entryPoint"]) == (
        "python313",
        "backup",
    )
    pinned = {"key": "TOKEN", "projectId": "123456789012", "secret": "token", "version": "1"}
    assert told["serviceConfig"] == {
        "allTrafficOnLatestRevision": True,
        "availableMemory": "512Mi",
        "environmentVariables": {"A": "1", "B": "x,y"},
        "ingressSettings": "ALLOW_ALL",
        "maxInstanceCount": 2,
        "maxInstanceRequestConcurrency": 1,
        "minInstanceCount": 0,
        "secretEnvironmentVariables": [pinned],
        "service": SERVICE,
        "serviceAccountEmail": ACCOUNT,
        "timeoutSeconds": 240,
        "uri": "https://btc-backup-123456789012.us-central1.run.app",
    }
    policy = gcloud.read("run services get-iam-policy btc-backup --region=us-central1")
    assert "bindings" not in policy


def test_a_later_deploy_replaces_variables_and_leaves_what_it_does_not_name(
    cloud: GoogleCloudFake, gcloud: Gcloud
) -> None:
    """Labels are added to, and the policy of the service stays."""
    gcloud.run(DEPLOY)
    before = cloud.functions[FUNCTION]
    gcloud.run("secrets versions add token --data-file=-", "another one")
    invoker = f"--member=serviceAccount:{ACCOUNT}"
    gcloud.run(f"functions add-invoker-policy-binding {HERE} {invoker}")
    gcloud.run(
        f"functions deploy {HERE} --source=source --no-allow-unauthenticated"
        " --set-env-vars=C=3 --set-secrets=TOKEN=token:2 --update-labels=source=def"
    )
    after = cloud.functions[FUNCTION]
    assert after["labels"] == {**before["labels"], "source": "def"}
    changed = {"environmentVariables", "secretEnvironmentVariables"}
    config = after["serviceConfig"]
    assert config["environmentVariables"] == {"C": "3"}
    assert config["secretEnvironmentVariables"][0]["version"] == "2"
    assert {name for name in config if config[name] != before["serviceConfig"][name]} == changed
    assert after["createTime"] == before["createTime"]
    bindings = [{"role": "roles/run.invoker", "members": [f"serviceAccount:{ACCOUNT}"]}]
    assert cloud.policy(SERVICE)["bindings"] == bindings


def test_a_function_is_deleted_once(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """With its service, and that service's policy."""
    gcloud.run(DEPLOY)
    gcloud.run(f"functions delete {HERE}")
    assert "not found" in gcloud.fail(f"functions delete {HERE}")
    run = "run services get-iam-policy btc-backup --region=us-central1"
    assert "NOT_FOUND" in gcloud.fail(run)
    assert not cloud.functions


def test_a_function_does_not_start_without_its_secret(
    cloud: GoogleCloudFake, gcloud: Gcloud
) -> None:
    """Be it that the account may not read it, or that the version is not there; then it does."""
    gcloud.run(f"secrets remove-iam-policy-binding {READER}")
    assert "Permission denied on secret" in gcloud.fail(DEPLOY)
    assert cloud.functions[FUNCTION]["state"] == "FAILED"
    gcloud.run(f"secrets add-iam-policy-binding {READER}")
    assert "versions/7 was not found" in gcloud.fail(DEPLOY.replace("token:1", "token:7"))
    gcloud.run("secrets versions disable 1 --secret=token")
    assert "DISABLED state" in gcloud.fail(DEPLOY)
    cloud.secrets["token"].versions[0].state = "ENABLED"
    gcloud.run(DEPLOY)
    assert cloud.functions[FUNCTION]["state"] == "ACTIVE"


def test_a_function_does_not_start_as_an_account_that_is_not_there(gcloud: Gcloud) -> None:
    """Its name is in the answer."""
    assert "none@p1" in gcloud.fail(DEPLOY.replace("function@p1", "none@p1"))


def test_a_build_wants_a_sound_source(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """That can be parsed and has the entry point."""
    write_source(gcloud, "def backup(request:\n")
    assert "was never closed" in gcloud.fail(DEPLOY)
    write_source(gcloud, "def other(request):\n    return ''\n")
    assert "no function backup, only ['other']" in gcloud.fail(DEPLOY)
    assert cloud.functions[FUNCTION]["state"] == "FAILED"


def test_a_build_wants_an_account_that_may_build(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """In some organisations Google's own may not: then another one has to be named."""
    owner = {"role": "roles/owner", "members": ["user:owner@example.com"]}
    cloud.put_policy("projects/p1", {"bindings": [owner]})
    assert "missing permission on the build service account" in gcloud.fail(DEPLOY)
    builder = {"role": "roles/cloudbuild.builds.builder", "members": [f"serviceAccount:{ACCOUNT}"]}
    cloud.put_policy("projects/p1", {"bindings": [owner, builder]})
    named = f"projects/p1/serviceAccounts/{ACCOUNT}"
    gcloud.run(f"{DEPLOY} --build-service-account={named}")
    assert cloud.functions[FUNCTION]["buildConfig"]["serviceAccount"] == named


def test_a_deploy_wants_the_services_that_it_is_made_of(
    cloud: GoogleCloudFake, gcloud: Gcloud
) -> None:
    """One that is not enabled is named."""
    cloud.services.discard("artifactregistry.googleapis.com")
    assert "artifactregistry.googleapis.com" in gcloud.fail(DEPLOY)
    assert not cloud.functions


def test_the_log_of_a_function_is_read(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """The newest entries, and none of other functions."""
    for number in range(3):
        cloud.log("btc-backup", "us-central1", f"line {number}", "INFO")
    cloud.log("other", "us-central1", "of another one", "ERROR")
    read = f"functions logs read {HERE} --limit=2"
    assert [each["log"] for each in gcloud.read(read)] == ["line 2", "line 1"]
    assert gcloud.read(f"{read} --min-log-level=error") == []


def test_what_a_function_prints_is_in_its_log(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """A line of JSON says how severe it is; any other is a text."""
    cloud.hear("btc-backup", "us-central1", '{"severity": "ERROR", "message": "late", "n": 1}')
    cloud.hear("btc-backup", "us-central1", "plain")
    cloud.hear("btc-backup", "us-central1", "[1]")
    read = f"functions logs read {HERE} --limit=3"
    assert [each["log"] for each in gcloud.read(read)] == ["[1]", "plain", "late"]
    assert [each["log"] for each in gcloud.read(f"{read} --min-log-level=error")] == ["late"]
