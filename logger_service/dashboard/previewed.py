"""The restore that a preview has shown: of the very backups that it named, and no others."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from operating.orders import RestoreOrder, parse_order
from watching.archive_state import ArchiveState


def confirmed(
    asked: Mapping[str, Any], backups: Mapping[str, int], archives: Sequence[ArchiveState]
) -> RestoreOrder:
    """The same order in earnest; `backups` are the numbers that the preview found, by address.

    Numbers are each provider's own, so several are pinned by the time of the newest of them.
    Where that is not known it is the order as it was.
    """
    order = parse_order(RestoreOrder, {**asked, "dry_run": False})
    if len(backups) == 1:
        ((address, number),) = backups.items()
        return order.model_copy(update={"provider": (address,), "backup": number, "at": None})
    made_at = _times(backups, archives)
    if not made_at or None in made_at:
        return order
    newest = max(at for at in made_at if at)
    return order.model_copy(update={"provider": tuple(backups), "backup": None, "at": newest})


def is_pinned(order: RestoreOrder) -> bool:
    """Whether it names the backups it is about."""
    return order.backup is not None or order.at is not None


def _times(backups: Mapping[str, int], archives: Sequence[ArchiveState]) -> list[datetime | None]:
    """When each was made; None for one that has not been seen."""
    seen = {
        (state.address, one.number): one.created_at for state in archives for one in state.backups
    }
    return [seen.get(pair) for pair in backups.items()]
