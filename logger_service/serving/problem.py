"""The one place where the logger's errors become answers: `application/problem+json`, RFC 9457."""

import json
import logging

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from shared.errors import BackupError, SourceChanged, UnsafePath

_STATUS = {UnsafePath: 400, SourceChanged: 409}  # what is not named here is ours to mend: 500
_log = logging.getLogger(__name__)


class Problem(BackupError):
    """A request that is not served, with the status to answer."""

    def __init__(self, status: int, message: str, hint: str = "") -> None:
        super().__init__(message, hint=hint, status=status)


def answer_problems(app: Flask) -> None:
    """Answer every error of the application's routes."""

    @app.errorhandler(BackupError)
    def _ours(error: BackupError) -> Response:
        status = error.status or _STATUS.get(type(error), 500)
        if status >= 500 and not isinstance(error, Problem):
            _log.error("%s", error)
        return _answer(status, error.message, error.hint)

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


def _answer(status: int, detail: str, hint: str) -> Response:
    problem = {"status": status, "detail": detail, "hint": hint}
    answer = Response(json.dumps(problem), status, content_type="application/problem+json")
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="btc-logger"'
    return answer
