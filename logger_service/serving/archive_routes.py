"""`GET /backup/status` and `GET /backup/list`: how the backups stand, and which there are."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request

from health.details import at_risk, catch_up, moment, provider, receipt
from serving.access import Access
from serving.backups import Backups
from serving.listing import listing
from serving.problem import Problem
from shared.receipt import CATCH_UP, RECEIPT
from watching.archive_state import ArchiveState

REFRESH_SECONDS = 0.15  # for a look at the providers; what is known by then is told
LARGEST_LIMIT = 100_000


def archive_routes(backups: Backups, access: Access) -> Blueprint:
    """Both, for the admin alone."""
    routes = Blueprint("archive", __name__)
    access.guard(routes)

    @routes.get("/backup/status")
    def _status() -> dict[str, Any]:
        backups.watch.refresh(REFRESH_SECONDS)
        return _told(backups)

    @routes.get("/backup/list")
    def _list() -> dict[str, Any]:
        limit, wanted = _limit(), request.args.get("provider")
        backups.watch.refresh(REFRESH_SECONDS)
        return listing(_chosen(backups.watch.archives, wanted), limit)

    return routes


def _told(backups: Backups) -> dict[str, Any]:
    settings = backups.health.watched.settings
    look = backups.health.look(kept_seconds=0)  # else it would not show what was made just now
    return {
        "enabled": settings.backup_enabled,
        "interval_seconds": 60 * settings.backup_interval_minutes,
        "providers": [provider(one) for one in look.providers],
        "at_risk": at_risk(look.at_risk),
        "jobs": [job.as_dict() for job in backups.jobs.newest_first() if job.is_running],
        "next_local_backup_at": moment(backups.own_backups.next_local_at),
        "catch_up": catch_up(look.catch_up),
        "last_restore": receipt(backups.health.watched, RECEIPT),
        "last_catch_up": receipt(backups.health.watched, CATCH_UP),
    }


def _limit() -> int | None:
    text = request.args.get("limit")
    if text is None:
        return None
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_LIMIT))
    if not (is_number and 0 < int(text) <= LARGEST_LIMIT):
        hint = f"Expected how many of each provider, from 1 to {LARGEST_LIMIT}"
        raise Problem(400, f"limit={text!r}", hint)
    return int(text)


def _chosen(archives: Sequence[ArchiveState], wanted: str | None) -> list[ArchiveState]:
    """Those of this address or kind; all, if none is named."""
    chosen = [one for one in archives if wanted in (None, one.address, one.kind)]
    if not chosen:
        known = ", ".join(f"{one.kind} ({one.address})" for one in archives)
        raise Problem(400, f"provider={wanted!r}", f"Expected one of {known}")
    return chosen
