"""The platform deploys by the Blueprint: an old logger goes, and a new one restores."""

import re
import time
from pathlib import Path

from deploy.google_project import BUCKET, PROJECT
from emulators.render_events import What
from end_to_end.firing import ROWS
from end_to_end.managing import scheduler
from end_to_end.whole import JOB, SERVICE, Whole
from soak.evidence import Archive, Live, Unreadable
from soak.losses import Losses, file_faults
from soak.waiting import wait_until

OLD_FILE = Path("old", "2019.csv")  # from before there was this system; more than two chunks long
OLD_ROWS = 300_000


def deploy_first(whole: Whole) -> None:
    """The first deploy fails for want of the key, as the README says; with it there is a logger."""
    told = {
        "SNAPSHOT_TOKEN": whole.token,
        "GCS_BUCKET_NAME": BUCKET,
        "GCP_PROJECT_ID": PROJECT,
        "API_ENDPOINT_OVERRIDE": whole.project.storage.url,
    }
    assert not whole.render.try_to_deploy(**told), "a deploy without the key has not failed"
    (failed,) = whole.render.logs.iterdir()
    assert "is no service account key" in failed.read_text(), failed.read_text()
    whole.render.take_key(whole.project.key_file)
    whole.render.deploy()
    place = whole.render.data / OLD_FILE
    place.parent.mkdir()
    place.write_bytes(old_rows())
    whole.ledger.wait_for_rows(ROWS)


def deploy_again(whole: Whole) -> None:
    """Pre-deploy proves the backup, the new logger restores it, the old one pushes what is left."""
    events, old, backups = whole.render.events, whole.render.instance, len(whole.backups)
    whole.ledger.wait_for_rows(ROWS)
    before = events.count
    assert whole.render.try_to_deploy(), "a deploy has failed"
    assert events.wait_for(What.PRE_DEPLOY, after=before).code == 0
    new = whole.render.instance
    assert re.search(r"restored \d+ files", new.log.read_text()), new.log.read_text()
    assert (whole.render.data / OLD_FILE).read_bytes() == old_rows(), f"{OLD_FILE} is another one"
    events.wait_for(What.WIPED, old.id)
    assert len(whole.backups) > backups, "the old logger has not pushed its last rows"


def hold_every_row(whole: Whole) -> int:
    """How many rows were recorded until now; after a last backup, none of them is missing."""
    until = time.time()
    scheduler(whole, "run", JOB)
    whole.project.scheduler.wait_until_idle()
    archive, live = Archive(SERVICE), Live(whole.render.url, whole.token)
    faults: list[str] = []

    def all_are_there() -> bool:
        faults[:] = _faults(whole, until, archive, live)
        return not faults

    try:
        wait_until(all_are_there, "every row is in the bucket and with the logger")
    except AssertionError as error:
        raise AssertionError(f"{error}; {len(faults)} faults, such as {faults[0]}") from error
    return sum(row.at <= until for row in whole.ledger.rows)


def _faults(whole: Whole, until: float, archive: Archive, live: Live) -> list[str]:
    """Rows that are missing somewhere, and files that are not as they were written."""
    try:
        stored, shown = archive.files(whole.objects), live.files()
    except Unreadable as error:  # a catch-up may be at work
        return [str(error)]
    whole.ledger.read()
    missing = Losses().missing(whole.ledger, until, stored, shown)
    return [
        *(f"{row.text} is not in {' and '.join(where)}" for row, where in missing.items()),
        *file_faults(whole.ledger, stored, "the archive"),
        *file_faults(whole.ledger, shown, "the running logger"),
    ]


def old_rows() -> bytes:
    """What an old logger has left: rows of which each is another one."""
    rows = (f"2019-01-01T00:00:00Z,{number},{number * 7919 % 10_007}" for number in range(OLD_ROWS))
    return "\n".join(["time,number,price", *rows, ""]).encode()
