"""The jobs as they stand: a table for a person, a line for each in a pipe, or JSON."""

import json
import sys
from datetime import datetime

from google.cloud.scheduler_v1 import Job
from rich.console import Console
from rich.table import Table

from deploy_settings import DeploySettings
from scheduling.jobs import KINDS, is_ours, name_of, short_name
from scheduling.outcome import code_name, outcome

_COLUMNS = ("job", "schedule", "state", "next, UTC", "last attempt")
_OTHER_COLUMNS = 46  # characters that those beside the first need at least


def show(settings: DeploySettings, jobs: list[Job], *, as_json: bool) -> None:
    """Print those that this set-up has made, and say which are missing."""
    ours = sorted((job for job in jobs if is_ours(settings, job)), key=short_name)
    if as_json:
        print(json.dumps([_document(job) for job in ours]))
    elif ours and sys.stdout.isatty():
        console = Console(highlight=False, markup=False, emoji=False)
        console.print(_table(ours, console.width))
    else:
        for job in ours:
            name, schedule, state, following, last, result = _row(job)
            print(f"{name}: {schedule} UTC, {state}, next {following}, last {last}: {result}")
    _tell_missing(settings, {short_name(job) for job in ours})


def _tell_missing(settings: DeploySettings, there: set[str]) -> None:
    for target in settings.addresses:
        for kind in KINDS:
            if (name := name_of(settings, kind, target)) not in there:
                print(f"{name}: there is no such job; deploy/google.sh makes it", file=sys.stderr)


def _table(jobs: list[Job], width: int) -> Table:
    """What does not fit is folded: a name, which is to be copied, only where nothing else helps."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in _COLUMNS:
        table.add_column(column, overflow="fold")
    longest = max(len(short_name(job)) for job in jobs)
    table.columns[0].no_wrap = longest + _OTHER_COLUMNS <= width
    for job in jobs:
        name, schedule, state, following, last, result = _row(job)
        attempt = result if last == "-" else f"{last} {result}"
        table.add_row(name, schedule, state, following, attempt)
    return table


def _row(job: Job) -> tuple[str, ...]:
    following = "-" if job.state == Job.State.PAUSED else _moment(job.schedule_time)
    last = _moment(job.last_attempt_time)
    return short_name(job), job.schedule, job.state.name.lower(), following, last, outcome(job)


def _document(job: Job) -> dict[str, object]:
    return {
        "job": short_name(job),
        "schedule": job.schedule,
        "time_zone": job.time_zone,
        "state": job.state.name.lower(),
        "next": _iso(job.schedule_time),
        "last_attempt": _iso(job.last_attempt_time),
        "result": code_name(job) if outcome(job) not in ("never run", "running") else None,
        "url": job.http_target.uri,
        "body": bytes(job.http_target.body).decode(errors="replace"),
    }


def _iso(moment: object) -> str | None:
    return moment.isoformat() if isinstance(moment, datetime) else None


def _moment(moment: object) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if isinstance(moment, datetime) else "-"
