"""The command line of the restore job."""

import argparse
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from math import inf
from pathlib import Path

from shared.archive import Wanted

_EXITS = """exit codes:
  0  all there, restored, or a first boot (also when a time limit left a rest, which is named)
  1  unexpected        2  bad settings or arguments, or nothing matches
  3  unreachable       4  nothing could be restored       5  restored in part

examples:
  python main.py                              what the start step does
  python main.py --doctor                     is everything set up?
  python main.py --list                       which backups are there?
  python main.py --at 2026-11-22T18:00Z --to /tmp/then
  python main.py --file 'BTC-USD/2026-11-2*' --dry-run
"""

# What would be ignored is refused: a person who asks for a part must not take it for proven.
_MEANINGLESS = {
    "check": ("file", "earlier", "to", "dry_run"),
    "doctor": ("backup", "at", "file", "earlier", "to", "dry_run", "seconds"),
    "list": ("earlier", "to", "dry_run", "seconds"),
}


@dataclass(frozen=True)
class Arguments:
    """What was asked for on the command line."""

    check: bool
    doctor: bool
    list: bool
    backup: int | None
    at: datetime | None
    provider: str | None
    file: tuple[str, ...]
    earlier: bool
    to: Path | None
    dry_run: bool
    seconds: float | None
    if_auto_restore: bool
    json: bool

    @property
    def wanted(self) -> Wanted:
        """Which backup."""
        return Wanted(self.backup, self.at)

    @property
    def is_start_step(self) -> bool:
        """Whether nothing was asked for beyond the way of answering."""
        asked = (self.backup, self.at, self.provider, self.to)
        chosen = (self.check, self.doctor, self.list, self.earlier, self.dry_run, self.file)
        return not any(chosen) and all(value is None for value in asked)


def parse_arguments(words: list[str] | None = None) -> Arguments:
    """Read the command line; ends the process with 2 and the usage for a bad one."""
    parser = _parser()
    parsed = vars(parser.parse_args(words))
    parsed["file"] = tuple(parsed["file"] or ())
    for action, options in _MEANINGLESS.items():
        for option in options:
            if parsed[action] and parsed[option]:
                parser.error(f"--{option.replace('_', '-')} means nothing with --{action}")
    if parsed["if_auto_restore"] and not parsed["check"]:
        parser.error("--if-auto-restore means nothing without --check")
    if parsed["list"] and (parsed["backup"] or parsed["at"]) and not parsed["file"]:
        parser.error("--list shows every backup; --file PATTERN shows the files of one")
    return Arguments(**{field.name: parsed[field.name] for field in fields(Arguments)})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python main.py",
        description="Restore a logger's data directory from its backups. It only adds: what is "
        "missing is written, what is shorter is completed, and nothing that is there is lost.",
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_action(parser.add_mutually_exclusive_group())
    _add_backup(parser.add_mutually_exclusive_group())
    _add_options(parser)
    return parser


def _add_action(what: argparse._MutuallyExclusiveGroup) -> None:
    what.add_argument(
        "--check", action="store_true", help="prove the newest backup restorable; write nothing"
    )
    what.add_argument(
        "--doctor", action="store_true", help="check settings, reachability and rights"
    )
    what.add_argument("--list", action="store_true", help="list the backups of every provider")


def _add_backup(which: argparse._MutuallyExclusiveGroup) -> None:
    which.add_argument("--backup", type=_number, metavar="N", help="this backup, not the newest")
    which.add_argument(
        "--at", type=_time, metavar="TIME", help="the newest backup made by then (ISO 8601, UTC)"
    )


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--provider", choices=("gcs", "local"), help="this provider only (default: all)"
    )
    parser.add_argument(
        "--file",
        action="append",
        metavar="PATTERN",
        help="only files that match, such as '*.json'; may be given again",
    )
    parser.add_argument(
        "--earlier",
        action="store_true",
        help="also the earlier versions of rewritten files, beside the current one",
    )
    parser.add_argument(
        "--to", type=Path, metavar="DIRECTORY", help="restore there (default: DATA_DIR)"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be done, and do nothing"
    )
    parser.add_argument(
        "--seconds",
        type=_limit,
        metavar="N",
        help="begin nothing new after so many seconds, and say what is left (default: none, and "
        "RESTORE_TIMEOUT_SECONDS in the start step)",
    )
    parser.add_argument(
        "--if-auto-restore",
        action="store_true",
        help="with --check: pass where AUTO_RESTORE_ON_STARTUP=false, since nothing is restored",
    )
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a backup, such as 42")
    return int(text)


def _limit(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds, such as 20")
    return seconds


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time such as 2026-11-22T18:00Z"
        ) from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
