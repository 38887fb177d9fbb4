"""`GET /dashboard/backups`: every backup, and each with its files on a page of its own."""

from collections.abc import Sequence

from flask import Blueprint, render_template, request

from browsing.stored_backups import StoredBackups
from dashboard.backup_files import files_of, shown
from dashboard.backup_rows import rows_of
from dashboard.backups_part import Archives
from dashboard.paging import asked_page
from dashboard.part import Told
from dashboard.provider_names import provider_name
from serving.access import Access
from serving.backup_file_routes import read_backup
from serving.problem import Problem
from serving.query_names import check_names
from serving.streams import Streams
from shared.format import Manifest
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
        return render_template("backups.html", **_all(archives()))

    @routes.get("/dashboard/backups/<provider>/<number>")
    def one(provider: str, number: str) -> str:
        check_names(request, ("files", "page"))
        pattern = _pattern()
        backup = read_backup(stored, streams, provider, number)
        with streams.one():
            before = stored.before(provider, backup.number)
        archive = next(one for one in archives() if one.kind == provider)
        files = _files(backup, before, pattern)
        return render_template("backup.html", **_backup(archive, backup), **files)

    return routes


def _all(archives: Sequence[ArchiveState]) -> Told:
    provider = request.args.get("provider", "")
    chosen = _chosen(archives, provider)
    return {
        "archives": chosen,
        "kinds": {one.kind: provider_name(one.kind) for one in archives},
        "provider": provider,
        "page": asked_page(rows_of(chosen), BACKUPS_A_PAGE),
    }


def _backup(archive: ArchiveState, backup: Manifest) -> Told:
    return {
        "backup": backup,
        "kind": archive.kind,
        "kind_name": provider_name(archive.kind),
        "address": archive.address,
        "summary": next((one for one in archive.backups if one.number == backup.number), None),
        "drill": archive.drills.get(backup.number),
    }


def _files(backup: Manifest, before: Manifest | None, pattern: str) -> Told:
    page = asked_page(files_of(backup, pattern), FILES_A_PAGE)
    files = shown(page.rows, backup, before)
    return {"pattern": pattern, "page": page, "files": files, "before": before}


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
