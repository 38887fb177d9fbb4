"""What a person or a log sees of the restore job.

Tables and a bar on a terminal, plain lines elsewhere, or one JSON object.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict

from rich.console import Console as RichConsole
from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
from rich.progress import Progress as Bar
from rich.table import Table

from doctor import Finding
from listing import Listing
from progress import BarProgress, LogProgress
from shared.drill_report import DrillReport
from shared.errors import BackupError
from shared.format import FileEntry, Manifest
from shared.integrity import Integrity
from shared.progress import Progress
from shared.receipt import Outcome, Receipt
from start_step import Started

_BACKUP_COLUMNS = ("number", "made at", "reason", "by", "files", "bytes")
_FILE_COLUMNS = ("file", "bytes", "earlier versions")


class Console:
    """One way of speaking, chosen at the start."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        # A name is data: neither brackets nor :words: in it mean anything.
        self._out = RichConsole(highlight=False, soft_wrap=True, markup=False, emoji=False)

    def say(self, text: str) -> None:
        """A line for people."""
        if self._as_json:
            self._answer({"message": text})
        else:
            self._out.print(text)

    def failed(self, error: BackupError) -> None:
        """The error that ended the job."""
        if self._as_json:
            self._answer(error.as_dict())
        else:
            print(f"error: {error}", file=sys.stderr)  # noqa: T201  this is the command line

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A bar on a terminal, a line every few seconds in a log, nothing beside JSON."""
        if self._as_json:
            yield Progress()
        elif not self._out.is_terminal:
            yield LogProgress(self.say)
        else:
            columns = (TextColumn("{task.description}", markup=False), BarColumn())
            with Bar(*columns, DownloadColumn(), TransferSpeedColumn(), transient=True) as bar:
                yield BarProgress(bar)

    def show_integrity(self, when: str, integrity: Integrity) -> None:
        """What the data directory looks like; beside JSON it is part of the answer."""
        if self._as_json:
            return
        for finding in integrity.findings:
            self.say(f"data {when} the restore: {finding}")
        found = f"{integrity.files} files, {integrity.bytes:,} bytes"
        unread = f", {integrity.unread_files} not read for want of time"
        more = f", {integrity.more_findings} more findings"
        self.say(
            f"data {when} the restore: {integrity.verdict} ({found}"
            f"{unread if integrity.unread_files else ''}{more if integrity.more_findings else ''})"
        )

    def show_start(self, started: Started) -> None:
        """What the start step came to."""
        if self._as_json:
            looks = {
                "integrity_before": asdict(started.before),
                "integrity_after": asdict(started.after),
            }
            self._answer(_as_dict(started.receipt) | looks)
            return
        self.show_integrity("after", started.after)
        self.show_receipt(started.receipt)
        if started.receipt.newest_row:
            self.say(_newest(started.receipt))
        if started.receipt.outcome is Outcome.PARTIAL:
            self.say("time ran out; the running logger brings what is left")

    def show_receipt(self, receipt: Receipt) -> None:
        """What a restore did, or would do."""
        if self._as_json:
            self._answer(_as_dict(receipt))
            return
        if receipt.live:
            self.say(f"a logger runs with {receipt.directory}: nothing in place is replaced")
        for target, action in receipt.steps.items():
            self.say(f"{'would ' if receipt.dry_run else ''}{action} {target}")
        self._problems(receipt.problems, receipt.unreachable, receipt.unreadable, receipt.warnings)
        for chunk, why in receipt.had_elsewhere.items():
            self.say(f"had elsewhere: chunk {chunk}: {why}")
        more = receipt.had_elsewhere_chunks - len(receipt.had_elsewhere)
        if more > 0:
            self.say(f"had elsewhere: {more} more chunks")
        sources = ", ".join(f"{number} of {where}" for where, number in receipt.backups.items())
        self.say(f"{_meaning(receipt)}{f' (backup {sources})' if sources else ''}")

    def show_drill(self, report: DrillReport) -> None:
        """Whether the backups could be restored."""
        if self._as_json:
            self._answer(report.model_dump(mode="json"))
            return
        self._problems(report.lost, report.unreachable, report.unreadable, report.warnings)
        if report.is_first_boot:
            self.say("nothing to prove, there is no backup yet")
            return
        verdict = {
            "passed": "restorable",
            "partial": "restorable as far as it was read, time ran out",
        }.get(report.result, "NOT restorable")
        read = f"{report.files} files, {report.raw_bytes:,} bytes read and checked"
        self.say(f"backup {report.number}: {verdict}; {read} in {report.seconds:g} s")

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """What the doctor found."""
        if self._as_json:
            self._answer({"findings": [asdict(finding) for finding in findings]})
            return
        for finding in findings:
            mark = "ok  " if finding.ok else "FAIL" if finding.exit_code else "note"
            hint = f"\n     {finding.hint}" if finding.hint else ""
            self.say(f"{mark} {finding.what}: {finding.said}{hint}")

    def show_listings(self, listings: Sequence[Listing]) -> None:
        """The backups of each provider, and the files that were asked for."""
        if self._as_json:
            self._answer({"providers": [listing.as_dict() for listing in listings]})
            return
        for listing in listings:
            self._show_listing(listing)

    def _show_listing(self, listing: Listing) -> None:
        if listing.error or not listing.backups:
            none = "no backup that can be read" if listing.damaged else "no backups"
            self.say(f"{listing.provider}: {listing.error or none}")
        self._show_rows(listing.provider, _BACKUP_COLUMNS, map(_backup_row, listing.backups))
        self._show_rows(listing.provider, _FILE_COLUMNS, map(_file_row, listing.files))
        self._problems({}, (), listing.damaged, ())

    def _show_rows(
        self, title: str, columns: Sequence[str], rows: Iterable[tuple[str, ...]]
    ) -> None:
        """A table on a terminal, elsewhere lines that each say all; nothing for no rows."""
        told = list(rows)
        if not self._out.is_terminal:
            for row in told:
                pairs = zip(columns, row, strict=True)
                self.say(f"{title}: {', '.join(f'{name} {value}' for name, value in pairs)}")
        elif told:
            table = Table(*columns, title=title)
            for row in told:
                table.add_row(*row)
            self._out.print(table)

    def _problems(
        self,
        problems: dict[str, str],
        unreachable: Sequence[str],
        unreadable: Sequence[str],
        warnings: Sequence[str],
    ) -> None:
        for path, why in problems.items():
            self.say(f"missing: {path}: {why}")
        for kind, lines in (
            ("unreachable", unreachable),
            ("unreadable", unreadable),
            ("warning", warnings),
        ):
            for line in lines:
                self.say(f"{kind}: {line}")

    def _answer(self, answer: object) -> None:
        print(json.dumps(answer), flush=True)  # noqa: T201  this is the command line


def _as_dict(receipt: Receipt) -> dict[str, object]:
    """For JSON: without what only the next restore needs."""
    return receipt.model_dump(mode="json", exclude={"states"})


def _newest(receipt: Receipt) -> str:
    what = "row" if receipt.newest_row_by == "row" else "file"
    return f"newest {what} {receipt.newest_row}, {receipt.missing_seconds:,.1f} s before this start"


def _meaning(receipt: Receipt) -> str:
    did = f"{receipt.restored_files} files, {receipt.restored_bytes:,} bytes"
    if receipt.restored_rows:
        did += f", {receipt.restored_rows:,} rows"
    if receipt.dry_run:
        return f"dry run: {len(receipt.steps)} files would change, {receipt.kept_files} are there"
    return {
        Outcome.FIRST_BOOT: "first boot: every provider answered, and there is no backup yet",
        Outcome.RESTORED: f"restored {did}; {receipt.kept_files} files were there",
        Outcome.PARTIAL: f"restored {did}; {len(receipt.later)} files are left for later",
        Outcome.IN_PART: f"restored in part: {did}; {receipt.kept_files} files were there",
        Outcome.NOTHING: "there are backups, and nothing could be restored",
        Outcome.UNREACHABLE: "a provider did not answer, and no other has a backup",
    }[receipt.outcome]


def _backup_row(backup: Manifest) -> tuple[str, ...]:
    size, files = f"{backup.raw_bytes:,}", str(len(backup.files))
    return (str(backup.number), backup.created_at, backup.reason, backup.by.job, files, size)


def _file_row(entry: FileEntry) -> tuple[str, ...]:
    return (entry.path, f"{entry.size:,}", str(len(entry.earlier)))
