"""What `deploy/google.sh` does with what somebody else has left in the project: it says so first.

Each test changes something of one set-up by hand, looks at what a step would do, and puts it back.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.google_listening import FUNCTION, Listening, by_hand, deployed
from deploy.google_project import BUCKET, PROJECT, GoogleProject
from google_cloud import bucket as bucket_step
from google_cloud.__main__ import main
from google_cloud.archive_checks import newest_backup
from google_cloud.bucket import bring_bucket
from google_cloud.failures import GcloudFailed
from google_cloud.function import Deployed, bring_function
from google_cloud.function_found import refuse_first_generation, tell_what_goes
from google_cloud.jobs import bring_jobs
from google_cloud.rights import bring_rights
from google_cloud.rights import project as whole_project
from google_cloud.secret_versions import Secrets
from shared.errors import BadSettings, Malformed

NUMBER = "123456789012"


def test_a_function_of_somebody_else_is_not_replaced_in_silence(
    project: GoogleProject, gcloud: Listening
) -> None:
    """Nor are its variables."""
    with deployed(project, gcloud, by_hand) as found:
        tell_what_goes(gcloud, project.settings(), found, {})
    assert gcloud.told == [
        "  ! btc-backup was deployed by somebody else; it is replaced",
        "  ! its variable COLOUR is none of the settings, and goes",
        "  ! its variable PIN is none of the settings, and goes",
    ]


def test_of_its_own_function_nothing_is_said(project: GoogleProject, gcloud: Listening) -> None:
    """It is as it was."""
    tell_what_goes(gcloud, project.settings(), Deployed.find(gcloud, project.settings()), {})
    assert gcloud.told == []


def test_a_function_in_another_region_is_told(project: GoogleProject, gcloud: Listening) -> None:
    """It goes on, and is billed, when GCP_REGION is changed."""
    settings = project.settings(GCP_REGION="europe-west1")
    tell_what_goes(gcloud, settings, Deployed.find(gcloud, settings), {})
    (told,) = gcloud.told
    assert "another btc-backup in us-central1" in told
    assert "gcloud functions delete btc-backup --gen2 --region=us-central1" in told


def test_a_function_of_the_first_generation_is_refused(
    project: GoogleProject, gcloud: Listening
) -> None:
    """Google makes no second one out of it."""

    def change(functions: dict[str, Any]) -> None:
        functions[FUNCTION]["environment"] = "GEN_1"

    with (
        deployed(project, gcloud, change) as found,
        pytest.raises(BadSettings, match="FUNCTION_NAME: btc-backup is a function of the first"),
    ):
        refuse_first_generation(project.settings(), found)


def test_without_an_address_the_jobs_stay_as_they_are(
    project: GoogleProject, gcloud: Listening
) -> None:
    """They would lead nowhere, and nobody would be told."""
    gcloud.dry_run, before = False, project.changes()
    with pytest.raises(GcloudFailed, match="btc-backup: found no address"):
        bring_jobs(gcloud, project.settings(), "", delete_left_over=False)
    assert project.changes() == before


def test_a_memory_in_bytes_is_understood(project: GoogleProject, gcloud: Listening) -> None:
    """As somebody may have told Google's API."""

    def change(functions: dict[str, Any]) -> None:
        functions[FUNCTION]["serviceConfig"]["availableMemory"] = str(512 * 2**20)

    with deployed(project, gcloud, change) as found:
        assert found
        assert found.has["memory"] == 537


def test_a_variable_may_have_every_odd_character(project: GoogleProject, gcloud: Listening) -> None:
    """The real gcloud takes it apart again as it was."""
    gcloud.dry_run = False
    odd = "a|b;c~d@e#f,g=h ö'\"$^"
    settings = project.settings(BACKUP_PREFIX=f'"{odd}"'.replace("'\"", "'\\\""))
    with deployed(project, gcloud, lambda _: None) as found:
        assert found
        bring_function(gcloud, settings, found.pins, found)
        has = project.cloud.functions[FUNCTION]["serviceConfig"]["environmentVariables"]
        assert has["BACKUP_PREFIX"] == odd


@contextmanager
def bucket_fields(project: GoogleProject, **fields: Any) -> Iterator[None]:
    """The bucket with settings that somebody has chosen."""
    bucket = project.storage.bucket(BUCKET)
    before = bucket.settings
    bucket.settings = replace(before, fields={**before.fields, **fields})
    try:
        yield
    finally:
        bucket.settings = before


def test_rules_of_somebody_else_are_shown_before_they_go(
    project: GoogleProject, gcloud: Listening
) -> None:
    """So that they can be had back."""
    rule = {"action": {"type": "Delete"}, "condition": {"age": 3}}
    with bucket_fields(project, lifecycle={"rule": [rule]}):
        bring_bucket(gcloud, project.settings(), NUMBER)
    remark, change = gcloud.told
    assert '"type": "Delete"' in remark
    assert change.endswith("update gs://your-btc-data --lifecycle-file=deploy/lifecycle.json")


def test_what_keeps_objects_is_told_and_left(project: GoogleProject, gcloud: Listening) -> None:
    """A retention policy, holds and versions, which all are in the way of the clean-up."""
    kept = {"retentionPolicy": {"retentionPeriod": "864000"}, "versioning": {"enabled": True}}
    with bucket_fields(project, **kept, defaultEventBasedHold=True):
        bring_bucket(gcloud, project.settings(), NUMBER)
    retention, hold, versions = gcloud.told
    assert "for 10 days" in retention
    assert "holds new objects" in hold
    assert "keeps versions" in versions


@pytest.mark.parametrize(
    "content", ["{", "[]", "{}", '{"rule": {}}', '{"lifecycle": {"rule": []}}']
)
def test_a_lifecycle_that_is_none_is_refused(
    project: GoogleProject,
    gcloud: Listening,
    content: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The README invites to edit it."""
    (file := tmp_path / "lifecycle.json").write_text(content)
    monkeypatch.setattr(bucket_step, "LIFECYCLE_FILE", str(file))
    with pytest.raises(BadSettings, match=r'expected \{"rule": \['):
        bring_bucket(gcloud, project.settings(), NUMBER)


def test_the_projects_own_policy_is_left_to_its_owner(
    project: GoogleProject, gcloud: Listening
) -> None:
    """Whom it lets in may be wanted elsewhere; of our accounts it is wanted nowhere."""
    resource, before = f"projects/{PROJECT}", project.cloud.policy()
    ours = "serviceAccount:btc-backup-render@your-project.iam.gserviceaccount.com"
    more = {"role": "roles/viewer", "members": ["allAuthenticatedUsers", ours]}
    project.cloud.put_policy(resource, {**before, "bindings": [*before["bindings"], more]})
    try:
        bring_rights(gcloud, project.settings(), whole_project(project.settings()))
    finally:
        project.cloud.put_policy(resource, before)
    (change,) = gcloud.told
    assert f"remove-iam-policy-binding {PROJECT} --role=roles/viewer --member={ours}" in change


def test_a_right_under_a_condition_is_told_and_left(
    project: GoogleProject, gcloud: Listening
) -> None:
    """Somebody has given it on purpose, and should hear that it is there."""
    resource, before = f"projects/{PROJECT}", project.cloud.policy()
    ours = "serviceAccount:btc-backup-render@your-project.iam.gserviceaccount.com"
    condition = {"title": "until Friday", "expression": "request.time < timestamp('2026-12-04')"}
    more = {"role": "roles/storage.objectAdmin", "members": [ours], "condition": condition}
    project.cloud.put_policy(resource, {**before, "bindings": [*before["bindings"], more]})
    try:
        bring_rights(gcloud, project.settings(), whole_project(project.settings()))
    finally:
        project.cloud.put_policy(resource, before)
    assert gcloud.told == [
        f"  ! {ours} has roles/storage.objectAdmin under a condition, and keeps it"
    ]


def test_a_secret_of_another_set_up_is_none_of_ours(
    project: GoogleProject, gcloud: Listening
) -> None:
    """Though its maker's name begins alike; nor is one without a label."""
    ours = next(iter(project.cloud.secrets.values()))
    for name, labels in (("theirs", {"made-by": "btc-backup-2"}), ("nobodys", {})):
        project.cloud.secrets[name] = replace(ours, name=name, labels=labels)
    try:
        assert Secrets(gcloud, project.settings()).names == {ours.name}
    finally:
        del project.cloud.secrets["theirs"], project.cloud.secrets["nobodys"]


@pytest.mark.parametrize(
    "address", ["mailto://ü:p|w,#~;@mail.example", "json://host/???>>>~~~'q\" $(id) `id` %41"]
)
def test_an_address_may_have_every_odd_character(
    project: GoogleProject, gcloud: Listening, address: str
) -> None:
    """It comes back as it was, or each run would store it anew; and no command shows it."""
    gcloud.dry_run = False
    secrets = Secrets(gcloud, project.settings())
    try:
        secrets.add("btc-backup-odd", address)
        assert secrets.content("btc-backup-odd", 1) == address
    finally:
        del project.cloud.secrets["btc-backup-odd"]
    assert address not in gcloud.shown


def test_a_name_that_a_secret_of_somebody_else_has_is_told(
    project: GoogleProject, gcloud: Listening
) -> None:
    """With both ways out."""
    gcloud.dry_run = False
    ours = next(iter(project.cloud.secrets.values()))
    before, ours.labels = ours.labels, {}
    try:
        with pytest.raises(GcloudFailed, match=r"already exists.*--update-labels=made-by="):
            Secrets(gcloud, project.settings()).add(ours.name, "a token")
    finally:
        ours.labels = before
    assert len(ours.versions) == 1


def test_what_was_planted_is_not_taken_for_the_newest_backup(
    project: GoogleProject, gcloud: Listening
) -> None:
    """A name that is none of ours counts nothing; under one of ours it is named."""
    settings, folder = project.settings(BACKUP_PREFIX="planted"), "planted/backups"
    manifest = {"number": 7, "created_at": "2026-11-22T20:30:00.000Z", "files": []}
    project.storage.plant(BUCKET, f"{folder}/00000007.json", json.dumps(manifest).encode())
    project.storage.plant(BUCKET, f"{folder}/zz.json", b"{}")
    try:
        assert newest_backup(gcloud, settings, "btc-logger").said.startswith("7, of 2026-11-22")
        for content in (b"\xff\xfe", b"[]", b"{}", json.dumps(manifest | {"files": 5}).encode()):
            project.storage.plant(BUCKET, f"{folder}/00000008.json", content)
            with pytest.raises(Malformed, match=r"/00000008\.json is not a valid manifest"):
                newest_backup(gcloud, settings, "btc-logger")
    finally:
        for name in [name for name in project.storage.objects(BUCKET) if "planted" in name]:
            project.storage.remove(BUCKET, name)


@pytest.mark.usefixtures("gcloud")
@pytest.mark.parametrize(
    "action",
    ["", "--delete-left-over", "rotate-token", "rotate-key", "delete-old-keys", "remove"],
)
def test_a_dry_run_of_every_action_changes_nothing(
    project: GoogleProject, tmp_path: Path, action: str
) -> None:
    """Nor does it ask anybody; the option may come before the action or after it."""
    project.write_settings_to(file := tmp_path / "s.env", RENDER_KEY_FILE=str(tmp_path / "key"))
    before, commands = project.changes(), len(project.gcloud.changes)
    for words in (["--dry-run", *action.split()], [*action.split(), "--dry-run"]):
        assert main([*words, "--settings", str(file)]) == 0
    assert project.changes() == before
    assert len(project.gcloud.changes) == commands
    assert not (tmp_path / "key").exists()
