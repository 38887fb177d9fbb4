"""`GET /dashboard/backups`: every backup, and each with its files on a page of its own."""

from collections.abc import Sequence

from flask import Blueprint, render_template, request

from browsing.stored_backups import StoredBackups
from dashboard.backup_files import files_of, shown
from dashboard.backup_rows import rows_of
from dashboard.backups_part import Archives
from dashboard.paging import asked_page
from dashboard.state_part import KINDS
from serving.access import Access
from serving.backup_file_routes import read_backup
from serving.price_query import check_names
from serving.problem import Problem
from serving.streams import Streams
from watching.archive_state import ArchiveState

BACKUPS_A_PAGE, FILES_A_PAGE = 100, 500
LONGEST_PATTERN = 200  # characters


def backup_pages(
    archives: Archives, stored: StoredBackups, access: Access, streams: Streams
) -> Blueprint:
    """For the admin alone; a page that waits for storage counts as a stream."""
    routes = Blueprint("backup_pages", __name__)
    access.guard(routes)

    @routes.get("/dashboard/backups")
    def all() -> str:  # noqa: A001  the route's name, which nothing here hides
        check_names(request, ("provider", "page"))
        provider = request.args.get("provider", "")
        chosen = _chosen(archives(), provider)
        return render_template(
            "backups.html",
            archives=chosen,
            kinds={one.kind: KINDS.get(one.kind, one.kind) for one in archives()},
            provider=provider,
            page=asked_page(rows_of(chosen), BACKUPS_A_PAGE),
        )

    @routes.get("/dashboard/backups/<provider>/<number>")
    def one(provider: str, number: str) -> str:
        check_names(request, ("files", "page"))
        pattern = _pattern()
        backup = read_backup(stored, streams, provider, number)
        with streams.one():
            before = stored.before(provider, backup.number)
        page = asked_page(files_of(backup, pattern), FILES_A_PAGE)
        archive = next(one for one in archives() if one.kind == provider)
        summary = next((one for one in archive.backups if one.number == backup.number), None)
        return render_template(
            "backup.html",
            backup=backup,
            kind=provider,
            kind_name=KINDS.get(provider, provider),
            address=archive.address,
            summary=summary,
            drill=archive.drills.get(backup.number),
            pattern=pattern,
            page=page,
            files=shown(page.rows, backup, before),
            before=before,
        )

    return routes


def _chosen(archives: Sequence[ArchiveState], provider: str) -> Sequence[ArchiveState]:
    """That provider's alone, or all without a name; raises Problem, 404."""
    chosen = [one for one in archives if provider in ("", one.kind)]
    if not chosen:
        known = ", ".join(one.kind for one in archives)
        raise Problem(404, f"there is no provider {provider[:80]!r}", f"Expected one of {known}")
    return chosen


def _pattern() -> str:
    pattern = request.args.get("files", "").strip()
    if len(pattern) > LONGEST_PATTERN:
        hint = f"Expected {LONGEST_PATTERN} characters at most"
        raise Problem(400, f"files has {len(pattern)} characters", hint)
    return pattern
