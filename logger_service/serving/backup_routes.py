"""What the admin may have done: each route begins a background job, or finds it running.

The answer is 202 with the job and its address, or with `wait=true` how it ended.
"""

import json
from collections.abc import Callable
from threading import BoundedSemaphore

from flask import Blueprint, Response, jsonify, request, url_for

from operating.background_job import BackgroundJob, Work
from operating.background_jobs import BackgroundJobs
from operating.failure import status_of
from operating.operations import Operations
from operating.orders import AnyOrder, CleanupOrder, ProvidersOrder, RestoreOrder, parse_order
from serving.access import Access
from serving.problem import Problem
from serving.web_server import WAITS


def backup_routes(access: Access, operations: Operations, jobs: BackgroundJobs) -> Blueprint:
    """`POST /backup/trigger`, `/backup/restore`, `/backup/cleanup` and `/backup/drill`."""
    routes = Blueprint("operations", __name__)
    access.guard(routes)
    waits = BoundedSemaphore(WAITS)

    def add(name: str, kind: type[AnyOrder], work_of: Callable[[AnyOrder], Work]) -> None:
        def begin() -> Response:
            order = parse_order(kind, _given())
            job = jobs.begin(name, order.asked, work_of(order))
            if order.wait and waits.acquire(blocking=False):
                try:
                    job.wait()
                finally:
                    waits.release()
                return _ended(job)
            return _begun(job)

        routes.add_url_rule(f"/backup/{name}", name, begin, methods=["POST"])

    add("trigger", ProvidersOrder, operations.trigger)
    add("restore", RestoreOrder, operations.restore)
    add("cleanup", CleanupOrder, operations.cleanup)
    add("drill", ProvidersOrder, operations.drill)
    return routes


def _begun(job: BackgroundJob) -> Response:
    answer = jsonify(job.as_dict())
    answer.status_code = 202
    answer.headers["Location"] = url_for("jobs.one", job_id=job.id)
    return answer


def _ended(job: BackgroundJob) -> Response:
    error, told = job.error, job.as_dict()
    if error:
        raise Problem(status_of(error), error.message, error.hint, members={"job": told})
    return jsonify(told)


def _given() -> dict[str, object]:
    """Body and query as one; raises Problem where they are none."""
    given = _body()
    for name, values in request.args.lists():
        if name in given:
            raise Problem(400, f"{name} is in the body and in the query", "Send it once")
        given[name] = values if len(values) > 1 else values[0]
    return given


def _body() -> dict[str, object]:
    """A JSON object, whatever the content type says: `curl -d` calls everything a form."""
    text = request.get_data()
    try:
        given = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        raise Problem(400, f"the body is not JSON: {error}", 'Send {"wait":true}, say') from error
    if not isinstance(given, dict):
        raise Problem(400, "the body is no JSON object", 'Send {"wait":true}, say')
    return given
