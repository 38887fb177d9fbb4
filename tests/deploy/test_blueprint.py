"""What Render is told of the service is valid, and agrees with what lies in the repository."""

import json
import os
import re
import shlex
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from deploy.blueprint_answers import ANSWERS, GENERATED
from deploy.checkout import JOBS
from deploy.cloned import cloned_files
from emulators.render_blueprint import BLUEPRINT, deploying, described_service, set_variables
from processes import ROOT
from shared.settings import LoggerSettings, RestoreSettings, load

SCHEMA = Path(__file__).with_name("blueprint.schema.json")
TOLD = described_service()


def faults(text: str) -> list[str]:
    """What a validator says of a Blueprint."""
    schema = Draft202012Validator(json.loads(SCHEMA.read_text()))
    return [error.message for error in schema.iter_errors(yaml.safe_load(text))]


def test_it_is_valid() -> None:
    """By the keys and values that Render documents."""
    Draft202012Validator.check_schema(json.loads(SCHEMA.read_text()))
    assert faults(BLUEPRINT.read_text()) == []


@pytest.mark.skipif("RENDER_SCHEMA" not in os.environ, reason="RENDER_SCHEMA names no copy of it")
def test_it_is_valid_by_renders_own_schema() -> None:
    """Which has no licence to be copied: https://render.com/schema/render.yaml.json."""
    schema = json.loads(Path(os.environ["RENDER_SCHEMA"]).read_text())
    told = yaml.safe_load(BLUEPRINT.read_text())
    assert [error.message for error in Draft202012Validator(schema).iter_errors(told)] == []


def test_what_the_page_would_change_is_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk with the settings that go with it; and the free plan, which has no pre-deploy."""
    text, page = BLUEPRINT.read_text(), (ROOT / "docs" / "render.md").read_text()
    (disk,) = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert faults(text.replace("    plan: starter", f"{disk}    plan: starter")) == []
    mounted = described_service(f"services:\n  - name: x\n{disk}")["disk"]["mountPath"]
    settings = dict(re.findall(r"`(DATA_DIR|LOCAL_BACKUP_DIR)=(/[^`]+)`", page))
    assert len(settings) == 2
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    loaded = load(LoggerSettings)
    assert all(
        place.is_relative_to(mounted) for place in (loaded.data_dir, loaded.local_backup_dir)
    )
    without = re.sub(r"^    preDeployCommand: .*\n", "", text, flags=re.MULTILINE)
    assert faults(without.replace("plan: starter", "plan: free")) == []


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        ("    runtime: python", "    rootDir: logger_service\n    runtime: python"),
        ("    runtime: python", "    env: python"),
        ("    plan: starter", "    plan: cheap"),
        ("    region: ohio", "    region: us-central1"),
        ("    numInstances: 1", "    numInstances: 2"),
        ("    maxShutdownDelaySeconds: 60", "    maxShutdownDelaySeconds: 301"),
        ("    autoDeployTrigger: commit", "    autoDeployTrigger: off"),
        ("    autoDeployTrigger: commit", "    autoDeploy: true"),
        ("    buildFilter:", "    filter:"),
        ("        sync: false", "        sync: true"),
        ("        value: 50", "        value: true"),
        ("        value: 50", ""),
        ("services:", "secretFiles: []\nservices:"),
    ],
)
def test_one_that_render_would_refuse_is_not_valid(found: str, instead: str) -> None:
    """Nor one that hides from the service what it is made of."""
    text = BLUEPRINT.read_text()
    assert f"\n{found}" in text
    assert faults(text.replace(found, instead, 1))


@pytest.mark.parametrize("command", ["preDeployCommand", "startCommand"])
def test_a_command_is_a_script_that_a_clone_can_run(command: str) -> None:
    """No shell reads it, so it is one word; the mode is git's."""
    (word,) = shlex.split(TOLD[command])
    assert cloned_files()[word.removeprefix("./")] == "100755"


def test_the_build_installs_what_both_jobs_list() -> None:
    """And nothing else."""
    program, verb, *options = shlex.split(TOLD["buildCommand"])
    assert (program, verb) == ("pip", "install")
    assert options[::2] == ["-r", "-r"]
    assert set(options[1::2]) == {f"{job}/requirements.txt" for job in JOBS}


def test_only_what_the_service_is_made_of_deploys_it() -> None:
    """Neither the function nor what is about the service: a deploy costs a minute of overlap."""
    scripts = [TOLD[command].removeprefix("./") for command in ("preDeployCommand", "startCommand")]
    own = [path for path in cloned_files() if path.split("/")[0] in JOBS]
    wanted = [*own, *scripts, BLUEPRINT.relative_to(ROOT).as_posix(), ".python-version"]
    assert deploying(TOLD, cloned_files()) == sorted(wanted)


def test_its_variables_are_settings_that_both_jobs_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is read by one of them, and the values that it has, asks for or makes up are good."""
    keys = [one["key"] for one in TOLD["envVars"]]
    read = {
        field.upper() for field in {**LoggerSettings.model_fields, **RestoreSettings.model_fields}
    }
    assert len(keys) == len(set(keys))
    assert set(keys) <= read
    made = {one["key"]: GENERATED for one in TOLD["envVars"] if "generateValue" in one}
    assert set(keys) == {*set_variables(TOLD), *made, *ANSWERS}
    for name, value in {**set_variables(TOLD), **made, **ANSWERS}.items():
        monkeypatch.setenv(name, value)
    settings = load(LoggerSettings)
    assert load(RestoreSettings).bucket_address == settings.bucket_address
    assert settings.shutdown_seconds < TOLD["maxShutdownDelaySeconds"]


def test_what_a_person_has_to_know_is_asked_for_and_a_secret_never_stands_there() -> None:
    """A value in this file would be everybody's."""
    secrets = {"SNAPSHOT_TOKEN", "ADMIN_TOKEN", "NOTIFY_URLS", "HEARTBEAT_URL"}
    assert not set(set_variables(TOLD)) & {*secrets, *ANSWERS}
    asked = {one["key"] for one in TOLD["envVars"] if one.get("sync") is False}
    assert asked == set(ANSWERS)
