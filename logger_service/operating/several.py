"""A job for several providers, of which one may fail without the others."""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, TypeGuard

from operating.failure import JobFailed, as_ours, described, status_of
from shared.errors import BackupError

MOST_NAMED = 1000  # of a list, which may have an entry for each file; the rest is counted
Told = dict[str, object]


def cut(told: Told) -> Told:
    """The same with long lists cut, and how many entries of each are `left_out`: jobs are kept."""
    long = {name: len(part) for name, part in told.items() if _is_long(part)}
    if not long:
        return told
    left_out = {name: size - MOST_NAMED for name, size in long.items()}
    return {**{name: _begun(part) for name, part in told.items()}, "left_out": left_out}


def total(told: Mapping[str, Any], name: str) -> int:
    """How many entries that list has, also those that were cut."""
    left_out: Mapping[str, int] = told.get("left_out", {})
    return len(told[name]) + left_out.get(name, 0)


def told_of(address: str, act: Callable[[], Told]) -> tuple[Told, BackupError | None]:
    """What an act tells of one provider, and the error if it fails; never raises."""
    try:
        return {"provider": address, **act()}, None
    except Exception as error:  # noqa: BLE001  whatever it is, the others go on
        ours = as_ours(error)
        told = ours.result if isinstance(ours, JobFailed) and isinstance(ours.result, dict) else {}
        return {"provider": address, **told, "error": described(ours)}, ours


def all_told(parts: Iterable[tuple[Told, BackupError | None]]) -> Told:
    """What was told of each; raises JobFailed with all of it if one has failed."""
    parts = list(parts)
    result: Told = {"providers": [told for told, _ in parts]}
    failures = {str(told["provider"]): error for told, error in parts if error}
    if not failures:
        return result
    worst = max(failures.values(), key=status_of)
    message = "; ".join(f"{address}: {error.message}" for address, error in failures.items())
    raise JobFailed(message, result, hint=worst.hint, status=status_of(worst))


def _is_long(part: object) -> TypeGuard[list[object] | dict[str, object]]:
    return isinstance(part, list | dict) and len(part) > MOST_NAMED


def _begun(part: object) -> object:
    if isinstance(part, dict):
        return dict(islice(part.items(), MOST_NAMED))
    return part[:MOST_NAMED] if isinstance(part, list) else part
