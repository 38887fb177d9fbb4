"""A running logger is steered: what a person asks for, from the routes to what is stored."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from emulators.storage import StorageFake
from emulators.storage_faults import Fault, FaultKind
from engine.archives import append, contents, rows, write
from job_processes import JobProcess, running_logger
from jobs.own_archive import bucket_archive, in_bucket, local_archive, reasons, restored
from shared.history import numbers, read_manifest

ALONE = {"AUTO_RESTORE_ON_STARTUP": "false"}  # what comes back, a test has asked for
BUCKET = "gs://bucket/btc-logger"


def post(logger: JobProcess, path: str, body: str = "") -> requests.Response:
    """The answer, sent as curl does."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return logger.request("POST", path, headers=form, body=body.encode())


def done(logger: JobProcess, path: str, **order: object) -> Any:
    """The result of a job that has ended well."""
    answer = post(logger, path, json.dumps({**order, "wait": True}))
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def is_done(logger: JobProcess, address: str) -> bool:
    """Whether the job there has ended, which it has to do well."""
    job = logger.request("GET", address).json()
    assert job["state"] in ("running", "done"), job
    return bool(job["state"] == "done")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with an old file and a new one."""
    data = tmp_path / "data"
    write(data, "old/day.csv", rows(500), hours_ago=30)
    write(data, "day.csv", rows(300), hours_ago=0)
    return data


@pytest.mark.parametrize("route", ["trigger", "restore", "cleanup", "drill"])
def test_a_command_needs_neither_a_body_nor_a_header(
    logger_folder: Path, data: Path, route: str
) -> None:
    """`curl -X POST http://localhost:10000/backup/…` begins a job, which comes to its end."""
    with running_logger(logger_folder, data) as logger:
        logger.url = logger.url.replace("127.0.0.1", "localhost")
        answer = logger.request("POST", f"/backup/{route}")
        assert (answer.status_code, answer.json()["kind"]) == (202, route)
        logger.wait_until(lambda: is_done(logger, answer.headers["Location"]))


def test_a_trigger_backs_up_to_every_provider(
    logger_folder: Path, data: Path, storage: StorageFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All files, whenever they changed; each provider's part is told, and so is a second one."""
    with running_logger(logger_folder, data, **ALONE, **in_bucket(storage)) as logger:
        archives = [bucket_archive(storage, monkeypatch), local_archive(data)]
        for expected in ("created", "nothing new"):
            told = done(logger, "/backup/trigger")["providers"]
            assert [one["provider"] for one in told] == [one.address for one in archives]
            assert {(one["result"], one["files"]) for one in told} == {(expected, 2)}
        for number, archive in enumerate(archives):
            assert restored(archive, data.with_name(f"back {number}")) == contents(data)
            assert set(reasons(archive)) == {"manual"}
            newest = read_manifest(archive, numbers(archive)[-1])
            assert (newest.by.job, newest.number) == ("logger", told[number]["number"])


@pytest.mark.parametrize("name", ["local", "gcs", BUCKET])
def test_a_trigger_goes_where_it_is_told(
    logger_folder: Path, data: Path, storage: StorageFake, name: str
) -> None:
    """By kind or by address, in the query as in a body."""
    with running_logger(logger_folder, data, **ALONE, **in_bucket(storage)) as logger:
        answer = logger.request("POST", f"/backup/trigger?wait=true&providers={name}")
        (told,) = answer.json()["result"]["providers"]
        assert (told["provider"] == BUCKET) == (name != "local") == bool(storage.objects("bucket"))


def test_a_provider_that_fails_fails_the_job_alone(logger_folder: Path, data: Path) -> None:
    """503 with what to do about it; the other's backup is made, and told."""
    with StorageFake(["bucket"], forbidden={"create"}) as storage:
        settings = {**ALONE, **in_bucket(storage)}
        with running_logger(logger_folder, data, **settings) as logger:
            answer = post(logger, "/backup/trigger?wait=true")
            assert answer.status_code == 503
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert "storage.objects.create" in answer.json()["hint"]
            job = answer.json()["job"]
            bucket, local = job["result"]["providers"]
            assert (job["state"], local["result"], local["number"]) == ("failed", "created", 1)
            assert "storage.objects.create" in bucket["error"]["hint"]
            logger.wait_for_line(rf" ERROR trigger job {job['id']} failed: gs://bucket")


def test_a_huge_body_is_not_taken_in(logger_folder: Path, data: Path) -> None:
    """413 before anybody is asked who he is; the disk is for prices."""
    with running_logger(logger_folder, data, ADMIN_TOKEN="some-token") as logger:
        assert post(logger, "/backup/trigger", "x" * 65_536).status_code == 413
        assert post(logger, "/backup/trigger", "x" * 65_535).status_code == 401


def test_backups_that_are_switched_off_are_not_made(logger_folder: Path, data: Path) -> None:
    """503 with the setting's name."""
    with running_logger(logger_folder, data, BACKUP_ENABLED="false") as logger:
        answer = post(logger, "/backup/trigger")
        assert answer.status_code == 503
        assert "BACKUP_ENABLED" in answer.json()["hint"]


def test_a_restore_leaves_alone_what_is_in_place(logger_folder: Path, data: Path) -> None:
    """What is missing comes, what was rewritten gets the backup's beside it, and rows stay."""
    write(data, "state.json", b'{"rows": 1}', hours_ago=1)
    with running_logger(logger_folder, data, **ALONE) as logger:
        done(logger, "/backup/trigger")
        (data / "old/day.csv").unlink()
        write(data, "state.json", b'{"rows": 2}', hours_ago=5)
        append(data, "day.csv", b"one row more\n")
        before = contents(data)
        dry = done(logger, "/backup/restore", dry_run=True)
        assert contents(data) == before
        assert set(dry["steps"].values()) == {"write", "beside"}
        result = done(logger, "/backup/restore")
        assert (result["outcome"], result["live"], result["restored_files"]) == (
            "restored",
            True,
            2,
        )
        beside = next(path for path in dry["steps"] if path.startswith("state.json.restored-"))
        assert contents(data) == before | {
            "old/day.csv": rows(500),
            beside: b'{"rows": 1}',
        }


def test_a_restore_tells_which_provider_did_not_answer(logger_folder: Path, data: Path) -> None:
    """503, because it may have more; what the other has is here all the same."""
    with StorageFake([]) as storage:
        settings = {**ALONE, **in_bucket(storage)}
        with running_logger(logger_folder, data, **settings) as logger:
            done(logger, "/backup/trigger", providers=["local"])
            (data / "day.csv").unlink()
            answer = post(logger, "/backup/restore?wait=true")
            assert answer.status_code == 503
            assert "bucket" in answer.json()["detail"]
            assert answer.json()["job"]["result"]["restored_files"] == 1
    assert (data / "day.csv").read_bytes() == rows(300)


def test_a_drill_keeps_its_verdict_with_each_archive(
    logger_folder: Path, data: Path, storage: StorageFake
) -> None:
    """Where prune heeds it."""
    with running_logger(logger_folder, data, **ALONE, **in_bucket(storage)) as logger:
        done(logger, "/backup/trigger")
        told = done(logger, "/backup/drill")["providers"]
    assert [(one["result"], one["raw_bytes"]) for one in told] == [("passed", 800)] * 2
    assert f"btc-logger/{told[0]['stored_as']}" in storage.objects("bucket")


def test_a_cleanup_says_whose_duty_the_bucket_is(
    logger_folder: Path, data: Path, storage: StorageFake
) -> None:
    """And when it was done last there, as the function's record tells."""
    with running_logger(logger_folder, data, **ALONE, **in_bucket(storage)) as logger:
        bucket = done(logger, "/backup/cleanup")["bucket"]
        assert (bucket["address"], bucket["last_prune"]) == (BUCKET, None)
        assert "function" in bucket["duty"]
        counts = {"kept": 48, "dropped": 2, "chunks_kept": 9, "chunks_dropped": 1, "bytes_freed": 5}
        record = {"started_at": "2026-11-22T20:30:00.123Z", **counts}
        name = "btc-logger/prunes/20261122T203000Z.json"
        storage.plant("bucket", name, json.dumps(record).encode())
        told = done(logger, "/backup/cleanup")["bucket"]["last_prune"]
    assert (told["started_at"], told["dropped"]) == (record["started_at"], 2)


def test_a_job_that_hangs_holds_neither_the_logger_nor_its_end(
    logger_folder: Path, data: Path, storage: StorageFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second request gets it; health answers meanwhile; and the final push goes past it."""
    storage.plan(Fault(FaultKind.STALL, "insert", "chunks/"))
    settings = {**ALONE, **in_bucket(storage), "SHUTDOWN_SECONDS": "8", "TRANSFER_THREADS": "1"}
    with running_logger(logger_folder, data, **settings) as logger:
        first = post(logger, "/backup/trigger").json()
        logger.wait_until(lambda: storage.count("insert") > 0)
        assert post(logger, "/backup/trigger").json()["id"] == first["id"]
        assert logger.request("GET", "/health/live").status_code == 200
        assert logger.request("GET", f"/backup/jobs/{first['id']}").json()["state"] == "running"
        append(data, "day.csv", b"one row more\n")
        assert logger.end() == 0
    archive = bucket_archive(storage, monkeypatch)
    assert restored(archive, data.with_name("back"))["day.csv"] == rows(300) + b"one row more\n"
    logger.wait_for_line(rf" INFO final push to {BUCKET}: .*backup \d+, \d+ new bytes$")
