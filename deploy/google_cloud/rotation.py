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
        BadSettings: there is no function yet, or it is not as the settings want it.
    """
    variable, name = settings.variable(target, TOKEN), settings.secret(TOKEN, target)
    secrets, deployed = Secrets(gcloud, settings), _deployed(gcloud, settings, variable, name)
    _, pinned = deployed.pins[variable]
    # Where the pinned one is not among them, nobody can tell which of them the logger has.
    if pinned not in secrets.versions(name)[:-1]:
        secrets.add(name, new_token())
    newest = secrets.versions(name)[-1]
    if not gcloud.dry_run:
        token = secrets.content(name, newest)
        show(target, token)
        _wait_for_logger(gcloud, settings.addresses[target], token)
    bring_function(gcloud, settings, {**deployed.pins, variable: (name, newest)}, deployed)
    secrets.destroy(name, [version for version in secrets.versions(name) if version < newest])


def _deployed(gcloud: Gcloud, settings: DeploySettings, variable: str, name: str) -> Deployed:
    """The function, which reads this secret, and each of them in a version of its own."""
    deployed, hint = Deployed.find(gcloud, settings), "Run deploy/google.sh first"
    if deployed is None:
        raise BadSettings("there is no function yet", hint=hint)
    if deployed.pins.get(variable, ("", 0))[0] != name or not all(
        version for _, version in deployed.pins.values()
    ):
        raise BadSettings(
            f"{settings.function_name} is not as the settings want it: expected {variable} from "
            f"the secret {name}, and each of its secrets in one version",
            name=variable,
            hint=hint,
        )
    return deployed


def _wait_for_logger(gcloud: Gcloud, url: str, token: str) -> None:
    """Return when the logger takes the token; Ctrl-C leaves all as it was."""
    gcloud.tell(f"waiting until {url} takes the new token; Ctrl-C is harmless ...")
    while not _takes(url, token):
        sleep(POLL_SECONDS)


def _takes(url: str, token: str) -> bool:
    """While it restarts with the new one, it may not answer at all."""
    answer = ask(f"{url}/snapshot", token)
    return not isinstance(answer, str) and answer.status_code == 200
