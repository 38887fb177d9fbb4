"""What to do about a job that failed, for a person who reads of it beside the buttons."""

from collections.abc import Mapping
from typing import Any

_AGAIN = "then press the button again"
_OUT_OF_REACH = (
    "Nothing is lost by that: what is recorded stays on this disk, and the next backup brings it. "
    f"Look whether the storage is up and this machine is online, {_AGAIN}"
)
_DAMAGED = (
    "Keep this logger running until a drill passes: its disk may have what the backup lacks. "
    "The function's next drill has it stored again"
)
_MISSING_FILES = (
    "What could be had is here. For the rest, restore from an older backup: by its number, "
    "or by a time before the damage"
)
_OTHER = "Ask for another backup, time or pattern: the list of backups shows what there is"
_BY_ERROR = {
    "StorageUnavailable": _OUT_OF_REACH,
    "ObjectDamaged": _DAMAGED,
    "ObjectMissing": _DAMAGED,
    "NothingMatches": _OTHER,
}
_LOG = "The log of the logger has more about it"


def advice(told: Mapping[str, Any]) -> str:
    """For a job, or for what it told of one provider; nothing where there is no `error`."""
    if not (error := told.get("error")):
        return ""
    if error["error"] == "JobFailed":
        result = told.get("result")  # a job's has parts, a drill's of one provider is a word
        found = result if isinstance(result, Mapping) else told
        return _about_what_was_found(found) or error.get("hint") or _LOG
    if own := _BY_ERROR.get(error["error"]):
        return own
    hint = error.get("hint") or _LOG
    return f"{hint}, {_AGAIN}" if error["error"].startswith("Storage") else hint


def _about_what_was_found(found: Mapping[str, Any]) -> str:
    """Of a drill or a restore, which tell what they found by the same names."""
    if found.get("problems"):
        return _MISSING_FILES
    if found.get("lost") or found.get("unreadable"):
        return _DAMAGED
    return _OUT_OF_REACH if found.get("unreachable") else ""
