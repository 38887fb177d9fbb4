"""What leads the real gcloud to the stand-ins: variables, and a configuration of its own.

Its folder holds the one account that is signed in, so that `gcloud auth list`,
`print-access-token` and `print-identity-token` work as they do for a person at home; or nobody's,
for whom `gcloud auth login` leads to the stand-in's page.
"""

import json
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from emulators.google_grants import GCLOUD
from emulators.google_sign_in import PATH
from emulators.google_tokens import Tokens

_APIS = (
    "ARTIFACTREGISTRY CLOUDBUILD CLOUDFUNCTIONS CLOUDRESOURCEMANAGER IAM IAMCREDENTIALS LOGGING"
    " SECRETMANAGER SERVICEUSAGE"
)
# gcloud asks REGION-HOST, a name that leads nowhere: the stand-in is the proxy for it.
RUN_HOST = "run.test"
_DAY_SECONDS = 86_400
_SWITCHED_OFF = {
    "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
    "CLOUDSDK_CORE_CHECK_GCE_METADATA": "0",
    "CLOUDSDK_CORE_DISABLE_FILE_LOGGING": "1",
    "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
    "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
    "CLOUDSDK_SURVEY_DISABLE_PROMPTS": "1",
    "NO_GCE_CHECK": "true",  # for google-auth, which would look for a metadata server, too
}


def environment(folder: Path, url: str, project: str, tokens: Tokens) -> dict[str, str]:
    """The variables to add to a process's own, for the person who is signed in."""
    leading = signed_out_environment(folder, url)
    _sign_in(folder / "credentials.db", tokens, f"{url}/token")
    chosen = {"CLOUDSDK_CORE_ACCOUNT": tokens.operator, "CLOUDSDK_CORE_PROJECT": project}
    return leading | chosen


def signed_out_environment(folder: Path, url: str) -> dict[str, str]:
    """The same where nobody is signed in and no project is chosen yet."""
    folder.mkdir(parents=True, exist_ok=True)
    _tell_that_this_is_no_cloud(folder / "gce")
    overrides = {f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{api}": f"{url}/" for api in _APIS.split()}
    return {
        **_SWITCHED_OFF,
        **overrides,
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN": f"http://{RUN_HOST}/",
        "http_proxy": url,
        "no_proxy": "127.0.0.1,localhost",
        "CLOUDSDK_CONFIG": str(folder),
        "CLOUDSDK_AUTH_AUTH_HOST": f"{url}{PATH}",
        "CLOUDSDK_AUTH_TOKEN_HOST": f"{url}/token",
        "OAUTHLIB_INSECURE_TRANSPORT": "1",  # it would sign nobody in over http
    }


def _sign_in(path: Path, tokens: Tokens, token_uri: str) -> None:
    """Write what `gcloud auth login` leaves (core/credentials/creds.py of gcloud 528)."""
    credentials = {
        "type": "authorized_user",
        "client_id": GCLOUD,
        "client_secret": "none",
        "refresh_token": tokens.refresh_token,
        "token_uri": token_uri,
        "scopes": ["openid", "https://www.googleapis.com/auth/cloud-platform"],
    }
    with closing(sqlite3.connect(path)) as database, database:
        table = '"credentials" (account_id TEXT PRIMARY KEY, value BLOB)'
        database.execute(f"CREATE TABLE IF NOT EXISTS {table}")
        row = tokens.operator, json.dumps(credentials)
        database.execute('REPLACE INTO "credentials" VALUES (?, ?)', row)


def _tell_that_this_is_no_cloud(path: Path) -> None:
    """Write what gcloud has found out, so that it looks for no metadata server (gce_cache.py)."""
    path.write_text("False")
    later = time.time() + _DAY_SECONDS  # it counts for ten minutes from its time
    os.utime(path, (later, later))
