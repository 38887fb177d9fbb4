"""Where the logger pushes backups of its own: one provider, and how it went there."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock

from shared.backup import Job, backup
from shared.backup_report import BackupReport
from shared.changed_files import ChangedFiles
from shared.directory_source import DirectorySource
from shared.format import Writer
from shared.progress import Progress
from shared.provider import Provider
from shared.prune import Retention, prune
from shared.time_limit import TimeLimit

LONGEST_CALL = 0.2  # of the storage, as a share of the time that is left for a push
LONGEST_WAIT = 0.25  # for another push's end, likewise
UNLIMITED = 3600.0  # seconds, in which every push ends

OpenProvider = Callable[[float | None], Provider]  # given the seconds that each call may take


@dataclass(frozen=True)
class Origin:
    """What is pushed: whose data, by which instance, from where."""

    service: str
    instance: str
    directory: DirectorySource
    since_ns: int  # when this instance began, in nanoseconds since 1970
    threads: int = 4


@dataclass(frozen=True)
class Pushed:
    """What one push brought, and whether it was shown all that there is."""

    report: BackupReport
    was_all: bool

    @property
    def is_whole(self) -> bool:
        """Whether all that it was shown is there now."""
        return not self.report.later


@dataclass(frozen=True)
class Standing:
    """How the own backups of one provider went so far."""

    address: str
    succeeded_at: datetime | None = None  # when the newest push that did well ended
    number: int = 0  # of the newest backup then
    error: str = ""  # of the newest push, empty if it did well
    good_at: datetime | None = None  # when the newest one ended that left nothing out
    planted: tuple[str, ...] = ()  # what the newest found that neither logger nor function leave
    pushes: int = 0  # that did well, also those that found nothing new
    failures: int = 0
    seconds: float = 0  # that the newest one took that did well; likewise the next two
    new_bytes: int = 0  # raw
    stored_bytes: int = 0  # the same as they went over the wire, compressed


class Destination:
    """A provider, opened anew for each push, in the thread that pushes.

    `standing` can be read at any time. `saved` has the sizes of the files that this process
    brought there, by path.
    """

    def __init__(self, address: str, open_provider: OpenProvider, origin: Origin) -> None:
        self.address, self.origin = address, origin
        self.standing = Standing(address)
        self.saved: dict[str, int] = {}
        self._open = open_provider
        self._turn = Lock()
        self._counting = Lock()

    def push(
        self,
        reason: str,
        limit: TimeLimit,
        *,
        changed_only: bool = False,
        progress: Progress | None = None,
    ) -> Pushed:
        """One backup: of all files, or of those that changed since this instance began.

        Raises:
            Exception: whatever it was that failed; the standing tells it too.
        """
        # Two at once would do no harm, but be in each other's way: wait, though not for ever.
        has_turn = self._turn.acquire(timeout=LONGEST_WAIT * _left(limit))
        try:
            pushed = self._push(reason, limit, progress, changed_only=changed_only)
        except Exception as error:
            self.fail(str(error))
            raise
        finally:
            if has_turn:
                self._turn.release()
        self._settle(pushed.report)
        return pushed

    def fail(self, error: str) -> None:
        """Take note of a failure, such as a push that nobody waits for any more."""
        with self._counting:
            failures = self.standing.failures + 1
            self.standing = replace(self.standing, error=error, failures=failures)

    def push_newest_first(
        self, reason: str, limit: TimeLimit, progress: Progress | None = None
    ) -> Pushed:
        """What changed since this instance began, and then all the rest; raises as `push` does."""
        newest = self.push(reason, limit, changed_only=True, progress=progress)
        if newest.was_all:
            return newest
        rest = self.push(reason, limit, progress=progress)
        return Pushed(newest.report.followed_by(rest.report), was_all=rest.was_all)

    def prune(self, retention: Retention) -> None:
        """Let go of what the policy no longer keeps; raises StorageError, TooNew."""
        prune(self._open(None), self.origin.service, retention)

    def _settle(self, report: BackupReport) -> None:
        now = datetime.now(UTC)
        with self._counting:
            self.standing = Standing(
                self.address,
                now,
                report.number,
                good_at=self.standing.good_at if report.result == "partial" else now,
                planted=tuple(report.planted),
                pushes=self.standing.pushes + 1,
                failures=self.standing.failures,
                seconds=report.seconds,
                new_bytes=report.new_bytes,
                stored_bytes=report.stored_bytes,
            )

    def _push(
        self, reason: str, limit: TimeLimit, progress: Progress | None, *, changed_only: bool
    ) -> Pushed:
        origin = self.origin
        source = ChangedFiles(origin.directory, origin.since_ns if changed_only else None)
        job = Job(origin.service, reason, Writer(job="logger", instance=origin.instance))
        provider = self._open(LONGEST_CALL * _left(limit))
        report = backup(source, provider, job, origin.threads, limit, progress=progress)
        late = {*report.later, *report.changed}
        self.saved |= {path: size for path, size in source.shown.items() if path not in late}
        return Pushed(report, source.shows_all)


def _left(limit: TimeLimit) -> float:
    left = limit.left()
    return UNLIMITED if left is None else left
