"""An error as a browser shows it; whoever is not logged in may do so."""

from http import HTTPStatus

from flask import render_template, request

from dashboard.session_routes import is_own_page


def problem_page(status: int, detail: str, hint: str) -> str:
    """The page with its words, or the form to log in with."""
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS):
        is_first = status == HTTPStatus.UNAUTHORIZED and "missing" in detail
        is_get = request.method == "GET"
        wanted = request.full_path.rstrip("?") if is_get else request.form.get("wanted", "")
        return render_template(
            "login.html",
            detail="" if is_first else detail,
            hint=hint,
            wanted=wanted if is_own_page(wanted) else "",
        )
    return render_template(
        "problem.html", status=status, word=HTTPStatus(status).phrase, detail=detail, hint=hint
    )
