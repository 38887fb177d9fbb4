"""What a logger answers to strangers, and to whoever has its token.

Redirects are not followed: they would carry the token elsewhere.
"""

from collections.abc import Iterator
from typing import Any

import requests

from google_cloud.bearer import Bearer
from google_cloud.finding import Finding

PROBLEM = "application/problem+json"
LONGEST_TEXT = 200  # characters
PATIENCE = 90  # seconds: a free service that sleeps takes about one minute to wake
_DEPLOY = "Deploy it on Render (README, Set-up, step 3), and check SNAPSHOT_URL"
_TOKEN = "Copy SNAPSHOT_TOKEN into Render; lost it? deploy/google.sh rotate-token"  # noqa: S105


def examine_logger(name: str, url: str, token: str, archive: str) -> Iterator[Finding]:
    """Look at the logger's address; the first failure ends it, because the rest would follow."""
    what = f"{name}, the logger"
    alive = ask(f"{url}/health/live")
    if isinstance(alive, str):
        yield Finding(what, ok=False, said=alive, hint=_DEPLOY, is_early=True)
        return
    if alive.status_code != 200:
        said = f"{url}/health/live answers {alive.status_code}, expected 200"
        yield Finding(what, ok=False, said=said, hint=_DEPLOY, is_early=True)
        return
    yield Finding(what, ok=True, said=f"lives at {url}")
    stranger = ask(f"{url}/snapshot")
    yield (closed := _closed(f"{name}, strangers at the snapshot", stranger))
    if closed.ok:
        yield _open(f"{name}, the snapshot with the token", ask(f"{url}/snapshot", token), archive)


def _closed(what: str, answer: requests.Response | str) -> Finding:
    if isinstance(answer, str):
        return Finding(what, ok=False, said=answer, hint="Try again")
    status = answer.status_code
    if status == 401:
        return Finding(what, ok=True, said="refused with 401")
    if status == 503:
        hint = "Set SNAPSHOT_TOKEN on Render, and leave BACKUP_ENABLED on"
        return Finding(what, ok=False, said=f"503: {_told(answer)}", hint=hint)
    said = f"answered with {status}, expected 401"
    return Finding(what, ok=False, said=said, hint="Is SNAPSHOT_URL the logger's own address?")


def _open(what: str, answer: requests.Response | str, archive: str) -> Finding:
    if isinstance(answer, str):
        return Finding(what, ok=False, said=answer, hint="Try again")
    if answer.status_code != 200:
        said = f"{answer.status_code}: {_told(answer)}"
        return Finding(what, ok=False, said=said, hint=_TOKEN)
    told = document(answer)
    if not {"archive", "files"} <= told.keys():
        said, hint = "200, with no snapshot", "Is SNAPSHOT_URL the logger's own address?"
        return Finding(what, ok=False, said=said, hint=hint)
    if told["archive"] != archive:
        said = f"the logger's own backups go to {told['archive']}, expected {archive}"
        hint = "Set GCS_BUCKET_NAME, SERVICE_NAME and BACKUP_PREFIX on Render as here"
        return Finding(what, ok=False, said=said, hint=hint)
    size = sum(file["size"] for file in told["files"])
    return Finding(what, ok=True, said=f"{len(told['files'])} files, {size:,} bytes")


def ask(url: str, token: str = "") -> requests.Response | str:
    """What a logger answers, or why it does not."""
    try:
        return requests.get(url, auth=Bearer(token), timeout=PATIENCE, allow_redirects=False)
    except requests.RequestException as error:
        return f"{url} does not answer ({type(error).__name__})"


def _told(answer: requests.Response) -> str:
    """What a problem says, or how somebody else's page begins."""
    is_problem = answer.headers.get("Content-Type", "").startswith(PROBLEM)
    said = document(answer).get("detail") if is_problem else None
    return str(said or answer.text[:LONGEST_TEXT])


def document(answer: requests.Response) -> dict[str, Any]:
    """What an answer holds as JSON; nothing where it is somebody else's page."""
    try:
        told = answer.json()
    except requests.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}
