"""Outcomes become a status, a JSON report and an entry of the log.

Cloud Scheduler tries again whatever is not answered with 200.
"""

import json
import traceback
from collections.abc import Iterable, Mapping

from actions import MAINTENANCE, STEPS
from entries import log
from flask import Response
from outcome import Outcome, Outcomes, Report, as_report, has_failed
from requested import Asked, BadRequest

from shared.errors import BackupError, Malformed, SourceError, StorageError

NOT_DONE: Report = {"result": "left out, because the drill failed"}


def answer(asked: Asked, outcomes: Outcomes) -> Response:
    """What was done, and how it went."""
    failed = next(filter(has_failed, outcomes.values()), None)
    status = 200 if failed is None else _status_of(failed)
    report = {"action": asked.action, "target": asked.target, **_told(asked.action, outcomes)}
    if isinstance(failed, BackupError):
        _log_error(failed, status, "" if asked.action in outcomes else f"{asked.action}: ")
    else:
        doubtful = any(map(_is_doubtful, outcomes.values()))
        severity = "ERROR" if failed else "WARNING" if doubtful else "INFO"
        log(severity, f"{asked.action}: {report.get('result', 'done')}", report=report)
    return _response(status, report)


def refusal(error: BadRequest) -> Response:
    """Nothing was done."""
    status = error.status or 400
    _log_error(error, status)
    response = _response(status, error.as_dict())
    if status == 405:
        response.headers["Allow"] = "POST"
    return response


def _told(action: str, outcomes: Outcomes) -> Report:
    """The one report, or those of the drill and the prune in one."""
    if action != MAINTENANCE:
        return as_report(outcomes[action])
    told = {step: as_report(outcomes.get(step, NOT_DONE)) for step in STEPS}
    return {"result": _worst(outcomes.values()), **told}


def _worst(outcomes: Iterable[Outcome]) -> str:
    if any(map(has_failed, outcomes)):
        return "failed"
    return "partial" if any(map(_is_partial, outcomes)) else "done"


def _is_partial(outcome: Outcome) -> bool:
    return isinstance(outcome, Mapping) and outcome.get("result") == "partial"


def _is_doubtful(outcome: Outcome) -> bool:
    """Whether a person should read the report."""
    report = as_report(outcome)
    return bool(report.get("warnings") or report.get("vanished")) or _is_partial(outcome)


def _status_of(failed: Outcome) -> int:
    """The one place where a failure becomes a status."""
    if isinstance(failed, (SourceError, Malformed)):
        return 502
    if isinstance(failed, StorageError) or not isinstance(failed, BackupError):
        return 503
    return 500


def _log_error(error: BackupError, status: int, before: str = "") -> None:
    severity = "WARNING" if status < 500 else "ERROR"
    trace = "".join(traceback.format_exception(error)) if status == 500 else ""
    log(severity, f"{before}{error}", error=error.as_dict(), trace=trace)


def _response(status: int, report: Mapping[str, object]) -> Response:
    return Response(json.dumps(report), status, content_type="application/json")
