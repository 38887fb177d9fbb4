"""Which version of a token the function is pinned to, where there are several."""

from deploy.google_listening import Listening
from deploy.google_project import GoogleProject
from deploy.google_rotating import secret
from emulators.google_secrets import Version
from google_cloud.function import Deployed
from google_cloud.pins import bring_secrets
from google_cloud.secret_versions import Secrets


def test_a_logger_keeps_its_token_when_others_come_amid_a_rotation(
    project: GoogleProject, gcloud: Listening
) -> None:
    """The function calls it by another variable then, and the logger does not have the newer."""
    several = "btc-logger=https://a.onrender.com,eth-logger=https://b.onrender.com"
    settings = project.settings(SNAPSHOT_URL="", TARGETS=several)
    found, versions = Deployed.find(gcloud, settings), secret(project).versions
    assert found
    shown: list[str] = []
    versions.append(Version(len(versions) + 1, b"of-a-rotation", is_checked=True))
    try:
        pins = bring_secrets(
            gcloud,
            settings,
            Secrets(gcloud, settings),
            found.pins,
            lambda target, _: shown.append(target),
        )
    finally:
        versions.pop()
    assert pins["BTC_LOGGER_SNAPSHOT_TOKEN"] == found.pins["SNAPSHOT_TOKEN"]
    assert shown == ["eth-logger"]
