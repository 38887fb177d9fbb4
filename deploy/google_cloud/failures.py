"""What gcloud says when it fails, and what to do about it.

gcloud has one exit code for all failures, so its words have to tell them apart: those of gcloud 528
and of the APIs behind it.
"""

import re

from google_cloud.hints import hint_for
from shared.errors import BackupError

LONGEST_TEXT = 2_000  # characters of what gcloud said
# What was just enabled, made or granted is not known everywhere yet, or somebody else was faster.
_NOT_YET = re.compile(
    r"SERVICE_DISABLED|has not been used in project|[Ss]ervice account .* does not exist|"
    r"Permission denied on secret|concurrent policy changes|ABORTED|"
    r"unable to queue the operation|"  # of the function, while another one of it is under way
    r"Unable to retrieve the repository metadata",  # the first deploy in a project
    re.DOTALL,
)
_MISSING = re.compile(
    r"NOT_FOUND|status=\[404\]|not found: 404|HTTPError 404|was not found|Cannot find service"
)


class GcloudMissing(BackupError):
    """There is no gcloud on this machine."""


class GcloudFailed(BackupError):
    """gcloud, or Google behind it, would not do it; `said` is what it printed."""

    def __init__(self, message: str, said: str, *, name: str, hint: str) -> None:
        super().__init__(message, name=name, hint=hint)
        self.said = said


def failure(words: list[str], code: int, said: str) -> GcloudFailed:
    """The error for a command that ended with this code and these words."""
    command = f"gcloud {' '.join(words)}"
    told = " ".join(said.split())[-LONGEST_TEXT:] or f"it ended with {code} and said nothing"
    return GcloudFailed(f"{command}: {told}", said, name=command, hint=hint_for(said))


def is_missing(said: str) -> bool:
    """Whether what was asked for is not there."""
    return bool(_MISSING.search(said))


def is_not_yet(said: str) -> bool:
    """Whether the same may go well in a minute."""
    return bool(_NOT_YET.search(said))
