import pytest

from emulators.google_cloud import GoogleCloudFake
from emulators.google_deployment import build_failed, container_failed
from emulators.google_failures import (
    Failure,
    billing_missing,
    concurrent_change,
    key_creation_forbidden,
    not_enabled,
    not_known_yet,
    permission_denied,
)
from emulators.planned import NeverFired
from google_stand_ins.function_set_up import ACCOUNT, DEPLOY, FUNCTION, prepare
from google_stand_ins.gcloud_command import Gcloud

EMAIL = "render-key@p1.iam.gserviceaccount.com"


def test_a_failure_has_to_come_to_pass() -> None:
    """Or the test that planned it has proven nothing."""
    with pytest.raises(NeverFired), GoogleCloudFake() as cloud:
        cloud.plan(Failure("secrets.create", billing_missing()))


def test_a_failure_is_about_calls_that_fit(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """Of the method and the resource, after those that are let pass, as often as planned."""
    denied = permission_denied("secretmanager.secrets.get", "b")
    failure = cloud.plan(Failure("secrets.get$", denied, resource="secrets/b", skip=1, times=2))
    for name in ("a", "b"):
        gcloud.run(f"secrets create {name} --replication-policy=automatic")
    gcloud.run("secrets describe a")
    gcloud.run("secrets describe b")
    for _ in range(2):
        assert "secretmanager.secrets.get" in gcloud.fail("secrets describe b")
    gcloud.run("secrets describe b")
    assert failure.fired == 2


def test_services_are_not_enabled_without_billing(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """One or many."""
    cloud.plan(Failure("services.(enable|batchEnable)", billing_missing(), times=2))
    for names in ("run.googleapis.com", "run.googleapis.com iam.googleapis.com"):
        told = gcloud.fail(f"services enable {names}")
        assert "FAILED_PRECONDITION" in told
        assert "Billing must be enabled" in told


def test_a_service_may_take_a_while_to_be_enabled(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """Google asks to wait some minutes."""
    cloud.plan(Failure("secrets.list", not_enabled("secretmanager.googleapis.com")))
    assert "wait a few minutes" in gcloud.fail("secrets list")
    gcloud.run("secrets list")


def test_an_organisation_may_forbid_keys(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """By its policy, which is named; the empty file that gcloud leaves is no key."""
    gcloud.run("iam service-accounts create render-key")
    error = key_creation_forbidden(f"projects/p1/serviceAccounts/{EMAIL}")
    cloud.plan(Failure("keys.create", error))
    told = gcloud.fail(f"iam service-accounts keys create key.json --iam-account={EMAIL}")
    assert "constraints/iam.disableServiceAccountKeyCreation" in told
    assert (gcloud.folder / "key.json").read_bytes() == b""
    assert not cloud.accounts[EMAIL].keys


def test_an_account_may_take_a_while_to_be_known(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """To whoever keeps policies."""
    gcloud.run("iam service-accounts create render-key")
    cloud.plan(Failure("projects.setIamPolicy", not_known_yet(EMAIL), times=2))
    viewer = f"--member=serviceAccount:{EMAIL} --role=roles/viewer --condition=None"
    for _ in range(2):
        assert "does not exist" in gcloud.fail(f"projects add-iam-policy-binding p1 {viewer}")
    gcloud.run(f"projects add-iam-policy-binding p1 {viewer}")


def test_somebody_else_may_change_a_policy_meanwhile(
    cloud: GoogleCloudFake, gcloud: Gcloud
) -> None:
    """Then gcloud gives up, and whoever called it has to begin anew."""
    cloud.plan(Failure("projects.setIamPolicy", concurrent_change()))
    viewer = "--member=user:a@b.c --role=roles/viewer --condition=None"
    assert "concurrent policy changes" in gcloud.fail(
        f"projects add-iam-policy-binding p1 {viewer}"
    )
    assert not cloud.changes
    gcloud.run(f"projects add-iam-policy-binding p1 {viewer}")


def test_a_deploy_may_fail_after_it_was_begun(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """In its build or at its start, as the operation tells."""
    prepare(cloud, gcloud)
    cloud.plan(Failure("functions.create", build_failed("pip install"), as_operation=True))
    assert "Build failed with status: FAILURE and message: pip install" in gcloud.fail(DEPLOY)
    stuck = container_failed("btc-backup")
    cloud.plan(Failure("functions.patch", stuck, resource="btc-backup", as_operation=True))
    assert "Container Healthcheck failed" in gcloud.fail(DEPLOY)
    assert cloud.functions[FUNCTION]["state"] == "FAILED"
    assert cloud.functions[FUNCTION]["serviceConfig"]["serviceAccountEmail"] == ACCOUNT
    gcloud.run(DEPLOY)
