"""The secrets that the function reads, each pinned to a version: tokens, and whom to tell.

A token is made once, and its version stays the pinned one until it is rotated; an address follows
the settings.
"""

from secrets import token_urlsafe

from deploy_settings import DeploySettings
from google_cloud.function import Pins
from google_cloud.gcloud import Gcloud
from google_cloud.rights import bring_rights, secret
from google_cloud.secret_versions import Secrets

TOKEN_BYTES = 32
TOKEN = "SNAPSHOT_TOKEN"  # noqa: S105  the name of one
HEARTBEAT, NOTIFY = "HEARTBEAT_URL", "NOTIFY_URLS"


def bring_secrets(
    gcloud: Gcloud,
    settings: DeploySettings,
    secrets: Secrets,
    pinned: Pins,
    made: dict[str, str],
) -> Pins:
    """Make what is missing; `pinned` is what the function has now, the answer what it should.

    Tokens that had to be made go to `made`, by the logger's name: nobody else ever sees them.
    """
    pins = {}
    for target in settings.addresses:
        variable = settings.variable(target, TOKEN)
        name = settings.secret(TOKEN, target)
        version = _pinned(secrets, name, pinned.get(variable)) or _make(secrets, name, target, made)
        pins[variable] = name, version
    for variable, (name, address) in _addresses(settings).items():
        pins[variable] = name, _newest(secrets, name, address)
    for name, _ in pins.values():
        bring_rights(gcloud, settings, secret(name))
    return pins


def left_over(secrets: Secrets, pins: Pins) -> list[str]:
    """The names of our secrets that nothing reads any more."""
    return sorted(secrets.names - {name for name, _ in pins.values()})


def destroy_older(secrets: Secrets, pins: Pins) -> None:
    """Of addresses that have changed; what tokens held goes with their rotation alone."""
    for variable, (name, pinned) in pins.items():
        if not variable.endswith(TOKEN):
            older = [version for version in secrets.versions(name) if version < pinned]
            secrets.destroy(name, older)


def new_token() -> str:
    """A token that nobody guesses."""
    return token_urlsafe(TOKEN_BYTES)


def _pinned(secrets: Secrets, name: str, pin: tuple[str, int] | None) -> int | None:
    """The version that the function has if it is there still, else the newest."""
    versions = secrets.versions(name)
    if pin and pin[0] == name and pin[1] in versions:
        return pin[1]
    return versions[-1] if versions else None


def _make(secrets: Secrets, name: str, target: str, made: dict[str, str]) -> int:
    token = new_token()
    secrets.add(name, token)
    made[target] = token
    return secrets.versions(name)[-1]


def _newest(secrets: Secrets, name: str, address: str) -> int:
    """The version that holds the address."""
    versions = secrets.versions(name)
    if versions and secrets.content(name, versions[-1]) == address:
        return versions[-1]
    secrets.add(name, address)
    return secrets.versions(name)[-1]


def _addresses(settings: DeploySettings) -> dict[str, tuple[str, str]]:
    """Variable to the secret's name and what it has to hold."""
    told = {
        settings.variable(target, HEARTBEAT): (
            settings.secret(HEARTBEAT, target),
            url.get_secret_value(),
        )
        for target, url in settings.heartbeat_urls.items()
    }
    if settings.notify_urls:
        told[NOTIFY] = settings.secret(NOTIFY), settings.notify_urls.get_secret_value()
    return told
