import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from emulators.google_by_name import GoogleByName
from emulators.google_cloud import GoogleCloudFake
from emulators.google_person import Person
from google_stand_ins.gcloud_command import PATIENCE_SECONDS, Gcloud

# What each of Google's libraries does first.
LIBRARY = """
import google.auth, google.auth.transport.requests
found, _ = google.auth.default()
found.refresh(google.auth.transport.requests.Request())
print(found.token, found.quota_project_id)
"""

Before = Callable[[Person], Gcloud]


@pytest.fixture
def variables(cloud: GoogleCloudFake, tmp_path: Path) -> dict[str, str]:
    """Those of a machine on which nobody has signed in yet."""
    if shutil.which("gcloud") is None:
        pytest.skip("gcloud is not installed")
    own = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    return own | cloud.signed_out_environment(tmp_path / "gcloud")


@pytest.fixture
def before(variables: dict[str, str], tmp_path: Path) -> Before:
    """What such a person types; a fork of gcloud would keep the settings it was loaded with."""
    return lambda person: Gcloud(variables | person.environment, tmp_path, always=())


def holder(cloud: GoogleCloudFake, gcloud: Gcloud, command: str) -> str | None:
    """Whose token a command prints, as the project sees it."""
    token = gcloud.run(command).strip()
    headers = {"Authorization": f"Bearer {token}"}
    assert requests.get(f"{cloud.url}/v1/projects/p1", headers=headers, timeout=10).ok
    return cloud.tokens.holder(token)


def test_a_person_signs_in_with_a_browser(cloud: GoogleCloudFake, before: Before) -> None:
    """Where nobody was, and so that it lasts longer than the first token."""
    gcloud = before(Person(cloud.operator))
    assert gcloud.read("auth list") == []
    assert "gcloud auth login" in gcloud.fail("auth print-access-token")
    gcloud.run("auth login")
    assert gcloud.read("auth list") == [{"account": cloud.operator, "status": "ACTIVE"}]
    assert gcloud.run("config get account") == f"{cloud.operator}\n"
    assert holder(cloud, gcloud, "auth print-access-token") == cloud.operator
    (gcloud.folder / "gcloud" / "access_tokens.db").unlink()
    asked = len(cloud.calls)
    assert holder(cloud, gcloud, "auth print-access-token") == cloud.operator
    assert [call.method for call in cloud.calls[asked:]] == ["token.issue", "projects.get"]
    assert not cloud.changes


def test_whoever_does_not_allow_it_is_not_signed_in(cloud: GoogleCloudFake, before: Before) -> None:
    """And no token is given out."""
    gcloud = before(Person(cloud.operator, allows=False))
    assert "problem with web authentication" in gcloud.fail("auth login")
    assert gcloud.read("auth list") == []
    methods = [call.method for call in cloud.calls]
    assert methods == ["authorization.get", "authorization.issue"]


def test_programs_find_the_default_credentials(
    cloud: GoogleCloudFake, before: Before, variables: dict[str, str]
) -> None:
    """With the project that they use, and nobody signed in to gcloud by that."""
    gcloud = before(Person(cloud.operator))
    gcloud.run("config set project p1")
    gcloud.run("auth application-default login")
    assert gcloud.read("auth list") == []
    command = "auth application-default print-access-token"
    assert holder(cloud, gcloud, command) == cloud.operator
    with GoogleByName(cloud) as named:
        token, project = subprocess.run(
            [sys.executable, "-c", LIBRARY],
            env=variables | named.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=True,
        ).stdout.split()
    assert (cloud.tokens.holder(token), project) == (cloud.operator, "p1")


def test_the_credentials_name_no_project_that_the_person_may_not_use(
    cloud: GoogleCloudFake, before: Before
) -> None:
    """The login succeeds with a warning."""
    cloud.put_policy(cloud.project.resource, {"bindings": []})
    gcloud = before(Person(cloud.operator))
    gcloud.run("config set project p1")
    gcloud.run("auth application-default login")
    text = (gcloud.folder / "gcloud" / "application_default_credentials.json").read_text()
    assert "quota_project_id" not in json.loads(text)
