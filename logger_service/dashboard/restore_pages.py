"""`/dashboard/restore`: what to bring is said, shown as a preview, and begun once confirmed."""

from collections.abc import Mapping
from functools import partial

from flask import Blueprint, Response, render_template, request, url_for

from dashboard.begun import begin
from dashboard.job_pages import known_job
from dashboard.job_shown import is_preview
from dashboard.previewed import confirmed
from dashboard.restore_form import FIELDS, faults_of, filled, form_of, order_of, said_of
from dashboard.see_other import see_other
from operating.background_jobs import BackgroundJobs
from operating.operations import Operations
from operating.orders import RestoreOrder
from operating.places import places_of
from serving.access import Access
from serving.backups import Backups
from serving.problem import Problem
from shared.errors import BackupError


def restore_pages(backups: Backups, operations: Operations, access: Access) -> Blueprint:
    """For the admin alone."""
    routes = Blueprint("restore_pages", __name__)
    access.guard(routes)
    places = places_of(backups.health.watched.settings)
    routes.add_app_template_filter(partial(form_of, places=places), "order_form")

    def page(texts: Mapping[str, str], faults: Mapping[str, str]) -> str:
        return render_template("restore.html", texts=texts, faults=faults, places=places)

    @routes.get("/dashboard/restore")
    def form() -> str:
        return page(filled(request.args), {})

    @routes.post("/dashboard/restore")
    def preview() -> Response:
        texts = filled(request.form)
        faults = faults_of(texts)
        if not faults:
            try:
                return _begin(backups.jobs, operations, order_of(texts))
            except BackupError as error:
                if error.name not in FIELDS:
                    raise
                faults = {error.name: said_of(error)}
        return Response(page(texts, faults), 400, content_type="text/html; charset=utf-8")

    @routes.post("/dashboard/restore/<job_id>")
    def confirm(job_id: str) -> Response:
        told = known_job(backups.jobs, job_id).as_dict()
        asked, result = told["asked"], told["result"]
        assert isinstance(asked, Mapping)  # noqa: S101  as it is made
        if not (is_preview(str(told["kind"]), asked) and isinstance(result, Mapping)):
            raise Problem(409, f"the job {job_id} has not shown what it would do", "Preview again")
        order = confirmed(asked, result["backups"], backups.watch.archives)
        return _begin(backups.jobs, operations, order)

    return routes


def _begin(jobs: BackgroundJobs, operations: Operations, order: RestoreOrder) -> Response:
    """Lead to its page, or to that of the one that was running already, and say which it is."""
    job, is_new = begin(jobs, "restore", order, operations.restore(order))
    is_same = job.asked == order.asked
    already = 1 if is_same and not is_new else None
    instead = None if is_same else 1
    return see_other(url_for("job_pages.one", job_id=job.id, already=already, instead=instead))
