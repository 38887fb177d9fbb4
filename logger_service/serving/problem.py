"""The one place where the logger's errors become answers: `application/problem+json`, RFC 9457."""

import json
import logging
from collections.abc import Iterable, Mapping

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from shared.errors import BackupError, SourceChanged, UnsafePath

PROBLEM_TYPE = "application/problem+json"
_STATUS = {UnsafePath: 400, SourceChanged: 409}  # what is not named here is ours to mend: 500
# For what is raised without a hint, some of it by Flask.
_HINTS = {
    400: "Correct what the detail names, and send it again",
    404: "docs/routes.md has the routes",
    405: "Allow names the methods that are served",
    409: "Ask again: it changed while it was read",
    413: "Send less: no order needs so much",
    416: "Ask for a range within Content-Range, or for all of it",
    431: "Send fewer headers, or shorter ones",
    503: "Ask again later; the log may say more",
}
_NO_MEMBERS: Mapping[str, object] = {}
_log = logging.getLogger(__name__)


class Problem(BackupError):
    """A request that is not served: the status to answer, headers, and members of its own."""

    def __init__(
        self,
        status: int,
        message: str,
        hint: str = "",
        *,
        headers: Iterable[tuple[str, str]] = (),
        members: Mapping[str, object] = _NO_MEMBERS,
    ) -> None:
        super().__init__(message, hint=hint, status=status)
        self.headers, self.members = tuple(headers), members


def answer_problems(app: Flask) -> None:
    """Answer every error of the application's routes."""

    @app.errorhandler(BackupError)
    def _ours(error: BackupError) -> Response:
        status = error.status or _STATUS.get(type(error), 500)
        if isinstance(error, Problem):
            answer = _answer(status, error.message, error.hint, error.members)
            for name, value in error.headers:
                answer.headers.add(name, value)
        else:
            answer = _answer(status, error.message, error.hint)
            if status >= 500:
                _log.error("%s", error)
        if status == 401 and "WWW-Authenticate" not in answer.headers:
            answer.headers["WWW-Authenticate"] = 'Bearer realm="btc-logger"'
        return answer

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        answer = _answer(error.code or 500, error.description or error.name, "")
        told = ((name, value) for name, value in error.get_headers() if name != "Content-Type")
        answer.headers.extend(told)  # such as Allow
        return answer

    @app.errorhandler(Exception)
    def _unforeseen(error: Exception) -> Response:
        _log.exception("A request failed", exc_info=error)
        return _answer(500, "an unforeseen error; the log has it", "")


def _answer(
    status: int, detail: str, hint: str, members: Mapping[str, object] = _NO_MEMBERS
) -> Response:
    text = problem_text(status, detail, hint, members)
    return Response(text, status, content_type=PROBLEM_TYPE)


def problem_text(
    status: int, detail: str, hint: str = "", members: Mapping[str, object] = _NO_MEMBERS
) -> str:
    """The body of an error's answer, always with a hint."""
    hint = hint or _HINTS.get(status, "The log has more about it")
    problem = {"status": status, "detail": detail, "hint": hint, **members}
    return json.dumps(problem, separators=(",", ":"))
