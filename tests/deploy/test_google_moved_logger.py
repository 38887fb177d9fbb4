"""A logger whose address has changed may have left its token with a stranger at the old one."""

from typing import Any

import pytest

from deploy.google_listening import FUNCTION, Listening, deployed
from deploy.google_project import NOBODY, GoogleProject
from google_cloud.function import Deployed
from google_cloud.moved_loggers import former_addresses, tell_moved
from shared.errors import BadSettings

FIRST, OTHER = "https://a.onrender.com", "https://b.onrender.com"
ROTATE = "deploy/google.sh rotate-token"


def told(project: GoogleProject, gcloud: Listening, **settings: str) -> list[str]:
    """At the end of a run with these settings."""
    read = project.settings(**settings)
    gcloud.told.clear()
    tell_moved(gcloud, read, former_addresses(read, Deployed.find(gcloud, read)))
    return gcloud.told


def test_the_run_that_changes_it_says_who_may_have_the_token(project: GoogleProject) -> None:
    """Once, with the way to another token; the next run has nothing to say of it."""
    moved = project.run("--no-doctor", SNAPSHOT_URL=FIRST)
    try:
        assert moved.returncode == 0, moved.stderr
        line = f"! btc-logger was called at {NOBODY} so far, and SNAPSHOT_TOKEN went there"
        assert moved.stdout.count(line) == 1
        assert moved.stdout.index("key for Render") < moved.stdout.index(line)
        assert f"{ROTATE} gives another" in moved.stdout
        again = project.run("--no-doctor", SNAPSHOT_URL=FIRST)
        assert (again.returncode, ROTATE in again.stdout.split("On Render")[0]) == (0, False)
    finally:
        assert project.run("--no-doctor").returncode == 0


def test_of_several_it_is_told_of_those_that_have_moved(
    project: GoogleProject, gcloud: Listening
) -> None:
    """A logger keeps its token when others come beside it, and a new one has a new token."""
    several = f"btc-logger={FIRST},eth-logger={OTHER}"
    (line,) = told(project, gcloud, SNAPSHOT_URL="", TARGETS=several)
    assert f"! btc-logger was called at {NOBODY} so far" in line
    assert f"{ROTATE} --target btc-logger gives another" in line
    stays = f"btc-logger={NOBODY},eth-logger={OTHER}"
    assert told(project, gcloud, SNAPSHOT_URL="", TARGETS=stays) == []


def test_one_of_several_may_have_moved(project: GoogleProject, gcloud: Listening) -> None:
    """As the function was told them."""
    several = f"btc-logger={FIRST},eth-logger={OTHER}"

    def change(functions: dict[str, Any]) -> None:
        functions[FUNCTION]["serviceConfig"]["environmentVariables"]["TARGETS"] = several

    with deployed(project, gcloud, change):
        moved = several.replace(OTHER, f"{OTHER}/eth")
        (line,) = told(project, gcloud, SNAPSHOT_URL="", TARGETS=moved)
    assert f"! eth-logger was called at {OTHER} so far" in line


@pytest.mark.parametrize(
    "lines",
    [
        {"SNAPSHOT_URL": "https://your-logger.onrender.com"},
        {"SNAPSHOT_URL": "", "TARGETS": f"a={FIRST},b=https://Your-Other.onrender.com/b"},
    ],
)
def test_the_address_of_the_example_is_refused(
    project: GoogleProject, lines: dict[str, str]
) -> None:
    """It is nobody's, or a stranger's."""
    with pytest.raises(BadSettings, match=r"found https://.*expected the address that Render"):
        project.settings(**lines)
