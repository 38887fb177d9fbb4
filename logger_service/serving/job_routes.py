"""What has become of what the admin asked for."""

from flask import Blueprint

from operating.background_jobs import BackgroundJobs
from serving.access import Access
from serving.problem import Problem


def job_routes(access: Access, jobs: BackgroundJobs) -> Blueprint:
    """`GET /backup/jobs`, the newest first, and `GET /backup/jobs/<id>`."""
    routes = Blueprint("jobs", __name__)
    access.guard(routes)

    @routes.get("/backup/jobs")
    def every() -> dict[str, object]:
        return {"jobs": [job.as_dict() for job in jobs.newest_first()]}

    @routes.get("/backup/jobs/<job_id>")
    def one(job_id: str) -> dict[str, object]:
        job = jobs.get(job_id)
        if job is None:
            raise Problem(404, f"there is no job {job_id!r}", "GET /backup/jobs has the newest")
        return job.as_dict()

    return routes
