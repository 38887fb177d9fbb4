"""How Cloud Scheduler is told of an interval: as a line of cron, where one says just that.

Cron knows divisions of an hour, of a day, and of a week; what it cannot say is refused with the
nearest intervals that it can (https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules).
"""

HOUR, DAY, WEEK = 60, 24 * 60, 7 * 24 * 60  # minutes
WITHIN_AN_HOUR = tuple(minutes for minutes in range(1, HOUR) if HOUR % minutes == 0)
WITHIN_A_DAY = tuple(HOUR * hours for hours in range(1, 24) if 24 % hours == 0)
EXPRESSIBLE = (*WITHIN_AN_HOUR, *WITHIN_A_DAY, DAY, WEEK)


def cron_of(minutes: float) -> str:
    """The line of cron, in UTC, that comes round every so many minutes.

    Raises:
        ValueError: there is none; it names the nearest that there are.
    """
    if minutes not in EXPRESSIBLE:
        raise ValueError(
            f"found {minutes:g}, expected an interval that cron can express; "
            f"the nearest: {' or '.join(map(str, nearest(minutes)))}"
        )
    if minutes in WITHIN_AN_HOUR:
        return "* * * * *" if minutes == 1 else f"*/{minutes:g} * * * *"
    if minutes in WITHIN_A_DAY:
        return "0 * * * *" if minutes == HOUR else f"0 */{minutes / HOUR:g} * * *"
    return "0 0 * * *" if minutes == DAY else "0 0 * * 0"


def nearest(minutes: float) -> tuple[int, ...]:
    """The intervals that cron can express on both sides of one that it cannot."""
    below = [one for one in EXPRESSIBLE if one < minutes]
    above = [one for one in EXPRESSIBLE if one > minutes]
    return (*below[-1:], *above[:1])


def daily(at: str) -> str:
    """The line of cron for a time of the day such as 03:17."""
    hour, _, minute = at.partition(":")
    return f"{int(minute)} {int(hour)} * * *"
