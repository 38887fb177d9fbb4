"""What a button begins, and a page for each job: all about it, anew each second while it runs."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, render_template, url_for

from dashboard.advice import advice
from dashboard.begun import begin
from dashboard.job_shown import JobShown, shown
from dashboard.previewed import confirmed, is_pinned
from dashboard.refreshed import refreshed
from dashboard.see_other import see_other
from operating.background_job import BackgroundJob, Work
from operating.background_jobs import MOST_KEPT, BackgroundJobs
from operating.operations import Operations
from operating.orders import AnyOrder, CleanupOrder, ProvidersOrder
from operating.several import total
from serving.access import Access
from serving.backups import Backups
from serving.problem import Problem


def job_pages(backups: Backups, operations: Operations, access: Access) -> Blueprint:
    """For the admin alone."""
    routes = Blueprint("job_pages", __name__)
    access.guard(routes)
    routes.add_app_template_filter(advice)
    routes.add_app_template_filter(total)
    jobs = backups.jobs

    def add(kind: str, order: AnyOrder, work_of: Callable[[AnyOrder], Work]) -> None:
        def press() -> Response:
            _, is_new = begin(jobs, kind, order, work_of(order))
            already = None if is_new else kind
            return see_other(url_for("dashboard.page", _anchor="jobs", already=already))

        routes.add_url_rule(f"/dashboard/jobs/{kind}", kind, press, methods=["POST"])

    add("trigger", ProvidersOrder(), operations.trigger)
    add("drill", ProvidersOrder(), operations.drill)
    add("cleanup", CleanupOrder(), operations.cleanup)

    @routes.get("/dashboard/jobs/<job_id>")
    def one(job_id: str) -> str:
        return render_template("job.html", **_told(known_job(jobs, job_id), backups))

    @routes.get("/dashboard/jobs/<job_id>/text")
    def text(job_id: str) -> Response:
        try:
            told = _told(known_job(jobs, job_id), backups)
        except Problem as error:  # a page that is open is told so in its place
            return refreshed(
                render_template("job_forgotten.html", detail=error.message, hint=error.hint)
            )
        return refreshed(render_template("job_text.html", **told))

    return routes


def known_job(jobs: BackgroundJobs, job_id: str) -> BackgroundJob:
    """The job of that id; raises Problem, 404, for one that is not remembered."""
    if job := jobs.get(job_id):
        return job
    raise Problem(
        404,
        f"there is no job {job_id!r}",
        f"The logger remembers its newest {MOST_KEPT} jobs, and none from before its last start. "
        "What a job had done by then is kept; `Back up now` and the other buttons begin another",
    )


def _told(job: BackgroundJob, backups: Backups) -> Mapping[str, object]:
    about = shown(job)
    return {"shown": about, "is_whole": True, "is_pinned": _is_pinned(about, backups)}


def _is_pinned(about: JobShown, backups: Backups) -> bool:
    """Whether the backups of a preview can be named again."""
    result = about.told["result"]
    if not (about.is_preview and result):
        return False
    return is_pinned(confirmed(about.told["asked"], result["backups"], backups.watch.archives))
