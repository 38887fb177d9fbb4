"""As whom Cloud Scheduler is spoken to: by default as gcloud's account, who has made the jobs.

Whoever names somebody else by a variable means it. Application default credentials come last: they
may be another person's, and where there are none a search for them takes seconds.
"""

import os

import google.auth
from google.auth.credentials import Credentials
from google.oauth2.credentials import Credentials as TokenCredentials

from google_cloud.failures import GcloudFailed, GcloudMissing
from google_cloud.gcloud import Gcloud

TOKEN = "GOOGLE_OAUTH_ACCESS_TOKEN"  # noqa: S105  the name of a variable
KEY_FILE = "GOOGLE_APPLICATION_CREDENTIALS"
SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_NOBODY = "not currently have an active account"  # of gcloud 528


def credentials(project: str, token: str | None = None) -> Credentials:
    """Those of `token`, or of whoever is logged in; calls are counted against the project.

    Raises:
        DefaultCredentialsError: nobody is.
        GcloudFailed: gcloud's login does not hold any more.
    """
    if token := token or os.environ.get(TOKEN) or _token_of_gcloud(project):
        return TokenCredentials(  # type: ignore[no-untyped-call]  # google-auth has few types
            token, quota_project_id=project
        )
    found, _ = google.auth.default(scopes=SCOPES, quota_project_id=project)
    return found


def _token_of_gcloud(project: str) -> str | None:
    """None where nobody is logged in there, or a key file is to be used in its place."""
    if os.environ.get(KEY_FILE):
        return None
    try:
        return Gcloud(project, print).text("auth", "print-access-token").strip()
    except GcloudMissing:
        return None
    except GcloudFailed as error:
        if _NOBODY in error.said:
            return None
        raise
