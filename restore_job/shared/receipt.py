"""What a restore did: for people, and for the next restore, in the data directory's notes."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field

from shared.document import Document, encode, parse
from shared.durable_file import make_directory, replace_durably
from shared.errors import Malformed
from shared.names import NOTES
from shared.plain_file import FileState

RECEIPT = "restore.json"
CATCH_UP = "catch_up.json"  # of what a running logger has restored since


class Outcome(StrEnum):
    """How a restore ended."""

    FIRST_BOOT = "first boot"  # every provider answered, and all are empty
    RESTORED = "restored"  # all that the archive has is here now, or was before
    PARTIAL = "partial"  # the time limit came; the rest follows
    IN_PART = "restored in part"  # something is missing, and named
    NOTHING = "nothing restored"  # there are backups, and nothing of them could be used
    UNREACHABLE = "unreachable"  # a provider did not answer, and none had a backup

    @property
    def exit_code(self) -> int:
        """The restore job's; what is missing for want of time alone is no failure."""
        failures = {Outcome.UNREACHABLE: 3, Outcome.NOTHING: 4, Outcome.IN_PART: 5}
        return failures.get(self, 0)


class Receipt(Document):
    """The outcome of one restore; paths are relative to the directory."""

    outcome: Outcome
    directory: str
    started_at: str
    seconds: float = 0
    dry_run: bool = False
    live: bool = False  # a logger ran with the directory: nothing in place was replaced
    only_some: bool = False  # only some files were asked for, and nothing is told of the others
    backups: dict[str, int] = Field(default_factory=dict)  # provider's address to number
    restored_files: int = 0
    restored_bytes: int = 0  # raw
    restored_rows: int = 0  # of tables
    bytes_to_come: int = 0  # of a dry run: raw, at most
    kept_files: int = 0  # those that had it all already
    steps: dict[str, str] = Field(default_factory=dict)  # target to action, where one was needed
    later: tuple[str, ...] = ()  # not here, or not whole, when the time limit came
    problems: dict[str, str] = Field(default_factory=dict)  # path to what is missing, and why
    unreachable: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    had_elsewhere: dict[str, str] = Field(default_factory=dict)  # chunk to why not where it should
    had_elsewhere_chunks: int = 0  # of which those are the first
    newest_row: str | None = None  # the time up to which there is history now
    newest_row_by: str | None = None  # "row", or "modification time" where no row tells
    missing_seconds: float | None = None  # from that to the start of the restore
    warnings: tuple[str, ...] = ()
    states: dict[str, tuple[int, int]] = Field(default_factory=dict)  # target to size, mtime_ns

    def left_so(self, path: str, state: FileState) -> bool:
        """Whether the file is as this restore left it."""
        return self.states.get(path) == (state.size, state.mtime_ns)


def read_receipt(root: Path) -> Receipt | None:
    """The last restore's receipt; None where there is none that can be read.

    Its states are those that a catch-up of a running logger left, if there was one since.
    """
    last, catch_up = read_receipt_of(root, RECEIPT), read_receipt_of(root, CATCH_UP)
    if last and catch_up and catch_up.started_at > last.started_at:
        return last.model_copy(update={"states": catch_up.states})
    return last


def read_any_receipt(root: Path) -> Receipt | None:
    """The same, or that of a catch-up where no start has left one: its states hold too."""
    return read_receipt(root) or read_receipt_of(root, CATCH_UP)


def read_receipt_of(root: Path, name: str) -> Receipt | None:
    """One of the two as it is; None where there is none that can be read."""
    place = root / NOTES / name
    try:
        return parse(Receipt, place.read_bytes(), str(place))
    except (OSError, Malformed):
        return None  # then no file counts as left by a restore, which is the careful answer


def keep_receipt(root: Path, receipt: Receipt, name: str = RECEIPT) -> Receipt:
    """The receipt, written down; if that fails, what was restored is here all the same."""
    try:
        write_receipt(root, receipt, name)
    except OSError as error:
        warning = f"the receipt could not be written: {error}"
        return receipt.model_copy(update={"warnings": (*receipt.warnings, warning)})
    return receipt


def write_receipt(root: Path, receipt: Receipt, name: str = RECEIPT) -> None:
    """Replace the last receipt, whole or not at all."""
    make_directory(root / NOTES)
    replace_durably(root / NOTES / name, encode(receipt))
