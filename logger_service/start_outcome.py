"""How the restore before this start came out, and whether the logger may start after it.

The start script tells the restore job's exit code; the receipt in the data directory says why.
"""

import logging
import signal
from dataclasses import dataclass, field

from shared.receipt import Outcome, Receipt, read_receipt
from shared.settings import LoggerSettings

MOST_REASONS = 5  # named in one line; the restore job's own lines have all of them
_KILLED = 128  # a shell adds the signal's number to it
_MEANINGS = {
    Outcome.UNREACHABLE: "storage did not answer, and no other has a backup",
    Outcome.NOTHING: "there are backups, and nothing could be restored",
    Outcome.IN_PART: "a part of the backups could not be restored",
}
_log = logging.getLogger("logger")


@dataclass(frozen=True)
class StartOutcome:
    """What the logger starts with."""

    exit_code: int | None  # the restore job's; None where no start script ran it
    outcome: Outcome | None  # as its receipt says; None where there is none of this start
    sentence: str
    receipt: Receipt | None = field(default=None, compare=False, repr=False)  # of this start

    @property
    def is_history_missing(self) -> bool:
        """Whether there is history that should be here and is not."""
        return bool(self.exit_code)


def judge_start(settings: LoggerSettings) -> StartOutcome:
    """What the start script and the receipt say."""
    code = settings.restore_exit_code
    if code is None:
        return StartOutcome(None, None, "no restore ran before this start")
    if code == 0 and not settings.auto_restore_on_startup:
        return StartOutcome(0, None, "AUTO_RESTORE_ON_STARTUP is false: nothing was restored")
    receipt = read_receipt(settings.data_dir.absolute())
    if receipt and receipt.outcome.exit_code != code:
        receipt = None  # an earlier start's: this one's restore ended before it wrote its own
    outcome = receipt.outcome if receipt else None
    if code:
        return StartOutcome(code, outcome, _missing(code, receipt), receipt)
    if outcome is Outcome.FIRST_BOOT:
        return StartOutcome(0, outcome, "first boot: there was no backup yet")
    if outcome is Outcome.PARTIAL:
        return StartOutcome(0, outcome, "time ran out on the restore; the rest follows", receipt)
    sentence = "the history is here" if outcome else "the restore did well, and left no receipt"
    return StartOutcome(0, outcome, sentence, receipt)


def may_start(settings: LoggerSettings, start: StartOutcome) -> bool:
    """Whether to go on, which RESTORE_ON_FAILURE decides; tells loudly of missing history."""
    if not start.is_history_missing:
        return True
    if settings.restore_on_failure == "start":
        _log.critical(
            "starting WITHOUT HISTORY THAT SHOULD BE THERE: %s. New rows are recorded; what is "
            "stored stays stored",
            start.sentence,
        )
        return True
    _log.critical(
        "not starting without history that should be there: %s. Make storage answer and start "
        "again, or set RESTORE_ON_FAILURE=start to record without it",
        start.sentence,
    )
    return False


def _missing(code: int, receipt: Receipt | None) -> str:
    if receipt is None:
        return f"the restore {_how_it_ended(code)}"
    problems = (f"{path}: {why}" for path, why in receipt.problems.items())
    reasons = [*receipt.unreachable, *receipt.unreadable, *problems]
    more = len(reasons) - MOST_REASONS
    told = "; ".join(reasons[:MOST_REASONS]) + (f"; and {more} more" if more > 0 else "")
    return f"{_MEANINGS[receipt.outcome]}: {told}"


def _how_it_ended(code: int) -> str:
    try:
        return f"was ended by {signal.Signals(code - _KILLED).name}"
    except ValueError:
        return f"ended with exit code {code}; its own lines say why"
