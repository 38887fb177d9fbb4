"""The restore job: brings back what the disk has lost, before the logger starts.

Without options it does what the start step needs; the options look at the backups, prove them
restorable, or bring back something else than the newest state of everything.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from arguments import Arguments, parse_arguments
from console import Console
from doctor import examine
from listing import list_backups
from shared.drill import DrillOptions, drill
from shared.errors import (
    BackupError,
    BadSettings,
    NothingMatches,
    StorageError,
    TooNew,
    UnsafePath,
)
from shared.freed_memory import give_back_freed_chunks
from shared.provider import Provider
from shared.providers import all_providers
from shared.restore import Options, restore
from shared.running import is_running
from shared.settings import RestoreSettings, load
from shared.time_limit import TimeLimit
from start_step import StartStep

UNEXPECTED, USAGE, UNREACHABLE, NOTHING, IN_PART = 1, 2, 3, 4, 5

# Share of the time limit: one call that hangs must leave time for the other provider and the rest.
LONGEST_CALL = 0.25


def main(words: list[str] | None = None) -> int:
    """Run the job; its exit code is the table of the documentation."""
    give_back_freed_chunks()
    arguments = parse_arguments(words)
    console = Console(as_json=arguments.json)
    try:
        settings = load(RestoreSettings)
        return _chosen(arguments)(settings, arguments, console)
    except BackupError as error:
        console.failed(error)
        return _exit_code(error)


Action = Callable[[RestoreSettings, Arguments, Console], int]


def _chosen(arguments: Arguments) -> Action:
    chosen: dict[str, Action] = {"check": _check, "doctor": _doctor, "list": _list}
    return next((act for name, act in chosen.items() if getattr(arguments, name)), _restore)


def _restore(settings: RestoreSettings, arguments: Arguments, console: Console) -> int:
    if arguments.is_start_step and not settings.auto_restore_on_startup:
        console.say("AUTO_RESTORE_ON_STARTUP is false: nothing is restored")
        return 0
    root = _root(settings, arguments)
    options = Options(
        wanted=arguments.wanted,
        patterns=tuple(arguments.file),
        critical=tuple(pattern for pattern, _ in settings.critical_files),
        earlier=arguments.earlier,
        dry_run=arguments.dry_run,
        live=is_running(root),
        seconds=_seconds(settings, arguments),
        threads=settings.transfer_threads,
    )
    if arguments.is_start_step:
        return _start(settings, arguments, StartStep(settings, root, options), console)
    with console.progress() as progress:
        providers = _providers(settings, arguments)
        receipt = restore(providers, settings.service_name, root, options, progress)
    console.show_receipt(receipt)
    return receipt.outcome.exit_code


def _start(
    settings: RestoreSettings, arguments: Arguments, step: StartStep, console: Console
) -> int:
    console.show_integrity("before", step.before)
    with console.progress() as progress:
        started = step.run(_providers(settings, arguments), progress)
    console.show_start(started)
    return started.receipt.outcome.exit_code


def _root(settings: RestoreSettings, arguments: Arguments) -> Path:
    """Where to restore; raises BadSettings where a file is in the way."""
    root = (arguments.to or settings.data_dir).absolute()
    found = next(place for place in (root, *root.parents) if place.exists())
    if not found.is_dir():
        name = "--to" if arguments.to else "DATA_DIR"
        raise BadSettings(f"{name}: {found} is not a directory", name=name)
    return root


def _check(settings: RestoreSettings, arguments: Arguments, console: Console) -> int:
    if arguments.if_auto_restore and not settings.auto_restore_on_startup:
        console.say("AUTO_RESTORE_ON_STARTUP is false: nothing would be restored, nothing to prove")
        return 0
    options = DrillOptions(
        wanted=arguments.wanted,
        limit=TimeLimit(_seconds(settings, arguments)),
        threads=settings.transfer_threads,
    )
    providers = _providers(settings, arguments)
    with console.progress() as progress:
        report = drill(providers, settings.service_name, options, progress)
    console.show_drill(report)
    if report.result != "failed":
        return 0
    if report.unreachable and not (report.backups or report.unreadable):
        return UNREACHABLE
    return IN_PART if report.raw_bytes else NOTHING


def _doctor(settings: RestoreSettings, arguments: Arguments, console: Console) -> int:
    findings = examine(settings, arguments.provider)
    console.show_findings(findings)
    return next((finding.exit_code for finding in findings if finding.exit_code), 0)


def _list(settings: RestoreSettings, arguments: Arguments, console: Console) -> int:
    listings = list_backups(_providers(settings, arguments), settings, arguments)
    console.show_listings(listings)
    answered = any(listing.error is None for listing in listings)
    return 0 if answered else UNREACHABLE


def _providers(settings: RestoreSettings, arguments: Arguments) -> list[Provider]:
    """The providers to read; raises BadSettings for one that is not configured."""
    limit = _seconds(settings, arguments)
    providers = all_providers(settings, limit and limit * LONGEST_CALL)
    chosen = [one for one in providers if arguments.provider in (None, one.kind)]
    if not chosen:
        raise BadSettings(
            f"GCS_BUCKET_NAME: not set, and --provider {arguments.provider} needs it",
            name="GCS_BUCKET_NAME",
        )
    return chosen


def _seconds(settings: RestoreSettings, arguments: Arguments) -> float | None:
    """The time limit, if there is one: whoever asks for something wants all of it."""
    usual = settings.restore_timeout_seconds if arguments.is_start_step else None
    return arguments.seconds or usual


def _exit_code(error: BackupError) -> int:
    """The one place where an error becomes an exit code."""
    if isinstance(error, (BadSettings, NothingMatches, UnsafePath)):
        return USAGE
    if isinstance(error, TooNew):
        return NOTHING
    return UNREACHABLE if isinstance(error, StorageError) else UNEXPECTED


if __name__ == "__main__":
    sys.exit(main())
