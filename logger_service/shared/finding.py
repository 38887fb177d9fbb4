"""What can be wrong with a data directory, in one word and with its reason."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """In one word; each is worse than the one before."""

    HEALTHY = "healthy"
    STALE = "stale"  # the newest file is older than it should be
    INCOMPLETE = "incomplete"  # a critical file is not there, or too small
    DAMAGED = "damaged"  # a file is not as the last restore left it, or bears a crash's marks
    EMPTY = "empty"  # there is no selected file, or nothing in them
    MISSING = "missing"  # there is no directory that can be read

    @property
    def badness(self) -> int:
        """The greater, the worse."""
        return [*Verdict].index(self)


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be."""

    verdict: Verdict
    what: str  # a file, a pattern or the directory
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.what} is {self.verdict} (found {self.found}; expected {self.expected})"
