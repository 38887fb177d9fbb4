"""An error as a browser shows it; whoever is not logged in is led to where he may do so."""

from http import HTTPStatus

from flask import Response, render_template, request, url_for

from dashboard.see_other import see_other
from dashboard.session_routes import is_own_page

_OF_A_LOGIN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS)
_TRY_AGAIN = {
    HTTPStatus.UNAUTHORIZED: "Look at it in the service's settings, and try again",
    HTTPStatus.TOO_MANY_REQUESTS: "Wait for a minute, and try again",
}


def problem_page(status: int, detail: str, hint: str) -> Response:
    """The page with its words, or the form to log in with, which leads back."""
    if status == HTTPStatus.UNAUTHORIZED and request.method == "GET":
        form = url_for("session.form", wanted=request.full_path.rstrip("?"))
        return see_other(form)
    if status in _OF_A_LOGIN:
        wanted = request.form.get("wanted", "")
        page = render_template(
            "login.html",
            detail=detail,
            hint=_TRY_AGAIN[HTTPStatus(status)],
            wanted=wanted if is_own_page(wanted) else "",
        )
    else:
        word = HTTPStatus(status).phrase.capitalize()
        page = render_template("problem.html", status=status, word=word, detail=detail, hint=hint)
    return Response(page, status, mimetype="text/html")
