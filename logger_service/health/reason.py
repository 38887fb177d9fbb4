"""What a reason is: which part it belongs to, how bad it is, what it is, and what may be done."""

from enum import StrEnum
from typing import NamedTuple

DATA, BACKUPS = "data_integrity", "backup_system"  # as the parts are called in the answer


class Severity(StrEnum):
    """What a reason makes of the whole; the second is worse."""

    DEGRADED = "degraded"  # a person should mend it
    UNHEALTHY = "unhealthy"  # what the system is for does not take place


class Reason(NamedTuple):
    """Why the logger is not well."""

    part: str
    severity: Severity
    what: str
    hint: str
