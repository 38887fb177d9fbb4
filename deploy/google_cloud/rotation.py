"""A new token for an old one: the function goes on with that until the logger has the new one."""

from collections.abc import Callable
from time import sleep

from deploy_settings import DeploySettings
from google_cloud.function import Deployed, bring_function
from google_cloud.gcloud import Gcloud
from google_cloud.logger_checks import ask
from google_cloud.pins import TOKEN, new_token
from google_cloud.secret_versions import Secrets
from shared.errors import BadSettings

POLL_SECONDS = 5.0


def rotate_token(
    gcloud: Gcloud, settings: DeploySettings, target: str, show: Callable[[str, str], None]
) -> None:
    """Make a token, wait until the logger has it, hand it to the function, destroy older ones.

    `show` is given the logger's name and the token. An interrupted rotation goes on with the token
    that it has made.

    Raises:
        BadSettings: there is no function yet.
    """
    secrets, deployed = Secrets(gcloud, settings), Deployed.find(gcloud, settings)
    if deployed is None:
        raise BadSettings("there is no function yet", hint="Run deploy/google.sh first")
    variable = settings.variable(target, TOKEN)
    name, pinned = deployed.pins[variable]
    if secrets.versions(name)[-1] == pinned:
        secrets.add(name, new_token())
    newest = secrets.versions(name)[-1]
    if not gcloud.dry_run:
        token = secrets.content(name, newest)
        show(target, token)
        _wait_for_logger(gcloud, settings.addresses[target], token)
    bring_function(gcloud, settings, {**deployed.pins, variable: (name, newest)}, deployed)
    secrets.destroy(name, [version for version in secrets.versions(name) if version < newest])


def _wait_for_logger(gcloud: Gcloud, url: str, token: str) -> None:
    """Return when the logger takes the token; Ctrl-C leaves all as it was."""
    gcloud.tell(f"waiting until {url} takes the new token; Ctrl-C is harmless ...")
    while not _takes(url, token):
        sleep(POLL_SECONDS)


def _takes(url: str, token: str) -> bool:
    """While it restarts with the new one, it may not answer at all."""
    answer = ask(f"{url}/snapshot", token)
    return not isinstance(answer, str) and answer.status_code == 200
