"""The alerts of a logger with these settings, from all that it watches to those who are told."""

from threading import Event

from alerting.alerting import Alerting
from alerting.critical import CriticalConditions
from alerting.heartbeats import Heartbeats
from alerting.kept_told import KeptTold
from alerting.overdue import Overdue
from alerting.what_holds import History, OwnPushes
from critical_events import CriticalEvents
from health.health import Health
from shared.delivery import Delivery
from shared.settings import LoggerSettings

END_SHARE, LONGEST_END = 0.1, 3.0  # of the shutdown, for the last messages; and seconds


def open_alerting(
    health: Health, events: CriticalEvents, delivery: Delivery, stopping: Event
) -> Alerting:
    """Not started yet; critical events and drills are taken from now on."""
    watched, settings = health.watched, health.watched.settings
    kept = KeptTold(settings.data_dir.absolute(), settings.service_name)
    own = OwnPushes(watched.standings, main_address(settings))
    heartbeats = Heartbeats(settings.heartbeat_url, lambda: own.main_standing)
    alerting = Alerting(delivery, kept, heartbeats, stopping)
    history = History(watched.start, watched.catch_up)
    critical = CriticalConditions(events, alerting.tell)
    overdue = Overdue(
        lambda: health.look().providers if settings.backup_enabled else (),
        60 * settings.backup_interval_minutes,
    )
    alerting.looks = lambda: [
        history.look(),
        *critical.looks(),
        *own.looks(),
        overdue.look(),
        alerting.drills.look(),
    ]
    alerting.restored_before(watched.start.receipt)
    return alerting


def main_address(settings: LoggerSettings) -> str | None:
    """Where backups survive: the bucket, or the local directory where the disk is not wiped."""
    if settings.bucket_address or settings.render:
        return settings.bucket_address
    return settings.local_address


def last_word_seconds(settings: LoggerSettings) -> float:
    """What of a shutdown the last messages may take, after the final push."""
    if settings.notify_urls is None and settings.heartbeat_url is None:
        return 0
    return min(END_SHARE * settings.shutdown_seconds, LONGEST_END)
