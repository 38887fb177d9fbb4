"""Drills and restores that somebody asked for are told as what they came to."""

from typing import Any

import pytest

from alerting.job_ends import JobEnds
from operating.background_job import BackgroundJob, Work
from operating.failure import JobFailed
from shared.errors import NothingMatches
from shared.receipt import Outcome, Receipt

RECEIPT = Receipt(outcome=Outcome.RESTORED, directory="data", started_at="2026-11-22T20:30:00Z")


class Heard:
    """What the alerts were told, in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def drill_ended(self, address: str, *, passed: bool, detail: str = "") -> None:
        """A drill."""
        self.calls.append((address, passed, detail))

    def restore_ended(self, receipt: Receipt) -> None:
        """A restore."""
        self.calls.append((receipt.outcome,))

    def tell(self, title: str, body: str) -> None:
        """Anything else."""
        self.calls.append((title, body))


def heard_of(kind: str, work: Work, **asked: object) -> list[tuple[object, ...]]:
    """What is told when a job that does this work has ended."""
    heard: Any = Heard()
    BackgroundJob(kind, asked).run(work, JobEnds(heard).take)
    calls: list[tuple[object, ...]] = heard.calls
    return calls


def returning(result: object) -> Work:
    """A job that does well."""
    return lambda _progress: result


def raising(error: Exception) -> Work:
    """A job that fails."""

    def work(_progress: object) -> object:
        raise error

    return work


def test_a_drill_is_told_for_each_provider() -> None:
    """The failure of one is none of the other."""
    failed = {"provider": "b", "result": "failed", "error": {"message": "a chunk is lost"}}
    told = {"providers": [{"provider": "a", "result": "passed"}, failed]}
    assert heard_of("drill", raising(JobFailed("b: a chunk is lost", told))) == [
        ("a", True, ""),
        ("b", False, "a chunk is lost"),
    ]


@pytest.mark.parametrize("result", ["partial", "nothing to drill"])
def test_a_drill_without_a_verdict_is_not_told(result: str) -> None:
    """It neither passed nor failed."""
    assert heard_of("drill", returning({"providers": [{"provider": "a", "result": result}]})) == []


def test_a_restore_is_told_with_its_receipt() -> None:
    """As a job keeps it, without what is long."""
    told = RECEIPT.model_dump(mode="json", exclude={"states", "steps"})
    assert heard_of("restore", returning(told)) == [(Outcome.RESTORED,)]


def test_a_restore_in_part_is_told_with_its_receipt_too() -> None:
    """That says what is missing."""
    told = RECEIPT.model_dump(mode="json") | {"outcome": Outcome.IN_PART.value}
    assert heard_of("restore", raising(JobFailed("in part", told))) == [(Outcome.IN_PART,)]


def test_a_restore_that_ends_before_it_has_a_receipt_is_told() -> None:
    """With its error."""
    told = heard_of("restore", raising(NothingMatches("no backup number 9", hint="see the list")))
    assert told == [("restore failed", "no backup number 9. see the list")]


def test_dry_runs_and_other_jobs_are_not_told() -> None:
    """They change nothing, or tell by themselves."""
    assert heard_of("restore", raising(NothingMatches("no")), dry_run=True) == []
    assert heard_of("cleanup", returning({"kept": [1]})) == []
