"""When Cloud Scheduler tries again, and as what it records an attempt: pure functions.

As https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs (RetryConfig)
and https://cloud.google.com/scheduler/docs/configuring/retry-jobs say; the codes are google.rpc's
for an HTTP status (https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto).
"""

from dataclasses import dataclass
from datetime import timedelta

from google.rpc.code_pb2 import Code

from emulators.scheduler_delivery import Attempt

NOT_YET_RUN = -1  # what `describe` shows of a job that has never run, or runs
_CODES: dict[int, int] = {
    400: Code.INVALID_ARGUMENT,
    401: Code.UNAUTHENTICATED,
    403: Code.PERMISSION_DENIED,
    404: Code.NOT_FOUND,
    409: Code.ABORTED,
    429: Code.RESOURCE_EXHAUSTED,
    499: Code.CANCELLED,
    500: Code.INTERNAL,
    501: Code.UNIMPLEMENTED,
    503: Code.UNAVAILABLE,
    504: Code.DEADLINE_EXCEEDED,
}


def code_of(attempt: Attempt, *, deadline: float) -> int:
    """The google.rpc code of an attempt that had so many real seconds."""
    if attempt.is_success:
        return 0
    if attempt.status is None:
        return int(Code.DEADLINE_EXCEEDED if attempt.seconds >= deadline else Code.UNAVAILABLE)
    other: int = Code.INTERNAL if attempt.status >= 500 else Code.UNKNOWN
    return _CODES.get(attempt.status, other)


@dataclass(frozen=True)
class Retries:
    """A RetryConfig."""

    count: int
    longest: timedelta  # since the first attempt
    first_pause: timedelta
    longest_pause: timedelta
    doublings: int

    def goes_on(self, failed: int, elapsed: timedelta) -> bool:
        """Whether an execution does after so many failures, `elapsed` since its first attempt.

        Where both limits are given, it ends when both are reached.
        """
        return failed <= self.count or elapsed < self.longest

    def pause(self, failed: int) -> timedelta:
        """How long it waits after so many failures: first doubling, then growing evenly."""
        doublings = min(failed - 1, self.doublings)
        evenly = failed - 1 - doublings
        factor: int = 2**doublings * (1 + evenly)
        return min(self.longest_pause, self.first_pause * factor)
