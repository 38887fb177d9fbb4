"""The service that Render is told of starts as it is described, with only what it is made of."""

import os
import shutil
from pathlib import Path

import pytest
import requests

from deploy.blueprint_answers import ANSWERS, GENERATED
from deploy.cloned import cloned_files
from emulators.render import Render
from emulators.render_blueprint import deploying, described_service, service_from, set_variables
from emulators.render_events import What
from emulators.render_service import TMP, Times
from emulators.storage import StorageFake
from environments import python_built_by
from processes import ROOT

TIMES = Times(scale=1 / 60, between_checks=6)
HERE = {
    "HOST": "127.0.0.1",
    "PRICE_SOURCES": "replay",
    "LOG_INTERVAL_SECONDS": "0.1",
    "LOCAL_BACKUP_DIR": f"{TMP}/backups",
}
TOLD = described_service()


@pytest.fixture(scope="module")
def python() -> str:
    """Of the environment that the build command makes."""
    return python_built_by(TOLD["buildCommand"])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Of the repository only what the build filter names."""
    for path in deploying(TOLD, cloned_files()):
        place = tmp_path / "source" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, place)
    return tmp_path / "source"


def render_of(source: Path, python: str, *, is_free: bool = False, **told: str) -> Render:
    """The platform with the service, and what a person told it besides the Blueprint."""
    path = f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**ANSWERS, "ADMIN_TOKEN": GENERATED, **HERE, "PATH": path, **told}
    service = service_from(TOLD, source, environment, is_free=is_free)
    return Render(service, source.parent / "render", TIMES)


def test_the_service_that_it_describes_starts(
    source: Path, python: str, storage: StorageFake
) -> None:
    """In the environment of its build; its health needs no token, and its end saves the rows."""
    with render_of(source, python, STORAGE_EMULATOR_HOST=storage.url) as render:
        assert render.deploy()
        answer = requests.get(render.url + TOLD["healthCheckPath"], timeout=30)
        assert answer.status_code == 200
        assert requests.get(f"{render.url}/snapshot", timeout=30).status_code == 401
        assert render.deploy()
        old = render.events.wait_for(What.ENDED, render.events.wait_for(What.LIVE).instance)
        assert old.code == 0
    assert any("/backups/" in name for name in storage.objects("bucket"))


@pytest.mark.parametrize("is_free", [False, True])
def test_without_the_key_a_deploy_fails_and_says_so(
    source: Path, tmp_path: Path, python: str, *, is_free: bool
) -> None:
    """In the pre-deploy command, or at the start where there is none; the first one always does."""
    with render_of(source, python, is_free=is_free) as render:
        assert not render.deploy()
        failed = render.events.wait_for(What.DEPLOY_FAILED)
    assert failed.code == 2
    key = set_variables(TOLD)["GOOGLE_APPLICATION_CREDENTIALS"]
    (log,) = (tmp_path / "render" / "logs").iterdir()
    assert f"GOOGLE_APPLICATION_CREDENTIALS: {key} is no service account key" in log.read_text()
