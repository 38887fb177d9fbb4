"""What the function answers: to strangers nothing, and to its owner how it stands.

Redirects are not followed: they would carry the token elsewhere.
"""

import requests

from deploy_settings import DeploySettings
from google_cloud.bearer import Bearer
from google_cloud.finding import Finding
from google_cloud.gcloud import Gcloud
from google_cloud.logger_checks import LONGEST_TEXT, document
from scheduling.outcome import log_command

ANSWER_SECONDS = 60  # of a cold start and more
# https://cloud.google.com/run/docs/authenticating/developers
NOT_LET_IN = (
    "Whoever runs this has to be a person who may invoke it, such as an owner of the project: "
    "gcloud auth login"
)


def refuses_strangers(url: str) -> Finding:
    """Whether it refuses whoever has no token of Google's."""
    what, answer = "strangers at the function", _ask(url, {})
    if isinstance(answer, str):
        return Finding(what, ok=False, said=answer, hint="Try again")
    status = answer.status_code
    if status in (401, 403):
        return Finding(what, ok=True, said=f"refused with {status}")
    hint = "Run deploy/google.sh, which takes such rights away"
    return Finding(what, ok=False, said=f"answered with {status}, expected 403", hint=hint)


def knows_how_it_stands(gcloud: Gcloud, settings: DeploySettings, url: str, target: str) -> Finding:
    """Whether it reaches the bucket, and could tell whomever NOTIFY_URLS names."""
    what = f"{target}, the function"
    token = gcloud.text("auth", "print-identity-token").strip()
    answer = _ask(url, {"target": target}, token)
    if isinstance(answer, str):
        return Finding(what, ok=False, said=answer, hint="Try again")
    told = document(answer)
    if answer.status_code == 200 and {"backups", "provider"} <= told.keys():
        return Finding(what, ok=True, said=f"{told['backups']} backups in {told['provider']}")
    said = f"{answer.status_code}: {told.get('message') or answer.text[:LONGEST_TEXT]}"
    by_google = answer.status_code in (401, 403) and not told
    known = NOT_LET_IN if by_google else f"Its log says more: {log_command(settings)}"
    return Finding(what, ok=False, said=said, hint=told.get("hint") or known)


def _ask(url: str, told: dict[str, str], token: str = "") -> requests.Response | str:
    """Its answer to `status`, or why there is none."""
    asked = {"action": "status"} | told
    try:
        return requests.post(
            url, json=asked, auth=Bearer(token), timeout=ANSWER_SECONDS, allow_redirects=False
        )
    except requests.RequestException as error:
        return f"{url} does not answer ({type(error).__name__})"
