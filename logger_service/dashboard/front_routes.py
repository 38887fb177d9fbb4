"""`GET /`: leads a person to the dashboard, and tells whoever has curl which routes there are."""

from flask import Blueprint, Response, current_app, request, url_for

from dashboard.see_other import see_other
from serving.access import keep_nowhere
from serving.problem import is_page_wanted

_HEAD = """\
A BTC price logger and its backups. In a browser: {address}
docs/routes.md of the project says what each route takes and answers.

"""


def front_routes() -> Blueprint:
    """For anybody: which routes there are is no secret."""
    routes = Blueprint("front", __name__)
    routes.after_request(keep_nowhere)

    @routes.get("/")
    def front() -> Response:
        if is_page_wanted():
            return see_other(url_for("dashboard.page"))
        address = request.host_url.rstrip("/") + url_for("dashboard.page")
        text = _HEAD.format(address=address) + "".join(_lines())
        return Response(text, content_type="text/plain; charset=utf-8")

    return routes


def _lines() -> list[str]:
    rules = sorted(current_app.url_map.iter_rules(), key=lambda rule: rule.rule)
    return [
        f"{method:4} {rule.rule}\n"
        for rule in rules
        for method in sorted(rule.methods or ())
        if method in ("GET", "POST")
    ]
