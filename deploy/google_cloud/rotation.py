"""A new token for an old one: the function goes on with that until the logger has the new one."""

from time import sleep

from deploy_settings import DeploySettings
from google_cloud.function import Deployed, bring_function
from google_cloud.gcloud import Gcloud
from google_cloud.logger_checks import ask
from google_cloud.pins import TOKEN, Show, new_token
from google_cloud.secret_versions import Secrets
from shared.errors import BadSettings

POLL_SECONDS = 5.0


def give_to_logger(gcloud: Gcloud, settings: DeploySettings, target: str, show: Show) -> int:
    """Make a token, and return its version once the logger takes it; in a dry run at once.

    `show` is given the logger's name and the token. An interrupted rotation goes on with the token
    that it has made.

    Raises:
        BadSettings: there is no function yet, or it is not as the settings want it.
    """
    _, pinned = _deployed(gcloud, settings, target).pins[settings.variable(target, TOKEN)]
    secrets = Secrets(gcloud, settings)
    version, token = _next_token(gcloud, secrets, settings.secret(TOKEN, target), pinned)
    if not gcloud.dry_run:
        show(target, token)
        _wait_for_logger(gcloud, settings.addresses[target], token)
    return version


def give_to_function(gcloud: Gcloud, settings: DeploySettings, target: str, version: int) -> None:
    """Have the function use a version that the logger takes, and destroy older ones.

    It looks anew, because the wait for the logger has no end: another run may have been faster.

    Raises:
        BadSettings: there is no function any more, or it is not as the settings want it.
    """
    name, deployed = settings.secret(TOKEN, target), _deployed(gcloud, settings, target)
    pins = {**deployed.pins, settings.variable(target, TOKEN): (name, version)}
    bring_function(gcloud, settings, pins, deployed)
    secrets = Secrets(gcloud, settings)
    secrets.destroy(name, [older for older in secrets.versions(name) if older < version])


def _next_token(gcloud: Gcloud, secrets: Secrets, name: str, pinned: int) -> tuple[int, str]:
    """Of a rotation that has not come to its end, or a new one; and its version."""
    versions = secrets.versions(name)
    # The end leaves the pinned version alone. A pin itself proves nothing: a function has it, too,
    # whose deploy has failed.
    if versions != [pinned] and max(versions, default=0) >= pinned:
        gcloud.tell("an earlier rotation goes on with its token; run it again for yet another")
        return versions[-1], secrets.content(name, versions[-1])
    token = new_token()
    return secrets.add(name, token), token


def _deployed(gcloud: Gcloud, settings: DeploySettings, target: str) -> Deployed:
    """The function, which reads the logger's token, and each secret in a version of its own."""
    variable, name = settings.variable(target, TOKEN), settings.secret(TOKEN, target)
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
