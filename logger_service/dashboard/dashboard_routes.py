"""`GET /dashboard`: the page, and each of its parts anew for a page that stays open."""

from collections.abc import Sequence

from flask import Blueprint, Response, render_template, url_for

from dashboard.part import Part, named
from dashboard.refreshed import refreshed, version
from dashboard.texts import use_texts
from serving.access import Access
from serving.problem import Problem
from watched import Watched


def dashboard_routes(parts: Sequence[Part], watched: Watched, access: Access) -> Blueprint:
    """For the admin alone."""
    routes = Blueprint("dashboard", __name__)
    access.guard(routes)
    use_texts(routes)
    told = {
        "service": watched.settings.service_name,
        "instance": watched.instance,
        "started_at": watched.started_at,
        "version": version(),
        "can_log_out": access.session is not None,
    }
    routes.app_context_processor(lambda: {**told, "navigation": _navigation()})

    @routes.get("/dashboard")
    def page() -> str:
        return render_template("dashboard.html", parts=parts)

    @routes.get("/dashboard/parts/<name>")
    def part(name: str) -> Response:
        found = named(parts, name)
        if found is None:
            known = ", ".join(part.name for part in parts)
            raise Problem(404, f"there is no part {name!r}", f"Expected one of {known}")
        return refreshed(found.render())

    return routes


def _navigation() -> list[tuple[str, str]]:
    """What each page leads to."""
    return [
        ("Dashboard", url_for("dashboard.page")),
        ("Backups", url_for("backup_pages.all")),
    ]


def assets() -> Blueprint:
    """Style and script, for anybody: they are the same everywhere."""
    return Blueprint(
        "assets",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/dashboard/static",
    )
