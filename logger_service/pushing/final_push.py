"""The push at the logger's end: what has just been written goes to every provider at once.

The disk is about to be wiped, so it tries again while there is time. What cannot be saved is told.
"""

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from time import sleep

from pushing.destination import Destination, Pushed
from pushing.unsaved import unsaved
from shared.errors import (
    BackupError,
    BadSettings,
    SourceError,
    StorageForbidden,
    StorageMissing,
    TooNew,
)
from shared.parallel import in_background
from shared.time_limit import TimeLimit
from writing.backoff import Backoff

REASON = "shutdown"
PAUSES = (0.2, 2.0)  # seconds before another attempt: the first and the longest
LEAST_SECONDS = 0.1  # less is worth no attempt
FOR_THE_REST = 0.5  # share of the time after which files that did not change are left
# Trying again changes nothing.
_IN_VAIN = (BadSettings, SourceError, StorageForbidden, StorageMissing, TooNew)
_log = logging.getLogger(__name__)


def final_push(destinations: Sequence[Destination], data_dir: Path, limit: TimeLimit) -> None:
    """Return when each has what it can get in time, or the time is over; never raises."""
    pushes = [(one, in_background(partial(_push, one, data_dir, limit))) for one in destinations]
    for destination, push in pushes:
        try:
            push.result(limit.left())
        except TimeoutError:
            destination.fail("the final push did not end in time")
            _log.error("final push to %s: it did not end in time", destination.address)
        except Exception:  # noqa: BLE001  the others are waited for, and then the process ends
            _log.exception("final push to %s failed", destination.address)


def _push(destination: Destination, data_dir: Path, limit: TimeLimit) -> None:
    """Save what changed since this instance began, and the rest if there is time."""
    try:
        pushed = _save(destination, limit)
    except Exception as error:  # noqa: BLE001  whatever it is, what it costs has to be told
        told = error if isinstance(error, BackupError) else repr(error)
        lost = unsaved(destination, data_dir)
        _log.error("final push to %s failed: %s; %s", destination.address, told, lost)
        return
    _tell(destination, pushed, "")
    if pushed.is_whole and not pushed.was_all and not limit.is_over(FOR_THE_REST):
        try:
            rest = destination.push(REASON, TimeLimit(limit.left()))
            _tell(destination, rest, "the rest: ")
        except BackupError as error:
            _log.warning("final push to %s: the rest: %s", destination.address, error)


def _save(destination: Destination, limit: TimeLimit) -> Pushed:
    """Try until all that changed is there; raises what the last attempt met."""
    backoff = Backoff(*PAUSES)
    while True:
        attempt = TimeLimit(limit.left())
        try:
            pushed = destination.push(REASON, attempt, changed_only=True)
        except _IN_VAIN:
            raise
        except BackupError:
            pause = backoff.next()
            if (limit.left() or 0) < pause + LEAST_SECONDS:
                raise
            sleep(pause)
            continue
        if pushed.is_whole or (limit.left() or 0) < LEAST_SECONDS:
            return pushed


def _tell(destination: Destination, pushed: Pushed, which: str) -> None:
    report = pushed.report
    if report.result == "nothing new":
        if not which:
            _log.info(
                "final push to %s: nothing new since backup %d", destination.address, report.number
            )
        return
    _log.info(
        "final push to %s: %sbackup %d, %d new bytes",
        destination.address,
        which,
        report.number,
        report.new_bytes,
    )
    for warning in report.warnings:
        _log.warning("final push to %s: %s", destination.address, warning)
