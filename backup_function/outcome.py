"""What came of an action: its report, or the error that kept it from one."""

from collections.abc import Mapping

from shared.errors import BackupError

Report = dict[str, object]
Outcome = Report | BackupError
Outcomes = Mapping[str, Outcome]  # by the action, in the order that they were done


def has_failed(outcome: Outcome) -> bool:
    """Whether it is an error, or the report of a drill that found damage."""
    return isinstance(outcome, BackupError) or outcome.get("result") == "failed"


def as_report(outcome: Outcome) -> Report:
    """For JSON, whichever it is."""
    return outcome.as_dict() if isinstance(outcome, BackupError) else outcome
