"""`GET /backup/files/<provider>/<number>/<path>`: a file as a backup has it, from any good copy.

Each chunk is proven before its bytes are sent. One that is lost in the middle breaks the
connection off, so that nobody takes what came for the whole.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, Response, request

from browsing.stored_backups import StoredBackups
from serving.access import Access
from serving.attachment import attachment, content_type
from serving.problem import Problem
from serving.query_names import check_names
from serving.ranges import one_range
from serving.streams import Streams
from shared.errors import BadSettings, StorageError, TooNew
from shared.format import FileEntry, Manifest, Version
from shared.names import beside


def backup_file_routes(stored: StoredBackups, access: Access, streams: Streams) -> Blueprint:
    """For the admin alone."""
    routes = Blueprint("backup_files", __name__)
    access.guard(routes)

    @routes.get("/backup/files/<provider>/<number>/<path:path>")
    def file(provider: str, number: str, path: str) -> Response:
        check_names(request, ("version",))
        manifest = read_backup(stored, streams, provider, number)
        entry = _entry(manifest, path)
        version = _version(entry)
        answer = _described(entry, version)
        if request.method == "HEAD" or answer.status_code == 304:
            return answer
        part = answer.content_range
        start, stop = part.start or 0, version.size if part.stop is None else part.stop
        with failures_told():
            streams.fill(answer, stored.pieces(provider, manifest, version, start, stop))
        return answer

    return routes


def read_backup(stored: StoredBackups, streams: Streams, provider: str, number: str) -> Manifest:
    """The backup; while it is read it counts as a stream, since a storage may hang.

    Raises:
        NothingMatches: there is none, 404.
        Problem: it cannot be read, 503.
        ServiceUnavailable: there are as many streams as there may be.
    """
    with streams.one(), failures_told():
        return stored.manifest(provider, number)


@contextmanager
def failures_told() -> Iterator[None]:
    """Answer 503 with what the storage says, whatever status of its own it said that with."""
    try:
        yield
    except (StorageError, TooNew, BadSettings) as error:
        hint = error.hint or "Ask again later; POST /backup/drill tells what can be restored"
        raise Problem(503, error.message, hint) from error


def _entry(manifest: Manifest, path: str) -> FileEntry:
    """Only what the backup names can be asked for, so no path leads anywhere else."""
    found = next((entry for entry in manifest.files if entry.path == path), None)
    if found is None:
        message = f"there is no file {path[:200]!r} in backup {manifest.number}"
        raise Problem(404, message, "The backup's page at /dashboard/backups lists its files")
    return found


def _version(entry: FileEntry) -> Version:
    """The one of the query: 1 is the oldest of the earlier ones; the current one without."""
    text = request.args.get("version")
    if text is None:
        return entry
    earlier = {str(place): version for place, version in enumerate(entry.earlier, start=1)}
    if text not in earlier:
        there = f"from 1 to {len(earlier)}" if earlier else "none"
        message = f"version={text[:20]!r}: the file has no such earlier version"
        raise Problem(404, message, f"There are {there}; without a version it is the current one")
    return earlier[text]


def _described(entry: FileEntry, version: Version) -> Response:
    """An answer without its body, 200, 206 or 304; raises RequestedRangeNotSatisfiable."""
    name = entry.path.rpartition("/")[2]
    if version is not entry:
        name = beside(name, "earlier", version.identity)
    answer = Response(iter(()), content_type=content_type(entry.path))
    answer.headers["Content-Disposition"] = attachment(name)
    answer.set_etag(version.identity)
    answer.content_length = version.size
    answer.make_conditional(one_range(), accept_ranges=True, complete_length=version.size)
    return answer
