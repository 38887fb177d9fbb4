"""The one place where the logger's errors become answers: `application/problem+json`, RFC 9457.

A browser that opens a page gets a page instead, with the same words.
"""

import json
import logging
from collections.abc import Callable, Iterable, Mapping

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from shared.errors import BackupError, SourceChanged, UnsafePath

PROBLEM_TYPE, PAGE_TYPE = "application/problem+json", "text/html"
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
AsPage = Callable[[int, str, str], Response]  # of status, detail and hint
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


def answer_problems(app: Flask, as_page: AsPage | None = None) -> None:
    """Answer every error of the application's routes, to a browser `as_page` if there is one."""
    answers = _Answers(as_page)
    app.register_error_handler(BackupError, answers.to_ours)
    app.register_error_handler(HTTPException, answers.to_http)
    app.register_error_handler(Exception, answers.to_unforeseen)


class _Answers:
    def __init__(self, as_page: AsPage | None) -> None:
        self._as_page = as_page

    def to_ours(self, error: BackupError) -> Response:
        status = error.status or _STATUS.get(type(error), 500)
        if isinstance(error, Problem):
            answer = self._answer(status, error.message, error.hint, error.members)
            for name, value in error.headers:
                if not (answer.mimetype == PAGE_TYPE and value.startswith("Basic ")):
                    answer.headers.add(name, value)  # a page has its own form to log in
        else:
            answer = self._answer(status, error.message, error.hint)
            if status >= 500:
                _log.error("%s", error)
        if status == 401 and "WWW-Authenticate" not in answer.headers:
            answer.headers["WWW-Authenticate"] = 'Bearer realm="btc-logger"'
        return answer

    def to_http(self, error: HTTPException) -> Response:
        answer = self._answer(error.code or 500, error.description or error.name)
        told = ((name, value) for name, value in error.get_headers() if name != "Content-Type")
        answer.headers.extend(told)  # such as Allow
        return answer

    def to_unforeseen(self, error: Exception) -> Response:
        _log.exception("A request failed", exc_info=error)
        return self._answer(500, "an unforeseen error; the log has it")

    def _answer(
        self, status: int, detail: str, hint: str = "", members: Mapping[str, object] = _NO_MEMBERS
    ) -> Response:
        if self._as_page and is_page_wanted():
            return self._as_page(status, detail, hint or hint_of(status))
        text = problem_text(status, detail, hint, members)
        return Response(text, status, content_type=PROBLEM_TYPE)


def is_page_wanted() -> bool:
    """Whether a person looks at the answer: browsers name HTML, and programs do not."""
    return PAGE_TYPE in request.accept_mimetypes.values()


def problem_text(
    status: int, detail: str, hint: str = "", members: Mapping[str, object] = _NO_MEMBERS
) -> str:
    """The body of an error's answer, always with a hint."""
    problem = {"status": status, "detail": detail, "hint": hint or hint_of(status), **members}
    return json.dumps(problem, separators=(",", ":"))


def hint_of(status: int) -> str:
    """What may be done about an error that was raised without a hint."""
    return _HINTS.get(status, "The log has more about it")
