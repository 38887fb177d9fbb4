"""New tokens and keys for old ones, without a moment in which neither is good.

The function goes on with the old token until the logger has the new one; the logger goes on with
its old key until somebody has given Render the new one.
"""

from collections.abc import Callable
from time import sleep

from deploy_settings import DeploySettings
from google_cloud.function import Deployed, bring_function
from google_cloud.gcloud import Gcloud
from google_cloud.logger_checks import ask
from google_cloud.pins import TOKEN, new_token
from google_cloud.render_key import delete_key, keys, make_key
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
    newest = secrets.versions(name)[-1]
    if newest == pinned:
        newest = secrets.add(name, new_token())
    if gcloud.dry_run:
        token = ""
    else:
        token = secrets.content(name, newest)
        show(target, token)
        _wait_for_logger(gcloud, settings.addresses[target], token)
    bring_function(gcloud, settings, {**deployed.pins, variable: (name, newest)}, deployed)
    secrets.destroy(name, [version for version in secrets.versions(name) if version < newest])


def rotate_key(gcloud: Gcloud, settings: DeploySettings) -> None:
    """Make one more key; the old one stays good."""
    make_key(gcloud, settings)


def delete_old_keys(gcloud: Gcloud, settings: DeploySettings) -> int:
    """End all keys of Render's account but the newest; how many there were."""
    older = keys(gcloud, settings)[1:]
    for key in older:
        delete_key(gcloud, settings, key)
    return len(older)


def _wait_for_logger(gcloud: Gcloud, url: str, token: str) -> None:
    """Return when the logger takes the token; Ctrl-C leaves all as it was."""
    gcloud.tell(f"waiting until {url} takes the new token; Ctrl-C is harmless ...")
    while not _takes(url, token):
        sleep(POLL_SECONDS)


def _takes(url: str, token: str) -> bool:
    """While it restarts with the new one, it may not answer at all."""
    answer = ask(f"{url}/snapshot", token)
    return not isinstance(answer, str) and answer.status_code == 200
