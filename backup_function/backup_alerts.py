"""Whom the function tells of what its calls find: people by NOTIFY_URLS, a watchdog by a heartbeat.

Cloud Run stops the processor once a call is answered, so both come before the answer, and neither
may delay it for long or make it fail.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, wait
from functools import partial

from outcome import Outcome, Outcomes, Report

from shared.alert_book import AlertBook
from shared.conditions import Kind, Look, clipped
from shared.delivery import LateDelivery
from shared.errors import BackupError
from shared.heartbeat import send_heartbeat
from shared.merge import keeps_one
from shared.parallel import in_background
from shared.provider import Provider
from shared.providers import main_provider
from shared.settings import FunctionSettings

LONGEST_SECONDS = 5.0  # that an answer waits
LONGEST_CALL = 1.5  # of the storage
NAMED = 5  # lost files
FAILING = {
    action: Kind(f"{action} failing", ends=f"The newest {action} did well")
    for action in ("backup", "drill", "prune")
}
VANISHED = Kind(
    "vanished",
    begins="The logger no longer shows what the archive has, and keeps:",
    ends="The logger shows again:",
)
REWRITTEN = Kind(
    "rewritten",
    begins="A table that should only grow has other content; both versions are kept:",
    ends="For two days nobody has rewritten:",
    linger_seconds=48 * 3600,
)
PLANTED_BACKUP = Kind(
    "planted backup",
    begins="The newest backups are not what this function or the logger leave. Who has the keys?",
    ends="The newest backups are as they should be again; this is over:",
)
PLANTED_OBJECT = Kind(
    "planted object",
    begins="Among the backups lies what this system has not put there:",
    ends="It is gone:",
)
_log = logging.getLogger("shared.backup_alerts")  # the function's entries take what is below shared


class BackupAlerts:
    """Takes what came of each call; does nothing where neither address is set."""

    def __init__(self, settings: FunctionSettings) -> None:
        self._delivery = LateDelivery(settings.service_name, settings.notify_urls)
        self._heartbeat = settings.heartbeat_url
        self._book = AlertBook(settings.service_name, self._delivery, partial(_open, settings))

    def check_addresses(self) -> None:
        """Raise BadSettings if NOTIFY_URLS has an address that is none."""
        self._delivery.open()

    def take(self, outcomes: Outcomes) -> None:
        """Tell what these begin or end; returns in a few seconds, and never raises."""
        work: list[Callable[[], object]] = []
        if self._delivery.has_addresses:
            work.append(partial(self._tell, outcomes))
        if self._heartbeat and any(is_good_backup(*one) for one in outcomes.items()):
            work.append(partial(send_heartbeat, self._heartbeat, LONGEST_SECONDS))
        under_way: list[Future[object]] = [in_background(one) for one in work]
        done, late = wait(under_way, LONGEST_SECONDS)
        for error in filter(None, (one.exception() for one in done)):
            _log.error("the alerts failed: %r", error)
        if late:
            _log.warning("alerts or heartbeat took more than %g s", LONGEST_SECONDS)

    def _tell(self, outcomes: Outcomes) -> None:
        if looks := [look for one in outcomes.items() for look in looks_of(*one)]:
            self._book.tell(looks, LONGEST_SECONDS)


def _open(settings: FunctionSettings) -> Provider:
    return main_provider(settings, LONGEST_CALL)


def is_good_backup(action: str, outcome: Outcome) -> bool:
    """Whether all that the logger has is stored now."""
    if action != "backup" or isinstance(outcome, BackupError):
        return False
    return outcome["result"] in ("created", "nothing new")


def looks_of(action: str, outcome: Outcome) -> list[Look]:
    """What an action's report, or its error, says of each kind of condition."""
    if action not in FAILING:
        return []
    if isinstance(outcome, BackupError):
        return [Look(FAILING[action], {"": str(outcome)})]
    if action == "backup":
        return [Look(FAILING[action], {}), *_of_backup(outcome)]
    return _of_drill(outcome) if action == "drill" else [Look(FAILING[action], {})]


def _of_backup(report: Report) -> list[Look]:
    tables = [path for path in _texts(report["rewritten"]) if not keeps_one(path)]
    planted = [clipped(sentence) for sentence in _texts(report["planted"])]
    looks = [_seen(REWRITTEN, tables), _seen(PLANTED_BACKUP, planted)]
    if not report["catching_up"]:
        looks.append(_seen(VANISHED, _texts(report["vanished"])))
    return looks


def _of_drill(report: Report) -> list[Look]:
    """One that time ran out on says neither that all is well nor that it is not."""
    looks = []
    if report["result"] != "partial":
        fails = {"": _why(report)} if report["result"] == "failed" else {}
        looks.append(Look(FAILING["drill"], fails))
    if report["foreign"] is not None:
        looks.append(_seen(PLANTED_OBJECT, map(clipped, _texts(report["foreign"]))))
    return looks


def _why(report: Report) -> str:
    """What a drill has found wrong."""
    lost = report["lost"]
    names = list(lost) if isinstance(lost, Mapping) else []
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    told = [f"cannot be restored: {', '.join(names[:NAMED])}{more}"] if names else []
    return "; ".join([*told, *_texts(report["unreachable"]), *_texts(report["unreadable"])])


def _seen(kind: Kind, subjects: Iterable[str]) -> Look:
    return Look(kind, dict.fromkeys(subjects, ""))


def _texts(found: object) -> list[str]:
    return [str(one) for one in found] if isinstance(found, (list, tuple)) else []
