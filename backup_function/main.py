"""The backup function: pulls a logger's snapshot and keeps it in the bucket.

Cloud Scheduler posts `{"action": …}` to it; the answer is a JSON report, and its status tells
the scheduler whether to try again. It may run twice at once: the storage settles who was first.
"""

import json
import logging
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from secrets import token_hex

import functions_framework
from backup_alerts import BackupAlerts
from flask import Request, Response

from shared.backup import Job
from shared.backup import backup as back_up
from shared.drill import DrillOptions, drill
from shared.drill_report import store_report, unfinished
from shared.errors import BackupError, BadSettings, Malformed, SourceError, StorageError
from shared.format import Writer
from shared.freed_memory import give_back_freed_chunks
from shared.http_source import HttpSource
from shared.provider import Provider
from shared.providers import main_provider
from shared.prune import Retention, prune
from shared.prune_record import record_of, store_record
from shared.settings import FunctionSettings, load
from shared.status import status
from shared.time_limit import TimeLimit

Report = dict[str, object]

INSTANCE = token_hex(8)
LARGEST_BODY = 64 * 1024  # bytes of a request
LONGEST_CALL = 0.2  # of the storage, as a share of the time that this function has


def log(severity: str, message: str, **fields: object) -> None:
    """One JSON object a line, as Cloud Logging reads it."""
    print(json.dumps({"severity": severity, "message": message, **fields}), flush=True)  # noqa: T201  standard output is where Cloud Logging reads


class _Entries(logging.Handler):
    """What the engine says on its way becomes entries, too."""

    def emit(self, record: logging.LogRecord) -> None:
        """One of them."""
        log(record.levelname, record.getMessage())


def _begin() -> tuple[FunctionSettings, BackupAlerts]:
    """What every call uses, or the end: then a deployment fails and the old one serves."""
    try:
        settings = load(FunctionSettings)
        return settings, BackupAlerts(settings)
    except BadSettings as error:
        log("CRITICAL", str(error), error=error.as_dict())
        sys.exit(2)


logging.getLogger("shared").addHandler(_Entries())
SETTINGS, ALERTS = _begin()
RETENTION = Retention(SETTINGS.keep_last, SETTINGS.keep_daily)
give_back_freed_chunks()


@functions_framework.http
def backup(request: Request) -> Response:
    """Entry point: run the action that is asked for, and answer with its report."""
    try:
        name = _requested_action(request)
    except BadRequest as error:
        return _failed(error)
    outcome = _outcome(name)
    ALERTS.take(name, outcome)
    return _failed(outcome) if isinstance(outcome, BackupError) else _done(name, outcome)


def _outcome(name: str) -> Report | BackupError:
    """The action's report, or what kept it from doing well."""
    try:
        return {"action": name, **ACTIONS[name](TimeLimit(SETTINGS.call_timeout_seconds))}
    except BackupError as error:
        return error
    except Exception as error:  # noqa: BLE001  else its trace would be no entry of the log
        unforeseen = BackupError(f"unforeseen: {error!r}", hint="The log has the trace")
        unforeseen.__cause__ = error
        return unforeseen


def _done(name: str, report: Report) -> Response:
    failed = report.get("result") == "failed"
    is_partial = report.get("result") == "partial"
    doubtful = report.get("warnings") or report.get("vanished") or is_partial
    severity = "ERROR" if failed else "WARNING" if doubtful else "INFO"
    log(severity, f"{name}: {report.get('result', 'done')}", report=report)
    return _answer(503 if failed else 200, report)


def _requested_action(request: Request) -> str:
    if request.method != "POST":
        raise BadRequest(f"{request.method} is not served, POST expected", status=405)
    # Read whole even when it is too large: the framework does that after every request.
    body = request.get_data()
    if len(body) > LARGEST_BODY:
        raise BadRequest(f"a body has at most {LARGEST_BODY} bytes, not {len(body)}", status=413)
    try:
        asked = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the body is not JSON: {error}", status=400) from error
    name = asked.get("action", "backup") if isinstance(asked, dict) else None
    if not isinstance(name, str) or name not in ACTIONS:
        raise BadRequest(
            f"unknown action {name!r}, expected one of {', '.join(ACTIONS)}", status=400
        )
    return name


class BadRequest(BackupError):
    """The request is not one that this function serves."""


def _backup(
    limit: TimeLimit, reason: str = "scheduled", lost: frozenset[str] = frozenset()
) -> Report:
    source = HttpSource(
        SETTINGS.snapshot_url,
        SETTINGS.snapshot_token.get_secret_value(),
        SETTINGS.transfer_threads,
        limit,
        SETTINGS.max_snapshot_gb * 1e9,
    )
    by = Writer(job="function", instance=INSTANCE)
    job = Job(SETTINGS.service_name, reason, by, lost, RETENTION)
    return back_up(source, _provider(limit), job, SETTINGS.transfer_threads, limit).as_dict()


def _drill(limit: TimeLimit) -> Report:
    provider = _provider(limit)
    options = DrillOptions(
        unfinished=unfinished(provider), limit=limit, threads=SETTINGS.transfer_threads
    )
    report = drill([provider], SETTINGS.service_name, options)
    stored = store_report(provider, report) if report.backups else ""
    told = {"result": report.result, **report.model_dump(mode="json"), "stored_as": stored}
    if report.lost_chunks:
        told["repair"] = _repair(TimeLimit(limit.left()), frozenset(report.lost_chunks))
    return told


def _repair(limit: TimeLimit, lost: frozenset[str]) -> Report:
    """A backup that stores lost chunks again while the logger has them; the next drill tells."""
    try:
        return _backup(limit, f"critical: {len(lost)} chunks are lost in storage", lost)
    except BackupError as error:
        return error.as_dict()


def _prune(limit: TimeLimit) -> Report:
    provider, started_at = _provider(limit), datetime.now(UTC)
    report = prune(provider, SETTINGS.service_name, RETENTION)
    record = record_of(report, started_at)
    stored = store_record(provider, record) if report.kept else ""  # else there is no archive yet
    return {**report.as_dict(), "stored_as": stored}


def _status(limit: TimeLimit) -> Report:
    return status(_provider(limit), SETTINGS.service_name).as_dict()


def _provider(limit: TimeLimit) -> Provider:
    """Where backups are kept; one call that hangs must not use up all the time."""
    return main_provider(SETTINGS, limit.left(LONGEST_CALL))


ACTIONS: dict[str, Callable[[TimeLimit], Report]] = {
    "backup": _backup,
    "drill": _drill,
    "prune": _prune,
    "status": _status,
}


def _failed(error: BackupError) -> Response:
    """The one place where an error becomes a status."""
    status_code = 500
    if isinstance(error, BadRequest) and error.status:
        status_code = error.status
    elif isinstance(error, (SourceError, Malformed)):
        status_code = 502
    elif isinstance(error, StorageError):
        status_code = 503
    severity = "WARNING" if status_code < 500 else "ERROR"
    trace = "".join(traceback.format_exception(error)) if status_code == 500 else ""
    log(severity, str(error), error=error.as_dict(), trace=trace)
    return _answer(status_code, error.as_dict())


def _answer(status_code: int, report: Report) -> Response:
    answer = Response(json.dumps(report), status_code, content_type="application/json")
    if status_code == 405:
        answer.headers["Allow"] = "POST"
    return answer
