"""Tables: files of rows, of which the first may be a header and the first column a time."""

from datetime import UTC, datetime, timedelta

NEWLINE = b"\n"
_EARLIEST = datetime(2009, 1, 1, tzinfo=UTC)  # a smaller number in the first column is no time
_AHEAD = timedelta(days=1)  # that a clock may be: what is later is no time either
_MILLISECONDS = 1e11  # Unix seconds reach this in the year 5138


def is_table(path: str) -> bool:
    """Whether a file's lines are rows."""
    return path.endswith(".csv")


def is_header(line: bytes) -> bool:
    """Whether a table's first line names its columns: no field of it begins as a number does."""
    fields = line.removeprefix(b"\xef\xbb\xbf").split(b",")
    return not any(field.strip(b" \t\r\n\"'")[:1] in _NUMERIC for field in fields)


_NUMERIC = {bytes([sign]) for sign in b"0123456789+-."}


def row_time(row: bytes) -> datetime | None:
    """The time in a row's first column: ISO 8601 (UTC unless it says) or Unix time; or None."""
    text = row.partition(b",")[0].strip(b" \t\r\n\"'").decode("ascii", "replace")
    try:
        at = _unix(float(text)) if _is_number(text) else datetime.fromisoformat(text)
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if _EARLIEST < at < datetime.now(UTC) + _AHEAD else None


def _is_number(text: str) -> bool:
    whole, _, part = text.partition(".")
    # Eight digits are a date written as 20261122, and fewer are no time at all.
    return whole.isdigit() and len(whole) > len("20261122") and (not part or part.isdigit())


def _unix(number: float) -> datetime:
    return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS else number, UTC)


class RowCount:
    """Counts a table's rows, from an offset on, but those of a beginning that is known already."""

    def __init__(self, path: str, known: int, size: int = 0) -> None:
        self._is_table, self._known, self._size = is_table(path), known, size  # where it begins
        self._lines = 0
        self._has_header = self._is_ended = False

    def add(self, raw: bytes) -> None:
        """The table's next bytes."""
        if not (self._is_table and raw):
            return
        new = max(0, self._known - self._size)
        if not self._size:
            first = raw.partition(NEWLINE)[0]
            self._has_header = is_header(first) and len(first) >= self._known
        self._lines += raw.count(NEWLINE, new)
        self._is_ended = raw.endswith(NEWLINE)
        self._size += len(raw)

    @property
    def rows(self) -> int:
        """So far: what follows the last newline is one too."""
        begun = self._size > self._known and not self._is_ended
        return self._lines + begun - self._has_header
