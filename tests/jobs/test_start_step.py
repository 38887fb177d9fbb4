"""The start step looks at the data, restores, looks again, and leaves a receipt for the logger."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from emulators.storage import StorageFake
from engine.archives import write
from jobs.seeded_archive import SECOND, RestoreJob, seed
from shared.receipt import Outcome, Receipt, read_receipt

DAY = "BTC-USD/day.csv"


def kept(job: RestoreJob) -> Receipt:
    """What the logger would read."""
    receipt = read_receipt(job.data)
    assert receipt is not None
    return receipt


def test_the_data_is_looked_at_before_and_after(job: RestoreJob) -> None:
    """Both verdicts stand in the answer, each with its reasons."""
    answer = job.answer(CRITICAL_FILES="*.csv:8", FRESHNESS_HOURS="1000000")
    before, after = answer["integrity_before"], answer["integrity_after"]
    assert (before["verdict"], before["files"]) == ("missing", 0)
    assert before["findings"][0]["what"] == str(job.data)
    assert (after["verdict"], after["files"], after["findings"]) == ("healthy", 4, [])


def test_data_that_a_restore_left_alone_is_looked_at_once(job: RestoreJob) -> None:
    """The second look would read as much again, and find the same."""
    job.run()
    answer = job.answer()
    assert (answer["kept_files"], answer["restored_files"]) == (4, 0)
    assert answer["integrity_after"] == answer["integrity_before"]


def test_damage_is_told_before_it_is_repaired(job: RestoreJob) -> None:
    """A file that was lost since the last restore comes back; the log has said that it was."""
    job.run()
    (job.data / "new.csv").unlink()
    done = job.run()
    assert "data before the restore: new.csv is damaged (found nothing; " in done.stdout
    assert "data before the restore: damaged (3 files, " in done.stdout
    assert "data after the restore: stale (4 files, " in done.stdout
    assert (job.data / "new.csv").read_bytes() == SECOND["new.csv"]


def test_what_the_last_restore_did_not_leave_is_no_damage(job: RestoreJob) -> None:
    """A logger that went on is as it should be."""
    job.run()
    with (job.data / DAY).open("ab") as table:
        table.write(b"three\n")
    assert job.answer()["integrity_before"]["verdict"] == "healthy"


@pytest.mark.parametrize("words", [("--file", "*"), ("--dry-run",), ("--check",), ("--list",)])
def test_other_uses_do_not_look(job: RestoreJob, words: tuple[str, ...]) -> None:
    """They are about what is stored."""
    assert not [key for key in job.answer(*words) if key.startswith("integrity")]
    assert "data before" not in job.run(*words).stdout


def test_every_outcome_leaves_a_receipt(job: RestoreJob, storage: StorageFake) -> None:
    """Also those that restore nothing: the logger has to know which it was."""
    job.forget_local()
    job.run()
    assert kept(job).outcome is Outcome.FIRST_BOOT
    job.use_bucket(storage, "no-such-bucket")
    assert job.run().returncode == 3
    assert kept(job).outcome is Outcome.UNREACHABLE
    assert "no-such-bucket" in kept(job).unreachable[0]


def test_a_backup_for_newer_readers_leaves_a_receipt(job: RestoreJob) -> None:
    """It says why nothing could be restored, and what earlier restores left stays known."""
    job.run()
    before = kept(job).states
    max(job.store.rglob("backups/*.json")).write_text('{"min_reader": 2}')
    assert job.run().returncode == 4
    assert (kept(job).outcome, kept(job).states) == (Outcome.NOTHING, before)
    assert "wants a reader of format 2" in kept(job).unreadable[0]


def test_a_failure_keeps_what_earlier_restores_left(job: RestoreJob, storage: StorageFake) -> None:
    """The next one goes on from there."""
    job.run()
    before = kept(job).states
    assert set(before) == set(SECOND)
    job.forget_local()
    job.use_bucket(storage, "no-such-bucket")
    job.run()
    assert kept(job).states == before


def recorded(data: Path, seconds_ago: int) -> str:
    """A recorder's row of some seconds ago, in a file that is as old; its time."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=seconds_ago)
    text = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    raw = f"ts_utc,source\n{text},replay\n2026-11-22T2".encode()
    write(data, f"BTC-USD/{seconds_ago}.csv", raw, seconds_ago / 3600)
    return text


def test_the_newest_row_tells_what_is_missing(job: RestoreJob) -> None:
    """Of what is here now, whoever wrote it; a row that is not whole tells nothing."""
    recorded(job.data, 900)
    newest = recorded(job.data, 600)
    receipt = job.answer()
    assert (receipt["newest_row"], receipt["newest_row_by"]) == (newest, "row")
    assert receipt["missing_seconds"] == pytest.approx(600, abs=60)
    assert kept(job).newest_row == newest
    assert f"newest row {newest}, " in job.run().stdout


def test_without_rows_with_times_the_newest_file_tells(job: RestoreJob) -> None:
    """And the answer says that it is a file's time."""
    receipt = job.answer()
    newest = "1970-01-01T00:00:02.000Z"
    assert (receipt["newest_row"], receipt["newest_row_by"]) == (newest, "modification time")


def test_an_empty_directory_has_no_newest_row(job: RestoreJob) -> None:
    """A first boot misses nothing."""
    job.forget_local()
    receipt = job.answer()
    assert (receipt["newest_row"], receipt["missing_seconds"]) == (None, None)


def test_time_that_runs_out_is_said_with_who_brings_the_rest(job: RestoreJob) -> None:
    """0: the logger starts, and goes on with it."""
    done = job.run(RESTORE_TIMEOUT_SECONDS="0.000001")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "time ran out; the running logger brings what is left"
    assert kept(job).outcome is Outcome.PARTIAL


def test_critical_files_come_first(job: RestoreJob) -> None:
    """Whatever their age."""
    assert next(iter(job.answer(CRITICAL_FILES="old.csv")["steps"])) == "old.csv"


def test_a_receipt_of_an_earlier_version_is_read(job: RestoreJob) -> None:
    """It lacks what was added since, and may have what is unknown here."""
    job.run()
    place = job.data / ".backup" / "restore.json"
    old = {"outcome": "restored", "directory": "/x", "started_at": "2026-01-01", "unknown": 1}
    place.write_text(json.dumps(old | {"states": {"new.csv": [4, 2_000_000_000]}}))
    assert kept(job).newest_row is None
    (job.data / "new.csv").unlink()
    assert job.answer()["integrity_before"]["verdict"] == "damaged"


def test_another_providers_chunks_are_told(
    job: RestoreJob, storage: StorageFake, tmp_path: Path
) -> None:
    """Nothing is missing, and yet a person should look at the first one's."""
    for path in seed(tmp_path / "other").rglob("*"):
        if path.is_file():
            name = path.relative_to(tmp_path / "other" / "backups").as_posix()
            damaged = b"damaged" if path.suffix == ".zst" else path.read_bytes()
            storage.plant("bucket", name, damaged)
    job.use_bucket(storage)
    done = job.run()
    assert done.returncode == 0
    assert done.stdout.count("had elsewhere: chunk ") == kept(job).had_elsewhere_chunks == 4
