"""Moments as the storage fake tells them."""

from datetime import UTC, datetime


def timestamp(moment: datetime) -> str:
    """RFC 3339 with milliseconds, as Google writes it."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def aware(moment: datetime) -> datetime:
    """The moment; ValueError where it has no time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment
