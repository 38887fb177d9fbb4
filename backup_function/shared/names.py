"""What objects and files may be called, and what a name means.

Object names are made and read here only. A path from a snapshot or a manifest is data:
it is refused unless it stays inside the directory that it is meant for (rule 12).
"""

import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

from shared.errors import UnsafePath

NOTES = ".backup"  # our own folder inside a data directory, never backed up
BACKUPS, CHUNKS, DRILLS, SCRATCH = "backups/", "chunks/", "drills/", "scratch/"
PRUNES, ALERTS = "prunes/", "alerts/"
FOLDERS = (BACKUPS, CHUNKS, DRILLS, PRUNES, ALERTS, SCRATCH)

LONGEST_PATH = 1024  # bytes: the limit of an object name in Cloud Storage
LONGEST_COMPONENT = 255  # bytes: the limit of ext4, xfs and APFS

_DIGEST = r"[0-9a-f]{64}"
_REF = re.compile(rf"({_DIGEST})(\.[0-9a-z]{{8}})?")
_MANIFEST = re.compile(rf"{BACKUPS}([0-9]{{8}})\.json")
_OBJECT = re.compile(
    rf"{_MANIFEST.pattern}"
    rf"|{CHUNKS}([0-9a-f]{{2}})/(?=\2){_REF.pattern}\.zst"
    rf"|{DRILLS}[0-9]{{8}}-[0-9]{{8}}T[0-9]{{6}}Z\.json"
    rf"|{PRUNES}[0-9]{{8}}T[0-9]{{6}}Z\.json"
    rf"|{ALERTS}[0-9]{{8}}\.json"
    rf"|{SCRATCH}[0-9a-z-]{{1,64}}"
)
_BESIDE = re.compile(r"\.(restored|replaced|earlier)-[0-9a-f]{12}\Z")


def manifest_name(number: int) -> str:
    """`backups/00000042.json` for 42."""
    return f"{BACKUPS}{number:08d}.json"


def number_of(name: str) -> int | None:
    """The number in a manifest's name, or None for any other name."""
    match = _MANIFEST.fullmatch(name)
    return int(match[1]) if match else None


def chunk_name(ref: str) -> str:
    """`chunks/ab/ab12….zst` for a chunk's reference: its digest, perhaps with a suffix."""
    return f"{CHUNKS}{ref[:2]}/{ref}.zst"


def ref_of(name: str) -> str | None:
    """The chunk reference in an object's name, or None for any other name."""
    ref = name.rpartition("/")[2].removesuffix(".zst")
    return ref if _REF.fullmatch(ref) and chunk_name(ref) == name else None


def digest_of(ref: str) -> str:
    """The SHA-256 of the chunk's raw bytes, in hexadecimal."""
    return ref[:64]


def is_ref(text: str) -> bool:
    """Whether the text is a chunk reference."""
    return _REF.fullmatch(text) is not None


def drill_name(number: int, at: datetime) -> str:
    """`drills/00000042-20261122T203000Z.json`."""
    return f"{DRILLS}{number:08d}-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.json"


def drill_number(name: str) -> int:
    """42 for `drills/00000042-20261122T203000Z.json`, the name of an object of ours."""
    return int(name.removeprefix(DRILLS).partition("-")[0])


def prune_name(at: datetime) -> str:
    """`prunes/20261122T203000Z.json`."""
    return f"{PRUNES}{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.json"


def alerts_name(number: int) -> str:
    """`alerts/00000042.json` for 42."""
    return f"{ALERTS}{number:08d}.json"


def alerts_number(name: str) -> int:
    """42 for `alerts/00000042.json`, the name of an object of ours."""
    return int(name.removeprefix(ALERTS).removesuffix(".json"))


def is_object_name(name: str) -> bool:
    """Whether an object of this name could be ours."""
    return _OBJECT.fullmatch(name) is not None


def check_object_name(name: str) -> str:
    """The name itself, if it is one of ours.

    Raises:
        UnsafePath: it is not.
    """
    if not is_object_name(name):
        hint = f"expected a name below one of {', '.join(FOLDERS)}"
        raise UnsafePath(f"{name!r} is not the name of an object of ours", name=name, hint=hint)
    return name


def check_path(path: str) -> str:
    """The path itself, if it is relative, normal, printable and not our own notes'.

    Raises:
        UnsafePath: naming the first thing wrong with it.
    """
    fault = _fault(path)
    if fault:
        raise UnsafePath(f"the path {path!r} is refused: {fault}", name=path)
    return path


def _fault(path: str) -> str | None:  # noqa: PLR0911  one return for each rule
    components = path.split("/")
    try:
        encoded = [component.encode() for component in components]
    except UnicodeEncodeError:
        return "it is not valid UTF-8"
    if not path:
        return "it is empty"
    if path.startswith("/"):
        return "it is absolute"
    if any(component in ("", ".", "..") for component in components):
        return "it has an empty, '.' or '..' component"
    if "\\" in path or not all(map(_is_printable, path)):
        return "it has a backslash or an unprintable character"
    if len(path.encode()) > LONGEST_PATH or max(map(len, encoded)) > LONGEST_COMPONENT:
        return f"it is longer than {LONGEST_PATH} bytes, or a part than {LONGEST_COMPONENT}"
    if components[0] == NOTES:
        return f"{NOTES}/ is for this system's own notes"
    return None


def _is_printable(character: str) -> bool:
    """Whether it can stand in a line of a log; Python counts no space but the common one."""
    return character.isprintable() or unicodedata.category(character) == "Zs"


def locate(root: Path, path: str) -> Path:
    """Where a checked path lies under `root`, none of its parts being a symbolic link.

    Raises:
        UnsafePath: the path is refused, or leads through a symbolic link.
    """
    place = root
    for component in check_path(path).split("/"):
        place = place / component
        if place.is_symlink():
            raise UnsafePath(f"the path {path!r} leads through a symbolic link", name=path)
    return place


def beside(path: str, kind: str, identity: str) -> str:
    """The name under which another version of `path` is put next to it.

    Its suffix is outside every include pattern: the snapshot never takes such a file.
    """
    return f"{path}.{kind}-{identity[:12]}"


def is_beside(path: str) -> bool:
    """Whether a restore put this file next to another."""
    return _BESIDE.search(path) is not None


def without_beside(path: str) -> str:
    """The path that a file was put next to; any other path as it is."""
    return _BESIDE.sub("", path)


def is_json(name: str) -> bool:
    """Whether it is a state file, which is rewritten whole and makes sense only whole."""
    return name.endswith(".json")


def timestamp(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: `2026-11-22T20:30:00.123Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
