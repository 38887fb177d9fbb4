"""The backup function: pulls loggers' snapshots and keeps them in the bucket.

Cloud Scheduler posts `{"action": …}` to it; the answer is a JSON report, and its status tells
the scheduler whether to try again. It may run twice at once: the storage settles who was first.
"""

import sys

import functions_framework
from actions import perform
from answers import answer, refusal
from entries import about, hear_the_engine, log
from flask import Request, Response
from requested import BadRequest, read_request
from target import Target

from shared.errors import BadSettings
from shared.freed_memory import give_back_freed_chunks
from shared.targets import load_targets


def _begin() -> dict[str, Target]:
    """The loggers by name, or the end: then a deployment fails and the old one serves."""
    try:
        return {name: Target(settings) for name, settings in load_targets().items()}
    except BadSettings as error:
        log("CRITICAL", str(error), error=error.as_dict())
        sys.exit(2)


hear_the_engine()
TARGETS = _begin()
give_back_freed_chunks()


@functions_framework.http
def backup(request: Request) -> Response:
    """Entry point: do what is asked for, tell whom it concerns, and answer with the report."""
    try:
        asked = read_request(request, list(TARGETS))
    except BadRequest as error:
        return refusal(error)
    target = TARGETS[asked.target]
    with about(target.label):
        outcomes = perform(asked.action, target)
        target.tell(outcomes)
        return answer(asked, outcomes)
