"""What a reader of the pages does between the commands for Google, and while one runs."""

import json
import re
import subprocess
from typing import Any

from deploy.google_project import BUCKET, PROJECT
from documentation.reader import LOGGER, Reader

TOKEN = r"to copy to Render now:\s+(\S+)\n"  # where one is shown
QUESTION = r"Type (\S+) to go on"
NEW_BUCKET = f"{BUCKET}-2"
NEW_REGION = "europe-west1"
_FILE = "BTC-USD/2026-11-22.1a2b3c4d.csv"  # the pages' example


def edit_settings(reader: Reader) -> None:
    """Put in the three lines that have to be one's own."""
    own = {"GCS_BUCKET_NAME": BUCKET, "SNAPSHOT_URL": reader.names[LOGGER]}
    reader.write_settings(GCP_PROJECT_ID=PROJECT, **own)


def remember_token(reader: Reader, shown: re.Match[str]) -> None:
    """It is shown this once."""
    reader.token = shown[1]


def set_up_render(reader: Reader) -> None:
    """Carry over what google.sh has made."""
    reader.render.take_key(reader.key_file)
    reader.render.deploy(SNAPSHOT_TOKEN=reader.token)


def change_token(reader: Reader, shown: re.Match[str]) -> None:
    """On Render, while google.sh waits for it."""
    reader.render.deploy(SNAPSHOT_TOKEN=shown[1])


def change_key(reader: Reader) -> None:
    """On Render."""
    reader.render.take_key(reader.key_file)
    reader.render.deploy()


def confirm(reader: Reader, asked: re.Match[str]) -> None:
    """Type the word that is asked for."""
    reader.press(asked[1])


def wait_for_the_log(reader: Reader) -> None:
    """What the function prints is at Google a moment later."""
    function = reader.cloud_run.function
    function.wait_for_line('"message": ')
    for line in function.stdout:
        reader.project.cloud.hear("btc-backup", "us-central1", line)


def fetch_newest_manifest(reader: Reader) -> None:
    """Of the backup that holds the wanted file."""
    manifest = newest_manifest(reader)
    (reader.folder / "newest.json").write_text(json.dumps(manifest))
    paths = [entry["path"] for entry in manifest["files"]]
    reader.names[_FILE] = next(path for path in paths if path.endswith(".csv"))


def lose_backups(reader: Reader) -> None:
    """Somebody deletes them, and what they are made of."""
    before = reader.objects(BUCKET)
    words = ["gcloud", "storage", "rm", f"gs://{BUCKET}/btc-logger/**"]
    done = subprocess.run(words, env=reader.variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    after = reader.objects(BUCKET)
    reader.lost = {name: data for name, data in before.items() if name not in after}


def choose_another_bucket(reader: Reader) -> None:
    """Stop the jobs again; from now on the pages' example is the new one."""
    reader.type_again("python deploy/scheduler.py pause all")
    reader.names |= {"your-old-bucket": BUCKET, "your-btc-data-bucket": NEW_BUCKET}
    reader.write_settings(GCS_BUCKET_NAME=NEW_BUCKET)


def move_render(reader: Reader) -> None:
    """It pushes its last rows into the old bucket, and begins with what the new one has."""
    reader.render.deploy(GCS_BUCKET_NAME=NEW_BUCKET)


def prove_the_new_bucket(reader: Reader) -> None:
    """Go on with the jobs again, and see that a backup arrives there."""
    reader.type_again("python deploy/scheduler.py resume all")
    reader.type_again("deploy/google.sh doctor")


def choose_another_region(reader: Reader) -> None:
    """Once the new bucket is proven; function and jobs are in both regions then."""
    prove_the_new_bucket(reader)
    reader.write_settings(GCP_REGION=NEW_REGION)
    reader.type_again("deploy/google.sh --no-doctor")


def newest_manifest(reader: Reader) -> dict[str, Any]:
    """Of the bucket that the reader began with."""
    found = reader.objects(BUCKET)
    newest = max(name for name in found if name.startswith("btc-logger/backups/"))
    manifest: dict[str, Any] = json.loads(found[newest])
    return manifest
