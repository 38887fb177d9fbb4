"""What a running logger tells of itself and of its backups, and to whom."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from job_processes import JobProcess, running_logger
from programs import wait_until

ADMIN = {"Authorization": "Bearer admin-token-of-tests"}
PARTS = ["status", "data_integrity", "backup_system", "last_log_timestamp"]


@contextmanager
def logger_of(folder: Path, tmp_path: Path, **settings: str) -> Iterator[JobProcess]:
    """One that writes often, and makes a backup of it every second."""
    often = {"LOG_INTERVAL_SECONDS": "0.1", "BACKUP_INTERVAL_MINUTES": "0.017"}
    token = {"ADMIN_TOKEN": ADMIN["Authorization"].removeprefix("Bearer ")}
    with running_logger(folder, tmp_path / "data", **often, **token, **settings) as logger:
        yield logger


@pytest.fixture
def logger(logger_folder: Path, tmp_path: Path) -> Iterator[JobProcess]:
    """One with a token."""
    with logger_of(logger_folder, tmp_path) as logger:
        yield logger


def ask(logger: JobProcess, path: str) -> dict[str, Any]:
    """What the admin is answered."""
    answer = logger.request("GET", path, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    told: dict[str, Any] = answer.json()
    return told


def test_anybody_is_told_four_parts_and_the_admin_all_details(logger: JobProcess) -> None:
    """In this order, and compact: the document's grep finds them."""
    wait_until(lambda: '"status":"healthy"' in logger.request("GET", "/health").text)
    assert list(logger.request("GET", "/health").json()) == PARTS
    assert list(ask(logger, "/health")) == [*PARTS, "details"]
    assert (
        logger.request("GET", "/health", headers={"Authorization": "Bearer x"}).status_code == 401
    )


def test_the_answer_stays_compact_in_flasks_debug_mode(logger_folder: Path, tmp_path: Path) -> None:
    """Somebody may have left it in the environment; and no cache keeps what holds for now."""
    with logger_of(logger_folder, tmp_path, FLASK_DEBUG="1") as logger:
        answer = logger.request("GET", "/health")
        assert answer.text.startswith('{"status":"')
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_disk_that_refuses_rows_is_answered_with_503(logger_folder: Path, tmp_path: Path) -> None:
    """And the same parts: monitors read the status, people the rest."""
    place = tmp_path / "data" / "BTC-USD"
    place.parent.mkdir()
    place.write_text("in the way of the folder")
    with logger_of(logger_folder, tmp_path) as logger:
        wait_until(lambda: logger.request("GET", "/health").status_code == 503)
        answer = logger.request("GET", "/health")
        assert answer.headers["Content-Type"] == "application/json"
        assert (list(answer.json()), answer.json()["data_integrity"]) == (PARTS, "not written")
        assert logger.request("GET", "/health/live").status_code == 200


def test_the_list_has_every_backup_as_soon_as_it_is_made(logger: JobProcess) -> None:
    """The newest first, with what each added."""
    told: dict[str, Any] = {}

    def is_complete() -> bool:
        told.update(ask(logger, "/backup/list"))
        return len(told["backups"]) >= 2 and bool(told["complete"])

    wait_until(is_complete)
    numbers = [one["number"] for one in told["backups"]]
    assert numbers == list(range(len(numbers), 0, -1))
    assert {one["reason"] for one in told["backups"]} == {"interval"}
    assert all(one["new_bytes"] > 0 and one["error"] is None for one in told["backups"])
    assert [one["kind"] for one in told["providers"]] == ["local"]


def test_the_list_can_be_cut_short(logger: JobProcess) -> None:
    """To so many of each provider, or to one provider."""
    wait_until(lambda: len(ask(logger, "/backup/list?provider=local")["backups"]) >= 2)
    assert len(ask(logger, "/backup/list?limit=1")["backups"]) == 1


NINES = f"limit={1:020}{5000 * '9'}"  # more digits than Python makes a number of


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "limit=-1", "limit=", NINES, "provider=s3"]
)
def test_a_bad_question_is_answered_with_what_was_expected(logger: JobProcess, query: str) -> None:
    """As a problem, whatever is wrong."""
    answer = logger.request("GET", f"/backup/list?{query}", headers=ADMIN)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "Expected" in answer.json()["hint"]


def test_the_status_tells_how_the_backups_stand(logger: JobProcess) -> None:
    """And when the next own one is due."""
    told: dict[str, Any] = {}

    def is_between_two_backups() -> bool:
        told.update(ask(logger, "/backup/status"))
        (local,) = told["providers"]
        is_told = local["newest"] and local["own_pushes"]["pushes"] >= 1
        return bool(is_told and told["next_local_backup_at"] > local["newest"]["created_at"])

    wait_until(is_between_two_backups)
    assert (told["enabled"], told["interval_seconds"], told["jobs"]) == (True, 1.02, [])


def metrics(logger: JobProcess) -> dict[str, dict[tuple[str, ...], float]]:
    """Every sample, by name and the values of its labels."""
    answer = logger.request("GET", "/metrics", headers=ADMIN)
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def test_metrics_tell_what_was_written_and_what_is_kept(logger: JobProcess, tmp_path: Path) -> None:
    """In the form that scrapers read, with units in the names."""
    address = (f"{tmp_path / 'data own backups'}/btc-logger",)
    wait_until(lambda: metrics(logger)["btc_logger_pushes_total"][address] > 1)
    wait_until(lambda: "btc_logger_backup_age_seconds" in metrics(logger))
    found = metrics(logger)
    written = found["btc_logger_rows_written_total"][()]
    assert 0 < written <= found["btc_logger_rows_total"]["replay-coinbase",]
    assert found["btc_logger_ticks_total"][()] >= written
    assert found["btc_logger_backup_files"] == {address: 1}
    assert sum(found["btc_logger_health"].values()) == 1
    assert found["process_resident_memory_bytes"][()] > 0


def test_metrics_are_also_to_be_had_as_open_metrics(logger: JobProcess) -> None:
    """Which newer scrapers ask for."""
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    answer = logger.request("GET", "/metrics", headers={**ADMIN, **accept})
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


@pytest.mark.parametrize("path", ["/backup/status", "/backup/list", "/metrics"])
def test_only_the_admin_is_told_of_backups(logger: JobProcess, path: str) -> None:
    """401 without the token."""
    assert logger.request("GET", path).status_code == 401
