"""A browser logs in with ADMIN_TOKEN, and out."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request, url_for

from dashboard.see_other import see_other
from serving.access import Access, keep_nowhere

LONGEST_PASSWORD = 4096


def session_routes(access: Access) -> Blueprint:
    """`/login`, for whoever has the token, and `/logout`."""
    routes = Blueprint("session", __name__)
    routes.before_request(access.require_own_site)
    routes.after_request(keep_nowhere)

    @routes.get("/login")
    def form() -> str | Response:
        if access.is_open:
            return see_other(_home())
        return render_template("login.html", detail="", hint="", wanted=_wanted())

    @routes.post("/login")
    def log_in() -> Response:
        answer = see_other(_wanted() or _home())
        if access.session:
            access.log_in(request.form.get("password", "")[:LONGEST_PASSWORD].encode())
            access.session.begin(answer)
        return answer

    @routes.post("/logout")
    def log_out() -> Response:
        answer = see_other(url_for("session.form"))
        if access.session:
            answer.headers.add(*access.session.gone)
        return answer

    return routes


def is_own_page(address: str) -> bool:
    """Whether it is a path of this host, which no browser reads as another's address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    is_path = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return is_path and not (parts.scheme or parts.netloc) and address.isprintable()


def _wanted() -> str:
    wanted = request.values.get("wanted", "")
    return wanted if is_own_page(wanted) else ""


def _home() -> str:
    return url_for("dashboard.page")
