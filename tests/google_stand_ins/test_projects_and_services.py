import json
from typing import Any

import requests

from emulators.google_cloud import GoogleCloudFake
from emulators.google_projects import CREATED_WITH
from google_stand_ins.gcloud_command import Gcloud

VIEWER = "--role=roles/viewer --condition=None"


def test_a_project_is_described_and_another_one_is_forbidden(gcloud: Gcloud) -> None:
    """Google does not tell whether a project exists that one may not see."""
    assert gcloud.read("projects describe p1")["projectNumber"] == "123456789012"
    assert "does not have permission" in gcloud.fail("projects describe p2")


def test_services_are_enabled_one_and_many_and_again(
    cloud: GoogleCloudFake, gcloud: Gcloud
) -> None:
    """Which is a change each time it is asked for; unknown ones enable none."""
    cloud.services.clear()
    cloud.services.update(CREATED_WITH)
    gcloud.run("services enable iam.googleapis.com")
    gcloud.run("services enable run.googleapis.com iam.googleapis.com")
    listed = {each["config"]["name"] for each in gcloud.read("services list --enabled")}
    assert listed == CREATED_WITH | {"iam.googleapis.com", "run.googleapis.com"} == cloud.services
    assert "nonsense" in gcloud.fail(
        "services enable nonsense.googleapis.com pubsub.googleapis.com"
    )
    assert "pubsub.googleapis.com" not in cloud.services
    assert [call.method for call in cloud.changes] == ["services.enable", "services.batchEnable"]


def test_a_call_of_a_service_that_is_not_enabled_is_refused(
    cloud: GoogleCloudFake, gcloud: Gcloud
) -> None:
    """With the reason that Google gives."""
    cloud.services.discard("secretmanager.googleapis.com")
    told = gcloud.fail("secrets list")
    assert "SERVICE_DISABLED" in told
    assert "has not been used in project 123456789012" in told


def test_members_are_added_to_a_project_and_removed(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """Once, however often; what is not there cannot be removed; nobody else is touched."""
    before = cloud.policy()["bindings"]
    for _ in range(2):
        gcloud.run(f"projects add-iam-policy-binding p1 --member=user:a@b.c {VIEWER}")
    policy = gcloud.read("projects get-iam-policy p1")
    assert {"role": "roles/viewer", "members": ["user:a@b.c"]} in policy["bindings"]
    gcloud.run(f"projects remove-iam-policy-binding p1 --member=user:a@b.c {VIEWER}")
    gone = gcloud.fail(f"projects remove-iam-policy-binding p1 --member=user:a@b.c {VIEWER}")
    assert "not found" in gone
    assert cloud.policy()["bindings"] == before


def test_members_and_roles_have_to_exist(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """A policy with an unknown one is refused as a whole."""
    account = "serviceAccount:none@p1.iam.gserviceaccount.com"
    add = "projects add-iam-policy-binding p1 --condition=None"
    assert "does not exist" in gcloud.fail(f"{add} --role=roles/viewer --member={account}")
    assert "not supported" in gcloud.fail(f"{add} --role=roles/nonsense --member=user:a@b.c")
    assert "unknown type" in gcloud.fail(f"{add} --role=roles/viewer --member=nobody:a@b.c")
    assert not cloud.changes


def test_a_policy_is_replaced_with_its_audit_logging_and_only_once(
    cloud: GoogleCloudFake, gcloud: Gcloud
) -> None:
    """The same file again comes from before a change, so it is refused."""
    configs = [{"service": "storage.googleapis.com", "auditLogConfigs": [{"logType": "DATA_READ"}]}]
    policy = gcloud.read("projects get-iam-policy p1")
    (gcloud.folder / "policy.json").write_text(json.dumps({**policy, "auditConfigs": configs}))
    gcloud.run("projects set-iam-policy p1 policy.json")
    assert cloud.policy()["auditConfigs"] == configs
    assert "concurrent policy changes" in gcloud.fail("projects set-iam-policy p1 policy.json")
    gcloud.run(f"projects add-iam-policy-binding p1 --member=user:a@b.c {VIEWER}")
    assert cloud.policy()["auditConfigs"] == configs


def test_one_permission_can_be_asked_for_and_no_other(cloud: GoogleCloudFake) -> None:
    """The one that gcloud asks for; it goes with the role that has it."""
    form = {"grant_type": "refresh_token", "refresh_token": cloud.tokens.refresh_token}
    token = requests.post(f"{cloud.url}/token", data=form, timeout=10).json()["access_token"]

    def tested(permission: str) -> tuple[int, dict[str, Any]]:
        answer = requests.post(
            f"{cloud.url}/v1/projects/p1:testIamPermissions",
            json={"permissions": [permission]},
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )
        return answer.status_code, answer.json()

    assert tested("serviceusage.services.use") == (
        200,
        {"permissions": ["serviceusage.services.use"]},
    )
    assert tested("run.services.get")[0] == 501
    cloud.put_policy(cloud.project.resource, {"bindings": []})
    assert tested("serviceusage.services.use") == (200, {})
