"""The options of the restore job: which backups there are, and how to get a part of one."""

from pathlib import Path

import pytest

from emulators.storage import StorageFake
from jobs.seeded_archive import FIRST, MADE_AT, SECOND, RestoreJob, plant, tree


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["--backup", "1"], FIRST),
        (["--at", MADE_AT[0]], FIRST),
        (["--at", "2026-11-20T23:59"], FIRST),
        (["--at", "2026-11-21T11:59+02:00"], FIRST),
        (["--at", "2026-11-21T10:00Z"], SECOND),
        (["--backup", "2"], SECOND),
    ],
)
def test_an_older_backup_can_be_had(
    job: RestoreJob, tmp_path: Path, words: list[str], wanted: dict[str, bytes]
) -> None:
    """By its number, or as the newest made by a time, which is UTC unless it says otherwise."""
    done = job.run(*words, "--to", str(tmp_path / "then"))
    assert done.returncode == 0
    assert tree(tmp_path / "then") == wanted
    assert not job.data.exists()


@pytest.mark.parametrize(
    ("words", "paths"),
    [
        (["--file", "BTC-USD/*", "--file", "*.json"], {"BTC-USD/day.csv", "state.json"}),
        (["--file", "day.csv"], {"BTC-USD/day.csv"}),
        (["--file", "n*.csv", "--provider", "local"], {"new.csv"}),
        (["--file", "*.csv", "--backup", "1"], {"BTC-USD/day.csv", "old.csv"}),
    ],
)
def test_a_part_can_be_had(job: RestoreJob, words: list[str], paths: set[str]) -> None:
    """Patterns are a shell's, and one that names a folder is matched with the whole path."""
    assert job.run(*words).returncode == 0
    assert set(tree(job.data)) == paths


def test_earlier_versions_come_beside_the_current_ones(job: RestoreJob) -> None:
    """Whoever was rewritten has its earlier content beside it, under a suffix of its own."""
    assert job.run("--earlier").returncode == 0
    restored = tree(job.data)
    beside = {path: held for path, held in restored.items() if ".earlier-" in path}
    assert {path: held for path, held in restored.items() if path not in beside} == SECOND
    assert {path.partition(".earlier-")[0]: held for path, held in beside.items()} == {
        "old.csv": FIRST["old.csv"],
        "state.json": FIRST["state.json"],
    }


def test_a_dry_run_says_what_would_be_done_and_does_nothing(job: RestoreJob) -> None:
    """Each file with what would happen to it."""
    job.data.mkdir()
    (job.data / "new.csv").write_bytes(SECOND["new.csv"])
    done = job.run("--dry-run")
    assert done.returncode == 0
    would = {line for line in done.stdout.splitlines() if line.startswith("would ")}
    assert would == {"would write BTC-USD/day.csv", "would write old.csv", "would write state.json"}
    assert tree(job.data) == {"new.csv": SECOND["new.csv"]}
    assert not (job.data / ".backup").exists()


def test_what_is_there_is_never_taken_away(job: RestoreJob) -> None:
    """A shorter file is completed, a longer one stays, and both sides of a conflict are kept."""
    longer = SECOND["BTC-USD/day.csv"] + b"three\n"
    (job.data / "BTC-USD").mkdir(parents=True)
    (job.data / "BTC-USD" / "day.csv").write_bytes(longer)
    (job.data / "new.csv").write_bytes(b"ne")
    (job.data / "old.csv").write_bytes(b"a local one, newer\n")
    assert job.run().returncode == 0
    restored = tree(job.data)
    assert restored["BTC-USD/day.csv"] == longer
    assert restored["new.csv"] == SECOND["new.csv"]
    assert restored["old.csv"] == b"a local one, newer\n"
    beside = [held for path, held in restored.items() if path.startswith("old.csv.restored-")]
    assert beside == [SECOND["old.csv"]]


def test_one_provider_can_be_chosen(job: RestoreJob, storage: StorageFake) -> None:
    """The bucket has only the older backup here; the other provider is not even asked."""
    plant(job.store, storage)
    storage.remove("bucket", "btc-logger/backups/00000002.json")
    job.use_bucket(storage)
    assert job.run("--provider", "gcs").returncode == 0
    assert tree(job.data) == FIRST
    asked = len(storage.calls)
    assert job.run("--provider", "local").returncode == 0
    assert tree(job.data).items() >= SECOND.items()
    assert len(storage.calls) == asked


def test_a_check_proves_and_writes_nothing(job: RestoreJob) -> None:
    """Every version of every file is read back; neither data nor archive changes."""
    before = tree(job.store)
    done = job.run("--check")
    assert done.returncode == 0
    assert "backup 2: restorable; 4 files" in done.stdout
    assert not job.data.exists()
    assert tree(job.store) == before


def test_a_check_without_time_says_that_it_is_partial(job: RestoreJob) -> None:
    """0, for nothing is known to be wrong; and it does not claim that all is right."""
    done = job.run("--check", "--seconds", "0.000001")
    assert done.returncode == 0
    assert "restorable as far as it was read, time ran out" in done.stdout
    report = job.answer("--check", "--seconds", "0.000001")
    assert (report["passed"], report["partial"], report["raw_bytes"]) == (False, True, 0)


def test_a_restore_can_be_given_a_limit(job: RestoreJob, tmp_path: Path) -> None:
    """0, and what is left is named; without a limit nothing is."""
    elsewhere = ("--to", str(tmp_path / "elsewhere"))
    receipt = job.answer(*elsewhere, "--seconds", "0.000001")
    assert (receipt["outcome"], set(receipt["later"])) == ("partial", set(SECOND))
    assert "4 files are left for later" in job.run(*elsewhere, "--seconds", "0.000001").stdout
    assert job.answer(*elsewhere)["outcome"] == "restored"


def test_a_check_of_nothing_is_no_failure(job: RestoreJob) -> None:
    """Before the first backup there is nothing to prove."""
    job.forget_local()
    done = job.run("--check")
    assert done.returncode == 0
    assert "no backup yet" in done.stdout


def test_a_check_can_prove_an_older_backup(job: RestoreJob) -> None:
    """The one that was asked for is read, and not the newest."""
    report = job.answer("--check", "--backup", "1")
    assert (report["passed"], report["number"], report["files"]) == (True, 1, len(FIRST))


def test_a_check_finds_what_is_missing(job: RestoreJob) -> None:
    """5 while some of it can be had, 4 when nothing can, 3 when nobody knows."""
    job.chunk_of(SECOND["new.csv"]).unlink()
    some = job.run("--check")
    assert some.returncode == 5
    assert "missing: " in some.stdout
    assert "NOT restorable" in some.stdout
    for chunk in job.chunks():
        chunk.write_bytes(b"damaged")
    assert job.run("--check").returncode == 4
    job.forget_local()
    with StorageFake() as storage:
        job.use_bucket(storage)
        unknown = job.run("--check")
    assert unknown.returncode == 3
    assert "unreachable: " in unknown.stdout


def test_the_backups_of_every_provider_are_listed(job: RestoreJob, storage: StorageFake) -> None:
    """Newest first, with the facts that tell one from another."""
    plant(job.store, storage)
    job.use_bucket(storage)
    bucket, local = job.answer("--list")["providers"]
    assert (bucket["provider"], local["provider"]) == (
        "gs://bucket/btc-logger",
        str(job.store / "btc-logger"),
    )
    for provider in (bucket, local):
        numbers = [backup["number"] for backup in provider["backups"]]
        assert numbers == [2, 1]
        assert [backup["created_at"] for backup in provider["backups"]] == list(reversed(MADE_AT))
        assert [backup["files"] for backup in provider["backups"]] == [len(SECOND), len(FIRST)]
        assert provider["error"] is None


def test_the_files_of_a_backup_are_listed(job: RestoreJob) -> None:
    """With a pattern: what a restore of it would bring."""
    (local,) = job.answer("--list", "--file", "*.csv", "--backup", "1")["providers"]
    assert {file["path"]: file["size"] for file in local["files"]} == {
        path: len(held) for path, held in FIRST.items() if path.endswith(".csv")
    }


def test_files_of_a_backup_that_one_provider_has_are_listed(
    job: RestoreJob, storage: StorageFake
) -> None:
    """The other one's numbers are its own."""
    (backup,) = (job.store / "btc-logger" / "backups").glob("00000001.json")
    backup.unlink()
    plant(job.store, storage)
    (job.store / "btc-logger" / "backups" / "00000002.json").rename(backup)
    backup.write_text(backup.read_text().replace('"number":2', '"number":1'))
    job.use_bucket(storage)
    bucket, local = job.answer("--list", "--file", "*.csv", "--backup", "2")["providers"]
    assert (len(bucket["files"]) > 0, local["files"]) == (True, [])


def test_a_pattern_that_no_file_matches_is_an_error(job: RestoreJob) -> None:
    """2: a typing error would look like a file that was never backed up."""
    done = job.run("--list", "--file", "*.parquet")
    assert done.returncode == 2
    assert "no file of such a backup matches *.parquet" in done.stderr


def test_a_listing_says_who_did_not_answer(job: RestoreJob) -> None:
    """0 while one provider answers, 3 when none does; a damaged backup is named."""
    (job.store / "btc-logger" / "backups" / "00000001.json").write_bytes(b"{")
    with StorageFake() as storage:
        job.use_bucket(storage)
        some = job.run("--list")
        none = job.run("--list", "--provider", "gcs")
    assert (some.returncode, none.returncode) == (0, 3)
    assert "the bucket gs://bucket does not exist" in none.stdout
    assert "unreadable: backup 1" in some.stdout
    assert MADE_AT[1] in some.stdout


def test_damaged_backups_are_not_listed_as_none(job: RestoreJob) -> None:
    """Empty and unreadable are never confused (rule 8)."""
    for manifest in job.store.rglob("backups/*.json"):
        manifest.write_bytes(b"{")
    done = job.run("--list")
    assert "no backup that can be read" in done.stdout
    assert done.stdout.count("unreadable: backup") == 2


def test_an_empty_archive_is_listed_as_such(job: RestoreJob) -> None:
    """No backups is an answer."""
    job.forget_local()
    done = job.run("--list")
    assert done.returncode == 0
    assert "no backups" in done.stdout


def test_the_help_tells_the_exit_codes(job: RestoreJob) -> None:
    """All six of them, and every option."""
    done = job.run("--help")
    assert done.returncode == 0
    told = done.stdout.partition("exit codes:")[2].partition("examples:")[0]
    meanings = "all there", "unexpected", "bad", "unreachable", "nothing", "restored in part"
    for code, meaning in enumerate(meanings):
        assert f"{code}  {meaning}" in told
    options = "check doctor list backup at provider file earlier to dry-run json"
    assert all(f"--{option}" in done.stdout for option in options.split())
