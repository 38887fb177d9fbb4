"""What a restore has done, in words for a person who is not looking."""

from shared.receipt import Receipt
from shared.told import Message

NAMED = 5  # problems; the receipt has all of them


def is_worth_telling(receipt: Receipt) -> bool:
    """Whether it brought anything, or failed; one that found all in place is no news."""
    return not receipt.dry_run and bool(receipt.restored_files or receipt.outcome.exit_code)


def message(receipt: Receipt, at: str) -> Message:
    """Whether it is done, what it brought, and up to when there is history now."""
    has_failed = bool(receipt.outcome.exit_code)
    title = f"restore {'failed' if has_failed else 'done'}: {receipt.outcome}"
    files = f"{receipt.restored_files} files with {receipt.restored_rows} rows"
    lines = [f"{files}, {receipt.restored_bytes:,} bytes, in {receipt.seconds:g} s"]
    if receipt.newest_row:
        lines.append(f"the newest row is of {receipt.newest_row}")
    if receipt.missing_seconds is not None:
        lines.append(f"{receipt.missing_seconds:g} s were missing from there to the restore")
    if receipt.later:
        lines.append(f"{len(receipt.later)} files follow while the logger runs")
    return Message(title=title, body="\n".join([*lines, *_problems(receipt)]), at=at)


def _problems(receipt: Receipt) -> list[str]:
    problems = [f"{path}: {why}" for path, why in receipt.problems.items()]
    every = [*receipt.unreachable, *receipt.unreadable, *problems]
    more = len(every) - NAMED
    return every[:NAMED] + ([f"and {more} more"] if more > 0 else [])
