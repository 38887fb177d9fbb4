"""A function that is ready to be deployed, and the command that does it."""

from emulators.google_accounts import Account
from emulators.google_cloud import GoogleCloudFake
from emulators.google_secrets import Secret, Version
from google_stand_ins.gcloud_command import Gcloud

FUNCTION = "projects/p1/locations/us-central1/functions/btc-backup"
SERVICE = "projects/p1/locations/us-central1/services/btc-backup"
HERE = "btc-backup --gen2 --region=us-central1"
ACCOUNT = "function@p1.iam.gserviceaccount.com"
READER = f"token --member=serviceAccount:{ACCOUNT} --role=roles/secretmanager.secretAccessor"
DEPLOY = (
    f"functions deploy {HERE} --runtime=python313 --source=source --entry-point=backup"
    f" --trigger-http --no-allow-unauthenticated --run-service-account={ACCOUNT} --memory=512Mi"
    " --timeout=240s --concurrency=1 --min-instances=0 --max-instances=2 --ingress-settings=all"
    " --set-env-vars=^|^A=1|B=x,y --set-secrets=TOKEN=token:1 --update-labels=source=abc"
)


def write_source(gcloud: Gcloud, program: str = "def backup(request):\n    return ''\n") -> None:
    """Put a function's source where the command expects it."""
    folder = gcloud.folder / "source"
    folder.mkdir(exist_ok=True)
    (folder / "main.py").write_text(program)
    (folder / "requirements.txt").write_text("functions-framework\n")


def prepare(cloud: GoogleCloudFake, gcloud: Gcloud) -> None:
    """Have all that a deploy refers to."""
    write_source(gcloud)
    cloud.accounts[ACCOUNT] = Account(ACCOUNT, "1")
    cloud.secrets["token"] = Secret("token", {}, [Version(1, b"opens the logger", is_checked=True)])
    reader = f"serviceAccount:{ACCOUNT}"
    binding = {"role": "roles/secretmanager.secretAccessor", "members": [reader]}
    cloud.put_policy("projects/p1/secrets/token", {"bindings": [binding]})
