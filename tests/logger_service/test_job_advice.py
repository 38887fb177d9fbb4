"""Whoever reads that a job has failed reads, too, what to do about it."""

from typing import Any

import pytest

from dashboard.advice import advice
from operating.failure import JobFailed, described
from shared.errors import (
    BackupError,
    NothingMatches,
    ObjectMissing,
    StorageForbidden,
    StorageMissing,
    StorageUnavailable,
)


def failed(error: BackupError, **told: object) -> dict[str, Any]:
    """What a job tells that failed so."""
    return {**told, "error": described(error)}


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (StorageUnavailable("no answer", hint="Try again later"), "Nothing is lost by that"),
        (
            StorageForbidden("may not", hint="Grant objectCreator"),
            "Grant objectCreator, then press",
        ),
        (StorageMissing("no bucket", hint="Check GCS_BUCKET_NAME"), "Check GCS_BUCKET_NAME, then"),
        (NothingMatches("no backup 7", hint="GET /backup/list"), "the list of backups shows"),
        (ObjectMissing("no chunk"), "Keep this logger running until a drill passes"),
        (BackupError("odd"), "The log of the logger has more"),
    ],
)
def test_each_kind_of_failure_has_its_advice(error: BackupError, says: str) -> None:
    """Of what a person can do at this page or at the service's settings."""
    assert says in advice(failed(error))


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({"lost": {"day.csv": "a chunk"}}, "Keep this logger running until a drill passes"),
        ({"unreadable": ["backup 7"]}, "Keep this logger running until a drill passes"),
        ({"unreachable": ["gs://b"]}, "Look whether the storage is up"),
        ({"problems": {"day.csv": "a chunk"}, "unreachable": ["gs://b"]}, "from an older backup"),
        ({}, "as it says itself"),
    ],
)
def test_the_advice_about_half_a_result_is_about_what_was_found(
    found: dict[str, object], says: str
) -> None:
    """Also where it is told of one provider beside others."""
    error = JobFailed("half of it", found, hint="as it says itself")
    assert says in advice(failed(error, result=found))
    assert says in advice(failed(error, **found, result="failed"))


def test_what_has_not_failed_needs_no_advice() -> None:
    """Nothing is said then."""
    assert advice({"error": None, "result": {"lost": {}}}) == ""
