"""A restore: join what all providers have, see what is missing here, and add it.

Critical files come first and then the newest, so that a time limit costs the oldest, and of a long
file its end; what cannot be had is named, and all the rest is restored.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, groupby, islice, takewhile
from pathlib import Path
from threading import Event

from shared.archive import Archive, Wanted, read_archive
from shared.choice import Choice
from shared.completing import Completing
from shared.durable_file import sweep
from shared.errors import BackupError
from shared.fetch import FetchedChunk, Wanting, fetch
from shared.format import FileEntry
from shared.merge import keeps_one
from shared.names import NOTES, timestamp
from shared.placing import INCOMING, Placing
from shared.plan import Action, Step, plan, plan_earlier
from shared.progress import Progress
from shared.provider import Reader
from shared.receipt import CATCH_UP, RECEIPT, Outcome, Receipt, keep_receipt, read_any_receipt
from shared.table import RowCount
from shared.time_limit import TimeLimit

# Shares of a time limit: who has not answered by then, and what has not been compared with the
# disk by then, must not cost the files that can be had.
ASKING, PLANNING = 0.5, 0.75
UNDER_WAY_SECONDS = 1.0  # after the limit, for chunks that have been begun
MOST_NAMED = 20  # chunks that came from elsewhere; the rest is counted


@dataclass(frozen=True)
class Options:
    """How to restore."""

    wanted: Wanted = field(default_factory=Wanted)
    patterns: tuple[str, ...] = ()  # only files that match; all if none is given
    paths: frozenset[str] | None = None  # and of them only these
    critical: tuple[str, ...] = ()  # files that match come first
    earlier: bool = False  # also earlier versions of rewritten files, beside the current one
    dry_run: bool = False
    live: bool = False  # a logger is running: nothing in place is ever replaced
    seconds: float | None = None  # time limit, after which no further chunk is begun or waited for
    stop: Event | None = None  # once it is set, none is begun either
    threads: int = 4


def restore(
    readers: Iterable[Reader],
    service: str,
    root: Path,
    options: Options,
    progress: Progress | None = None,
) -> Receipt:
    """Add to `root` all that the archive has and it lacks.

    Raises:
        NothingMatches: no backup or no file is the one wanted.
        TooNew: a backup was written by a newer version.
    """
    work = _Work(root, options, progress or Progress())
    archive = read_archive(readers, service, options.wanted, work.limit.left(ASKING))
    entries = Choice(options.patterns, options.paths, options.critical).of(archive, root)
    steps = [*work.plan(archive, entries)]
    if not options.dry_run:
        work.execute(archive, steps)
        steps += work.bring_earlier(archive, entries)
    receipt = work.receipt(archive, entries, steps)
    if not options.dry_run and archive.backups:
        receipt = keep_receipt(root, receipt, CATCH_UP if options.live else RECEIPT)
    return receipt


class _Work:
    """What one restore has done so far."""

    def __init__(self, root: Path, options: Options, progress: Progress) -> None:
        self._root, self._options, self._progress = root, options, progress
        self._started_at = datetime.now(UTC)
        self.limit = TimeLimit(options.seconds, options.stop)
        self._last = read_any_receipt(root)
        self._problems: dict[str, str] = {}
        self._ended: set[str] = set()  # targets that nothing more is to be done for
        self._placed: set[str] = set()  # targets that something was written for
        self._states: dict[str, tuple[int, int]] = {}
        self._bytes = self._rows = 0

    def plan(self, archive: Archive, entries: list[FileEntry]) -> Iterator[Step]:
        options = self._options
        steps = plan(
            archive, self._root, entries, self._last, live=options.live, threads=options.threads
        )
        if options.earlier:
            steps = chain(steps, plan_earlier(archive, self._root, entries))
        for step in takewhile(self._is_timely, steps):
            if step.action is Action.SKIP:
                self._problems[step.path] = step.problem
            else:
                yield step

    def _is_timely(self, step: Step) -> bool:
        """Whether it came in time; what is missing here took none, whatever others took by now."""
        return step.action is Action.WRITE or not self.limit.is_over(PLANNING)

    def execute(self, archive: Archive, steps: list[Step]) -> None:
        sweep(self._root / NOTES / INCOMING)
        needed = [step for step in steps if step.action is not Action.KEEP]
        wantings = [_wanting(step, live=self._options.live) for step in needed]
        self._progress.begin(len(needed), sum(wanting.size for wanting in wantings))
        threads = self._options.threads
        chunks = fetch(archive, wantings, threads, self.limit.is_over, self._patience)
        for wanting, own in groupby(chunks, key=lambda chunk: chunk.wanting):
            try:
                self._place(wanting.key, own)
            except (BackupError, OSError) as error:
                self._problems[wanting.path] = f"not restored: {error}"
                self._ended.add(wanting.key.target)

    def bring_earlier(self, archive: Archive, entries: list[FileEntry]) -> list[Step]:
        """Bring the earlier versions of files of which nothing else is here; the steps for them.

        One of them may be the file's beginning, which nothing can prove any more.
        """
        if self._options.earlier:
            return []  # they have come already
        faulty = [entry for entry in entries if entry.path in self._problems]
        faulty = [entry for entry in faulty if not os.path.lexists(self._root / entry.path)]
        steps = list(plan_earlier(archive, self._root, faulty))
        steps = [step for step in steps if step.action is not Action.SKIP]
        if steps:
            self.execute(archive, steps)
        return steps

    def receipt(self, archive: Archive, entries: list[FileEntry], steps: list[Step]) -> Receipt:
        """What has been done, and what has not."""
        needed = [step for step in steps if step.action is not Action.KEEP]
        done = [step for step in needed if self._options.dry_run or step.target in self._placed]
        planned = {step.path for step in steps} | self._problems.keys()
        later = [entry.path for entry in entries if entry.path not in planned]
        if not self._options.dry_run:
            later = [step.target for step in needed if step.target not in self._ended] + later
        kept = len(steps) - len(needed)
        to_come = (_wanting(step, live=self._options.live).size for step in needed)
        return Receipt(
            outcome=self._outcome(archive, steps, later),
            directory=os.fsencode(self._root).decode(errors="backslashreplace"),
            started_at=timestamp(self._started_at),
            seconds=round(self.limit.elapsed, 3),
            dry_run=self._options.dry_run,
            live=self._options.live,
            only_some=bool(self._options.patterns) or self._options.paths is not None,
            backups={address: one.number for address, one in archive.backups.items()},
            restored_files=len(self._states),
            restored_bytes=self._bytes,
            restored_rows=self._rows,
            bytes_to_come=sum(to_come) if self._options.dry_run else 0,
            kept_files=kept,
            steps={step.target: str(step.action) for step in done},
            later=tuple(later),
            problems=self._problems,
            unreachable=tuple(archive.unreachable),
            unreadable=tuple(archive.unreadable),
            had_elsewhere=dict(islice(archive.places.had_elsewhere.items(), MOST_NAMED)),
            had_elsewhere_chunks=len(archive.places.had_elsewhere),
            warnings=tuple(archive.warnings),
            states=self._left_before() | self._states,
        )

    def _place(self, step: Step, chunks: Iterator[FetchedChunk[Step]]) -> None:
        """Write one file; where its end cannot be had, or not in time, what is better than here."""
        has = step.local.version.size if step.local else 0
        with self._opened(step) as placing:
            known = has if step.action is Action.COMPLETE else 0
            count = RowCount(step.path, known, placing.size)
            for chunk in chunks:
                placing.write(chunk.raw)
                count.add(chunk.raw)
                self._progress.advance(step.target, len(chunk.raw))
                if chunk.fault:
                    break
            if chunk.fault:
                got = f"{placing.size} of {step.version.size} bytes"
                self._problems[step.path] = f"only {got} can be had: {chunk.fault}"
            if chunk.is_last:
                self._ended.add(step.target)
            whole = chunk.is_last and not chunk.fault
            action = step.action
            if chunk.fault and action is Action.REPLACE:  # what is here may be worth more
                has, action = 0, Action.BESIDE
            waits = keeps_one(step.path) and not chunk.fault  # half a document serves nobody
            if not whole and (action is Action.REPLACE or placing.size <= has or waits):
                return
            place, status = placing.keep(action)
        self._bytes += placing.brought
        self._rows += count.rows
        self._placed.add(step.target)
        path = place.relative_to(self._root).as_posix()
        self._states[path] = (status.st_size, status.st_mtime_ns)

    def _patience(self) -> float | None:
        """For a chunk; a running logger has all the time for it, and would only begin it anew."""
        left = None if self._options.live else self.limit.left()
        return None if left is None else left + UNDER_WAY_SECONDS

    def _opened(self, step: Step) -> Placing | Completing:
        if step.local and _grows_in_place(step, live=self._options.live):
            return Completing(self._root, step, step.local)
        return Placing(self._root, step)

    def _left_before(self) -> dict[str, tuple[int, int]]:
        """How earlier restores left their files; one that has changed since no longer fits."""
        return dict(self._last.states) if self._last else {}

    def _outcome(self, archive: Archive, steps: list[Step], later: list[str]) -> Outcome:
        if archive.is_first_boot:
            return Outcome.FIRST_BOOT
        if archive.is_unreachable:
            return Outcome.UNREACHABLE
        if not archive.backups:
            return Outcome.NOTHING
        if self._problems or archive.unreadable:
            was_here = any(step.action in (Action.KEEP, Action.COMPLETE) for step in steps)
            came = self._states or (self._options.dry_run and steps)
            return Outcome.IN_PART if came or was_here else Outcome.NOTHING
        return Outcome.PARTIAL if later else Outcome.RESTORED


def _wanting(step: Step, *, live: bool) -> Wanting[Step]:
    local = step.local.read if step.local else _nothing
    here = step.local.whole_chunks if step.local and _grows_in_place(step, live=live) else 0
    return Wanting(step, step.path, step.version, local, first=here)


def _grows_in_place(step: Step, *, live: bool) -> bool:
    """A new file in its place would take a running logger's rows with the old one."""
    return live and step.action is Action.COMPLETE


def _nothing(_digest: str) -> None:
    return None
