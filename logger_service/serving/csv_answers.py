"""The CSV files of the data directory over HTTP: the list, and one of them or a part of it."""

from datetime import UTC, datetime
from functools import partial
from typing import Any, BinaryIO

from flask import Response, request
from werkzeug.wsgi import wrap_file

from reading.csv_files import SentFile, csv_files, open_csv
from serving.problem import Problem
from serving.ranges import one_range
from serving.streams import Streams, is_gzip_accepted
from shared.errors import SourceRefused, UnsafePath
from shared.names import timestamp
from shared.plain_file import FileState, is_settled
from shared.selection import Selection
from shared.settings import LoggerSettings

PIECE = 64 * 1024  # bytes compressed at once
_TYPE = "text/csv; charset=utf-8"


class CsvAnswers:
    """Of one data directory, to anybody who may ask."""

    def __init__(self, settings: LoggerSettings, streams: Streams) -> None:
        self._root = settings.data_dir
        self._selection = Selection(settings.backup_include, settings.backup_exclude)
        self._streams = streams

    def list(self) -> dict[str, Any]:
        """Each with its size and its time, newest first."""
        try:
            files = csv_files(self._root, self._selection)
        except SourceRefused as error:
            raise Problem(503, error.message, "Check DATA_DIR") from error
        return {
            "files": [
                {
                    "name": file.path,
                    "size_bytes": file.size,
                    "modified_at": timestamp(datetime.fromtimestamp(file.mtime_ns / 1e9, UTC)),
                }
                for file in files
            ]
        }

    def file(self, name: str) -> Response:
        """Its bytes of this moment; 304 to whoever has them, and 206 for a part of them."""
        file, state = self._open(name)
        try:
            is_packed = is_gzip_accepted() and "Range" not in request.headers
            answer = _described(state, is_packed=is_packed)
            if request.method == "HEAD" or answer.status_code == 304:
                file.close()
            elif is_packed:
                return self._packed(file, state.size, answer)
            else:
                self._as_it_is(file, state.size, answer)
        except BaseException:
            file.close()
            raise
        return answer

    def _open(self, name: str) -> tuple[BinaryIO, FileState]:
        hint = "GET /csv-list has the names"
        try:
            return open_csv(self._root, self._selection, name)
        except UnsafePath as error:
            raise Problem(400, error.message, hint) from error
        except OSError as error:
            raise Problem(404, f"there is no CSV file {name[:200]!r} here", hint) from error

    def _as_it_is(self, file: BinaryIO, size: int, answer: Response) -> None:
        """The server sends it by itself, however slowly the client reads: no thread waits."""
        if answer.content_range.start:
            file.seek(answer.content_range.start)
        self._streams.begin()
        sent = SentFile(file, size, self._streams.end)
        answer.response = wrap_file(request.environ, sent)  # type: ignore[arg-type]  # it is all that a server needs of a file
        answer.direct_passthrough = True

    def _packed(self, file: BinaryIO, size: int, described: Response) -> Response:
        sent = SentFile(file, size, _nothing)
        answer = self._streams.answer(iter(partial(sent.read, PIECE), b""), _TYPE)
        answer.call_on_close(sent.close)
        for name in ("ETag", "Last-Modified"):
            answer.headers[name] = described.headers[name]
        return answer


def _described(state: FileState, *, is_packed: bool) -> Response:
    """An answer without its body, 200, 206 or 304; raises RequestedRangeNotSatisfiable."""
    answer = Response(iter(()), content_type=_TYPE)
    answer.headers["Vary"] = "Accept-Encoding, Authorization"
    tag = f"{state.inode:x}-{state.size:x}-{state.ctime_ns:x}"
    answer.set_etag(tag, weak=is_packed or not is_settled(state))
    answer.last_modified = datetime.fromtimestamp(state.mtime_ns // 10**9, UTC)
    if is_packed:
        answer.make_conditional(request)
    else:
        answer.content_length = state.size
        answer.make_conditional(one_range(), accept_ranges=True, complete_length=state.size)
    return answer


def _nothing() -> None:
    """The stream tells its end by itself."""
