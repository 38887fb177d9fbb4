"""`GET /dashboard`: the page, and each of its parts anew for a page that stays open."""

from collections.abc import Sequence

from flask import Blueprint, Response, render_template

from dashboard.part import Part, named
from dashboard.provider_names import provider_name
from dashboard.refreshed import refreshed, version
from dashboard.texts import use_texts
from serving.access import Access
from serving.problem import Problem
from watched import Watched

Beside = tuple[str, str]  # what a page is called, and its endpoint


def dashboard_routes(
    parts: Sequence[Part], watched: Watched, access: Access, beside: Sequence[Beside] = ()
) -> Blueprint:
    """For the admin alone; every page leads to it, and to those `beside` it."""
    routes = Blueprint("dashboard", __name__)
    access.guard(routes)
    use_texts(routes)
    routes.add_app_template_filter(provider_name)
    told = {
        "service": watched.settings.service_name,
        "instance": watched.instance,
        "started_at": watched.started_at,
        "version": version(),
        "can_log_out": access.session is not None,
    }
    pages = [("Dashboard", "dashboard.page"), *beside]
    routes.app_context_processor(lambda: {**told, "pages": pages})

    @routes.get("/dashboard")
    def page() -> str:
        return render_template("dashboard.html", parts=parts)

    @routes.get("/dashboard/parts/<name>")
    def part(name: str) -> Response:
        found = named(parts, name)
        if found is None:
            known = ", ".join(part.name for part in parts)
            raise Problem(404, f"there is no part {name!r}", f"Expected one of {known}")
        answer = refreshed(found.render())
        answer.headers["Page-Instance"] = told["instance"]
        return answer

    return routes


def assets() -> Blueprint:
    """Style and script, for anybody: they are the same everywhere."""
    return Blueprint(
        "assets",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/dashboard/static",
    )
