"""Whether a data directory is as it should be: reported with reasons, and never changed.

Of the selected files their folder tells most; what only reading tells is read newest first, while
there is time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, time_ns

from shared.crash_marks import CrashMarks
from shared.errors import SourceRefused
from shared.finding import Finding, Verdict
from shared.names import is_json, timestamp
from shared.receipt import Receipt
from shared.selection import SelectedFile, Selection, matches
from shared.time_limit import NO_LIMIT, TimeLimit

MOST_FINDINGS = 50  # that are named; the rest is counted
_HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True)
class Expectations:
    """What a data directory should be, by the settings."""

    selection: Selection = field(default_factory=Selection)
    freshness_hours: float = 2
    critical_files: tuple[tuple[str, int], ...] = ()  # pattern and least bytes


@dataclass(frozen=True)
class Integrity:
    """The worst of what was found, and all of it."""

    verdict: Verdict
    findings: tuple[Finding, ...]  # the worst first
    more_findings: int  # beyond those
    files: int
    bytes: int
    unread_files: int  # not looked through for a crash's marks, for want of time
    seconds: float


def check(
    root: Path, expected: Expectations, last: Receipt | None, limit: TimeLimit = NO_LIMIT
) -> Integrity:
    """Look at the selected files below `root`; `last` is the receipt of the last restore."""
    started = monotonic()
    findings: list[Finding] = []
    files: list[SelectedFile] = []
    marks = CrashMarks(root, limit)
    try:
        files = expected.selection.look(root)
    except SourceRefused as error:
        found = error.message if root.exists() else "nothing"
        findings.append(Finding(Verdict.MISSING, str(root), found, "a directory"))
    else:
        findings += _emptiness(root, files)
        findings += _changes(files, expected.selection, last)
        findings += marks.find(files)
        findings += _incompleteness(files, expected.critical_files)
        findings += _staleness(files, expected.freshness_hours)
    findings.sort(key=lambda finding: -finding.verdict.badness)
    return Integrity(
        verdict=findings[0].verdict if findings else Verdict.HEALTHY,
        findings=tuple(findings[:MOST_FINDINGS]),
        more_findings=max(0, len(findings) - MOST_FINDINGS),
        files=len(files),
        bytes=sum(file.size for file in files),
        unread_files=marks.unread,
        seconds=round(monotonic() - started, 3),
    )


def _emptiness(root: Path, files: list[SelectedFile]) -> Iterator[Finding]:
    if not any(file.size for file in files):
        found = f"{len(files)} empty files" if files else "no file"
        yield Finding(Verdict.EMPTY, str(root), found, "files that are backed up")


def _incompleteness(
    files: list[SelectedFile], critical_files: Iterable[tuple[str, int]]
) -> Iterator[Finding]:
    for pattern, least in critical_files:
        sizes = [file.size for file in files if matches(file.path, (pattern,))]
        if not any(size >= least for size in sizes):
            found = f"at most {max(sizes):,} bytes" if sizes else "no such file"
            wanted = f"a file of at least {least:,} bytes" if least else "a file"
            yield Finding(Verdict.INCOMPLETE, pattern, found, wanted)


def _staleness(files: list[SelectedFile], freshness_hours: float) -> Iterator[Finding]:
    """Of the newest, which is the first."""
    for newest in files[:1]:
        hours = (time_ns() - newest.mtime_ns) / _HOUR_NS
        if hours > freshness_hours:
            found = f"the newest file, {hours:,.1f} hours old"
            yield Finding(Verdict.STALE, newest.path, found, f"at most {freshness_hours:g} hours")


def _changes(
    files: list[SelectedFile], selection: Selection, last: Receipt | None
) -> Iterator[Finding]:
    """What is neither as a restore left it, nor as a logger that goes on leaves it."""
    here = {file.path: file for file in files}
    left = last.states if last else {}
    for path, (size, mtime_ns) in left.items():
        if selection.names(path):
            now = here.get(path)
            found = _change(now, size, mtime_ns) if now else "nothing"
            if found:
                wanted = f"{size:,} bytes of {_time(mtime_ns)} or more, as a restore left it"
                yield Finding(Verdict.DAMAGED, path, found, wanted)


def _change(now: SelectedFile, size: int, mtime_ns: int) -> str:
    """What is wrong with a file by now; nothing, if it is the same or has grown."""
    if now.mtime_ns == mtime_ns:
        return "" if now.size == size else f"{now.size:,} bytes of the same time"
    if now.size > size or (is_json(now.path) and now.size):  # which is rewritten by right
        return ""
    return f"{now.size:,} bytes of {_time(now.mtime_ns)}"


def _time(mtime_ns: int) -> str:
    try:
        return timestamp(datetime.fromtimestamp(mtime_ns / 1e9, UTC))
    except (OverflowError, ValueError):  # a file's time may be anything
        return f"{mtime_ns} ns"
