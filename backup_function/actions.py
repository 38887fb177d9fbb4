"""What the function can be asked to do, and how it comes out.

The code of an action is imported when it is first asked for: most processes live for one call.
"""

from importlib import import_module

from outcome import Outcome, Outcomes, Report, has_failed
from target import Target

from shared.errors import BackupError
from shared.time_limit import TimeLimit

MAINTENANCE, STEPS = "maintenance", ("drill", "prune")
_MODULES = {"backup": "pulling", "drill": "drilling", "prune": "pruning", "status": "looking"}
ACTIONS = (*_MODULES, MAINTENANCE)
DRILLING = 0.6  # of the time, where a prune is to follow


def perform(action: str, target: Target) -> Outcomes:
    """Do it for one logger, within the time of a call."""
    limit = TimeLimit(target.settings.call_timeout_seconds)
    if action == MAINTENANCE:
        return _maintain(target, limit)
    return {action: _outcome(action, target, limit)}


def _maintain(target: Target, limit: TimeLimit) -> Outcomes:
    """A drill, and then a prune, but not of an archive that is damaged: all of it may be needed."""
    drilled = _outcome("drill", target, TimeLimit(limit.left(DRILLING)))
    if has_failed(drilled):
        return {"drill": drilled}
    return {"drill": drilled, "prune": _outcome("prune", target, limit)}


def _outcome(action: str, target: Target, limit: TimeLimit) -> Outcome:
    """The action's report, or what kept it from doing well."""
    try:
        report: Report = import_module(_MODULES[action]).report(target, limit)
    except BackupError as error:
        return error
    except Exception as error:  # noqa: BLE001  else its trace would be no entry of the log
        unforeseen = BackupError(f"unforeseen: {error!r}", hint="The log has the trace")
        unforeseen.__cause__ = error
        return unforeseen
    return report
