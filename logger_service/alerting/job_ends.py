"""What people are told of the drills and restores that somebody had this logger do."""

from collections.abc import Mapping
from typing import Any

from alerting.alerting import Alerting
from operating.background_job import BackgroundJob
from shared.errors import BackupError
from shared.receipt import Receipt

UNDECIDED = ("partial", "nothing to drill")


class JobEnds:
    """Takes each job that has ended, in that job's thread."""

    def __init__(self, alerting: Alerting) -> None:
        self._alerting = alerting

    def take(self, job: BackgroundJob) -> None:
        """Pass on what there is to tell; returns at once."""
        if job.kind == "drill" and isinstance(job.result, Mapping):
            for told in job.result["providers"]:
                self._drill(told)
        elif job.kind == "restore" and not job.asked.get("dry_run"):
            self._restore(job.result, job.error)

    def _drill(self, told: Mapping[str, Any]) -> None:
        """A verdict on one provider; a drill that was broken off has none."""
        error = told.get("error")
        if error or told["result"] not in UNDECIDED:
            detail = error["message"] if error else ""
            self._alerting.drill_ended(told["provider"], passed=not error, detail=detail)

    def _restore(self, result: object, error: BackupError | None) -> None:
        if isinstance(result, Mapping):
            self._alerting.restore_ended(Receipt.model_validate(result))
        elif error:
            self._alerting.tell("restore failed", str(error))
