"""What waitress answers by itself: a request that is too large, or none of HTTP's.

It never reaches a route; whoever sent it reads the same kind of answer as for any other error.
"""

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from serving.page_policy import HEADERS
from serving.problem import PROBLEM_TYPE, problem_text


class _ProblemTask(ErrorTask):  # type: ignore[misc]  # waitress has no types
    def execute(self) -> None:
        """Answer with the error that the request has met, and close the connection."""
        error = self.request.error
        body = problem_text(error.code, f"{error.reason}: {error.body}").encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [("Content-Type", PROBLEM_TYPE), *HEADERS.items()]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


def answer_with_problems() -> None:
    """From now on, on every connection of this process."""
    HTTPChannel.error_task_class = _ProblemTask
