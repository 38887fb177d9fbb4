"""What `deploy/google.sh remove` spares: what somebody else has made or put beside the backups."""

import pytest

from deploy.google_listening import Listening, by_hand, deployed
from deploy.google_project import BUCKET, GoogleProject
from google_cloud.accounts import bring_accounts
from google_cloud.removal import remove
from shared.errors import BadSettings


def test_a_removal_leaves_what_somebody_else_has_made(
    project: GoogleProject, gcloud: Listening
) -> None:
    """A function without our label, and an account without our description."""
    account = next(iter(project.cloud.accounts.values()))
    before, account.description = account.description, "mine"
    try:
        bring_accounts(gcloud, project.settings())
        assert gcloud.shown.startswith(f"  ! {account.email} was made by somebody else; ")
        with deployed(project, gcloud, by_hand):
            remove(gcloud, project.settings(), with_bucket=False)
    finally:
        account.description = before
    assert "  ! the function btc-backup was deployed by somebody else: it stays" in gcloud.told
    assert f"  ! the account {account.email} was made by somebody else: it stays" in gcloud.told
    assert "functions delete" not in gcloud.shown
    assert f"service-accounts delete {account.email}" not in gcloud.shown
    assert gcloud.shown.count("service-accounts delete") == 2


def test_a_bucket_with_more_than_backups_is_not_deleted(
    project: GoogleProject, gcloud: Listening
) -> None:
    """Nobody has spoken of the rest."""
    project.storage.plant(BUCKET, "btc-logger/backups/00000001.json", b"{}")
    project.storage.plant(BUCKET, "holidays/beach.jpg", b"waves")
    with pytest.raises(BadSettings, match=r"holds more than the backups .*found gs://.*/holidays/"):
        remove(gcloud, project.settings(), with_bucket=True)
    assert gcloud.told == []
    project.storage.remove(BUCKET, "holidays/beach.jpg")
    remove(gcloud, project.settings(), with_bucket=True)
    assert "  + gcloud storage rm --recursive gs://your-btc-data" in gcloud.told


def test_a_bucket_of_another_project_is_not_deleted(
    project: GoogleProject, gcloud: Listening
) -> None:
    """Though whoever asks may do it."""
    before, project.cloud.project.number = project.cloud.project.number, "999999999999"
    try:
        with pytest.raises(BadSettings, match="belongs to the project number"):
            remove(gcloud, project.settings(), with_bucket=True)
    finally:
        project.cloud.project.number = before
    assert gcloud.told == []


def test_a_removal_needs_no_service_that_was_never_enabled(
    project: GoogleProject, gcloud: Listening
) -> None:
    """As after a set-up that came to an end at its first step."""
    gcloud.dry_run = False
    before = set(project.cloud.services)
    for service in ("cloudfunctions", "cloudscheduler", "secretmanager", "iam"):
        project.cloud.services.discard(f"{service}.googleapis.com")
    changes = project.changes()
    try:
        remove(gcloud, project.settings(GCS_BUCKET_NAME="not-there-yet"), with_bucket=True)
    finally:
        project.cloud.services.update(before)
    assert [line.split()[1] for line in gcloud.told] == [
        "cloudscheduler.googleapis.com",
        "cloudfunctions.googleapis.com",
        "secretmanager.googleapis.com",
    ]
    assert project.changes() == changes
