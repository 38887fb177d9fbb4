"""When a job of the Cloud Scheduler stand-in is due: its line of cron, in its time zone.

Cloud Scheduler's other form, schedules in English, the stand-in does not take.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import croniter


def is_schedule(schedule: str, time_zone: str) -> bool:
    """Whether it is five fields of cron, in a zone that there is."""
    try:
        _zone(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return len(schedule.split()) == 5 and croniter.is_valid(schedule)


def next_time(schedule: str, time_zone: str, after: datetime) -> datetime:
    """When it comes round next, in UTC."""
    local = after.astimezone(_zone(time_zone))
    moment: datetime = croniter(schedule, local).get_next(datetime)
    return moment.astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    """Google takes `utc` as well, and nothing for it."""
    return ZoneInfo("UTC" if name.lower() in ("", "utc") else name)
