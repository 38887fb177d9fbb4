"""The secrets that the function reads, each pinned to a version: tokens, and whom to tell.

A token is made once, and its version stays the pinned one until it is rotated; an address follows
the settings.
"""

from collections.abc import Callable
from secrets import token_urlsafe

from deploy_settings import DeploySettings
from google_cloud.function import Pins
from google_cloud.gcloud import Gcloud
from google_cloud.rights import bring_rights, secret
from google_cloud.secret_versions import Secrets

TOKEN_BYTES = 32
TOKEN = "SNAPSHOT_TOKEN"  # noqa: S105  the name of one
HEARTBEAT, NOTIFY = "HEARTBEAT_URL", "NOTIFY_URLS"

Show = Callable[[str, str], None]  # given a logger's name and its token


def bring_secrets(
    gcloud: Gcloud,
    settings: DeploySettings,
    secrets: Secrets,
    pinned: Pins,
    show: Show,
) -> Pins:
    """Make what is missing; `pinned` is what the function has now, the answer what it should.

    A token that the function has not had yet is shown at once: whatever ends the run after that,
    somebody has it.
    """
    pins, had = {}, dict(pinned.values())
    for target in settings.addresses:
        name = settings.secret(TOKEN, target)
        version = had.get(name, 0)
        if version not in secrets.versions(name):
            version, token = _newest_token(secrets, name)
            show(target, token)
        pins[settings.variable(target, TOKEN)] = name, version
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


def _newest_token(secrets: Secrets, name: str) -> tuple[int, str]:
    """The one of a run that ended before the function had it, or a new one; and its version."""
    if versions := secrets.versions(name):
        return versions[-1], secrets.content(name, versions[-1])
    token = new_token()
    return secrets.add(name, token), token


def _newest(secrets: Secrets, name: str, address: str) -> int:
    """The version that holds the address."""
    versions = secrets.versions(name)
    if versions and secrets.content(name, versions[-1]) == address:
        return versions[-1]
    return secrets.add(name, address)


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
