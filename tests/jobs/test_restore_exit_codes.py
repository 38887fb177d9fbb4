"""The exit codes that the start step goes by, from the restore job as it is deployed."""

from pathlib import Path

import pytest

from emulators.storage import StorageFake
from jobs.seeded_archive import FIRST, SECOND, RestoreJob, plant, tree


def test_all_is_brought_back(job: RestoreJob) -> None:
    """0: every file as the newest backup has it, with its modification time and a receipt."""
    done = job.run()
    assert done.returncode == 0
    assert tree(job.data) == SECOND
    assert (job.data / "new.csv").stat().st_mtime == 2
    assert (job.data / ".backup" / "restore.json").exists()
    assert "restored 4 files" in done.stdout


def test_a_second_restore_finds_nothing_missing(job: RestoreJob) -> None:
    """0: nothing is written again."""
    job.run()
    before = {path: path.stat().st_mtime_ns for path in job.data.rglob("*.csv")}
    report = job.answer()
    assert (report["outcome"], report["restored_files"], report["kept_files"]) == ("restored", 0, 4)
    assert {path: path.stat().st_mtime_ns for path in job.data.rglob("*.csv")} == before


def test_a_first_boot_is_no_failure(job: RestoreJob, storage: StorageFake) -> None:
    """0: every provider answered, and all are empty; the receipt says so to the logger."""
    job.forget_local()
    job.use_bucket(storage)
    done = job.run()
    assert done.returncode == 0
    assert "first boot" in done.stdout
    assert [path.name for path in job.data.rglob("*")] == [".backup", "restore.json"]


def test_a_wiped_disk_is_restored_from_the_bucket(job: RestoreJob, storage: StorageFake) -> None:
    """0: what the local directory has lost too."""
    plant(job.store, storage)
    job.forget_local()
    job.use_bucket(storage)
    assert job.run().returncode == 0
    assert tree(job.data) == SECOND


def test_the_time_limit_leaves_the_rest_for_later(job: RestoreJob) -> None:
    """0: the logger must start; what was asked for by hand knows no limit."""
    report = job.answer(RESTORE_TIMEOUT_SECONDS="0.000001")
    assert (report["outcome"], report["restored_files"]) == ("partial", 0)
    assert sorted(report["later"]) == sorted(SECOND)
    assert job.run("--file", "*", RESTORE_TIMEOUT_SECONDS="0.000001").returncode == 0
    assert tree(job.data) == SECOND


def test_a_restore_that_is_switched_off_does_nothing(job: RestoreJob) -> None:
    """0, and it says why; what is asked for by hand is done all the same."""
    done = job.run(AUTO_RESTORE_ON_STARTUP="false")
    assert done.returncode == 0
    assert "AUTO_RESTORE_ON_STARTUP" in done.stdout
    assert not job.data.exists()
    assert job.run("--backup", "1", AUTO_RESTORE_ON_STARTUP="false").returncode == 0
    assert tree(job.data) == FIRST


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--at", "2026-11-19"], "2026-11-19"),
        (["--at", "yesterday"], "'yesterday' is not a time"),
        (["--file", "*.parquet"], "*.parquet"),
        (["--provider", "gcs"], "GCS_BUCKET_NAME"),
    ],
)
def test_what_cannot_be_meant_is_refused(job: RestoreJob, words: list[str], named: str) -> None:
    """2, with what was wrong on standard error, and nothing is written."""
    done = job.run(*words)
    assert done.returncode == 2
    assert named in done.stderr
    assert done.stdout == ""
    assert tree(job.data) == {}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RESTORE_TIMEOUT_SECONDS", "0"),
        ("GCS_BUCKET_NAME", "No Bucket"),
    ],
)
def test_a_bad_setting_is_named(job: RestoreJob, variable: str, value: str) -> None:
    """2, with the variable and what it held."""
    done = job.run(**{variable: value})
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {variable}: found {value!r}")
    assert not job.data.exists()


@pytest.mark.parametrize("by", ["DATA_DIR", "--to"])
def test_a_directory_that_is_a_file_is_refused(job: RestoreJob, tmp_path: Path, by: str) -> None:
    """2, even where there is nothing to restore; the file stays."""
    job.forget_local()
    target = tmp_path / "target"
    target.write_bytes(b"a file")
    done = job.run("--to", str(target)) if by == "--to" else job.run(DATA_DIR=str(target))
    assert done.returncode == 2
    assert by in done.stderr
    assert str(target) in done.stderr
    assert target.read_bytes() == b"a file"


@pytest.mark.parametrize("lacking", ["bucket", "list"])
def test_an_archive_that_cannot_be_seen_is_no_first_boot(job: RestoreJob, lacking: str) -> None:
    """3: nobody knows whether there are backups."""
    job.forget_local()
    with StorageFake(["bucket"], forbidden={"list"}) as storage:
        job.use_bucket(storage, "bucket" if lacking == "list" else "no-such-bucket")
        done = job.run()
    assert done.returncode == 3
    assert "unreachable: " in done.stdout
    assert ("storage.objects.list" if lacking == "list" else "no-such-bucket") in done.stdout
    assert tree(job.data) == {}


@pytest.mark.parametrize("words", [(), ("--check",), ("--list",)])
def test_a_key_that_may_not_read_is_told_so(job: RestoreJob, words: tuple[str, ...]) -> None:
    """3, with the right that it lacks: the backups are there, and nobody can say what they hold."""
    with StorageFake(["bucket"], forbidden={"get"}) as storage:
        plant(job.store, storage)
        job.forget_local()
        job.use_bucket(storage)
        done = job.run(*words, "--provider", "gcs")
    assert done.returncode == 3
    assert "Grant this key storage.objects.get on the bucket" in done.stdout
    assert tree(job.data) == {}


def test_one_reachable_provider_is_enough(job: RestoreJob) -> None:
    """0: the other is told of, and all that there is comes back."""
    with StorageFake() as storage:
        job.use_bucket(storage)
        done = job.run()
    assert done.returncode == 0
    assert "unreachable: " in done.stdout
    assert tree(job.data) == SECOND


def test_nothing_left_of_the_backups_is_said(job: RestoreJob) -> None:
    """4: the manifests are there, and no chunk is."""
    for chunk in job.chunks():
        chunk.unlink()
    done = job.run()
    assert done.returncode == 4
    assert {line.split(": ")[1] for line in done.stdout.splitlines() if "missing: " in line} == set(
        SECOND
    )
    assert tree(job.data) == {}


def test_manifests_that_cannot_be_read_are_no_first_boot(job: RestoreJob) -> None:
    """4: backups are there, and damaged."""
    for manifest in job.store.rglob("*.json"):
        manifest.write_bytes(b"{")
    done = job.run()
    assert done.returncode == 4
    assert "unreadable: " in done.stdout
    assert tree(job.data) == {}


def test_a_backup_for_newer_readers_is_not_restored(job: RestoreJob) -> None:
    """4, and what to do: an old reader could take half of it for all."""
    newest = max(job.store.rglob("backups/*.json"))
    newest.write_text('{"min_reader": 2}')
    done = job.run()
    assert done.returncode == 4
    assert "wants a reader of format 2" in done.stderr
    assert "Deploy the newer version of this job" in done.stderr
    assert tree(job.data) == {}


def test_what_is_good_comes_back_and_the_rest_is_named(job: RestoreJob) -> None:
    """5: one chunk is gone, and with it one file."""
    job.chunk_of(SECOND["new.csv"]).unlink()
    done = job.run()
    assert done.returncode == 5
    assert "missing: new.csv" in done.stdout
    assert tree(job.data) == {path: held for path, held in SECOND.items() if path != "new.csv"}


def test_another_provider_has_the_lost_chunks(job: RestoreJob, storage: StorageFake) -> None:
    """0: each chunk comes from whichever provider has a good copy."""
    plant(job.store, storage)
    job.use_bucket(storage)
    for name in storage.objects("bucket"):
        if name.endswith(".zst"):
            storage.plant("bucket", name, b"damaged")
    assert job.run().returncode == 0
    assert tree(job.data) == SECOND
