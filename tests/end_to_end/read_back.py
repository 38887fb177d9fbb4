"""What the function stored, read by gcloud and by nothing of ours."""

import json
from pathlib import Path
from typing import Any

from deploy.google_project import BUCKET
from documentation.shown_commands import shown_commands
from end_to_end.deploying import OLD_FILE, old_rows
from end_to_end.whole import SERVICE, Whole
from job_processes import run_job
from processes import ROOT, copy_job
from soak.evidence import is_recorded
from soak.ledger import Ledger

PREFIX = f"gs://{BUCKET}/{SERVICE}"
RECIPE_PATH, RECIPE_OUTPUT = "BTC-USD/2026-11-22.1a2b3c4d.csv", "2026-11-22.csv"


def read_by_gcloud(whole: Whole) -> int:
    """How many files the newest backup has, each of which came back byte for byte."""
    stored = whole.objects
    listed = whole.gcloud("storage", "ls", f"{PREFIX}/**").decode().split()
    assert listed == [f"gs://{BUCKET}/{name}" for name in stored], "gcloud lists other objects"
    copied = whole.folder / "copied"
    copied.mkdir()
    whole.gcloud("storage", "cp", "--recursive", PREFIX, str(copied))
    assert contents(copied) == stored, "gcloud's copy has other bytes"
    newest = whole.backups[-1]
    manifest = whole.gcloud("storage", "cat", f"gs://{BUCKET}/{newest}")
    assert manifest == stored[newest], f"gcloud has printed other bytes of {newest}"
    (whole.folder / "newest.json").write_bytes(manifest)
    told: dict[str, Any] = json.loads(manifest)
    got = {entry["path"]: _by_the_recipe(whole, entry["path"]) for entry in told["files"]}
    # The ledger as it was after that backup: a file of a day that begins now is in none.
    check(got, whole.ledger)
    assert restored(copied, whole.folder) == got, "the copy restores other bytes"
    return len(got)


def _by_the_recipe(whole: Whole, path: str) -> bytes:
    """One file, by what the README shows."""
    (recipe,) = (one.text for one in shown_commands(ROOT) if one.text.startswith("jq -r '.files"))
    for shown, here in ((RECIPE_PATH, path), ("gs://BUCKET/PREFIX", PREFIX)):
        assert shown in recipe, f"the recipe does not name {shown}"
        recipe = recipe.replace(shown, here)
    whole.run("bash", "-o", "pipefail", "-c", recipe)
    return (whole.folder / RECIPE_OUTPUT).read_bytes()


def check(got: dict[str, bytes], ledger: Ledger) -> None:
    """Raise unless each file is as it was written: a recorder's as the ledger has it."""
    assert got[OLD_FILE.as_posix()] == old_rows(), f"{OLD_FILE} came back as another one"
    for path in filter(is_recorded, got):
        written = "".join(f"{line}\n" for line in ledger.lines[path]).encode()
        assert written.startswith(got[path]), f"{path} came back as another one"
    assert {*filter(is_recorded, got)} == {*ledger.lines}, "not every file came back"


def restored(archive: Path, folder: Path) -> dict[str, bytes]:
    """What the restore job brings back from a copy of the bucket."""
    into = folder / "restored"
    settings = {"LOCAL_BACKUP_DIR": str(archive), "SERVICE_NAME": SERVICE}
    job = copy_job("restore_job", folder)
    done = run_job(job, "main.py", "--to", str(into), settings=settings)
    assert done.returncode == 0, done.stdout + done.stderr
    return {path: data for path, data in contents(into).items() if not path.startswith(".backup/")}


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of each file below a folder, in the order of the names."""
    files = sorted(place for place in folder.rglob("*") if place.is_file())
    return {place.relative_to(folder).as_posix(): place.read_bytes() for place in files}
