"""What must hold after a kill, and after the run that follows it.

Each check looks at bytes only, not at what a job says of itself, and returns what it finds
wrong. That a backup sends nothing twice is the one that also compares the job's report.
"""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Any

from engine.archives import LocalStore, bring_back, contents
from killing.points import Point
from killing.start import RECORDED, News, Start
from shared.chunk import open_frame
from shared.document import parse
from shared.errors import BackupError, Malformed
from shared.format import Manifest, parse_manifest
from shared.names import NOTES, chunk_name, digest_of, is_object_name, number_of, ref_of
from shared.receipt import CATCH_UP, RECEIPT, Receipt

Objects = Mapping[str, bytes]
Tree = Mapping[str, tuple[bytes, int]]  # content and modification time, by path

REPLACED, RESTORED = ".replaced-", ".restored-"  # then an identity


def store_faults(objects: Objects) -> list[str]:
    """Objects that are not what their names say, and chunks that a manifest misses."""
    faults = []
    for name, data in objects.items():
        try:
            missing = _missing_of(name, data, objects)
        except BackupError as error:
            faults.append(f"{name} is not whole: {error.message}")
            continue
        faults += [f"{name} names {chunk}, which is not there" for chunk in missing]
    return faults


def _missing_of(name: str, data: bytes, objects: Objects) -> list[str]:
    """The chunks that this object names and that are missing; raises BackupError."""
    if not is_object_name(name):
        raise Malformed(f"{name} is no object's name", name=name)
    if ref := ref_of(name):
        open_frame(data, digest_of(ref), name)
    if (number := number_of(name)) is None:
        return []
    manifest = parse_manifest(data, name)
    if manifest.number != number:
        raise Malformed(f"it says {manifest.number}", name=name)
    refs = {ref for entry in manifest.files for ref in entry.all_refs} | {*manifest.staged}
    return sorted({chunk_name(ref) for ref in refs} - objects.keys())


def committed(objects: Objects) -> Manifest:
    """The newest backup."""
    name = max(name for name in objects if number_of(name))
    return parse_manifest(objects[name], name)


def backup_faults(objects: Objects, start: Start, folder: Path) -> list[str]:
    """Where a finished backup is not the one that nobody killed, or cannot be restored."""
    faults = store_faults(objects)
    if odd := sorted(objects.keys() ^ start.finished.keys()):
        faults.append(f"not the objects of an unkilled backup: {', '.join(odd)}")
    if _versions(committed(objects)) != _versions(committed(start.finished)):
        faults.append("the newest manifest does not hold what an unkilled backup's does")
    store = LocalStore(folder / "archive")
    for name, data in objects.items():
        store.plant(name, data)
    bring_back(folder / "restored", store.provider)
    if contents(folder / "restored") != start.files:
        faults.append("what is restored differs from the data directory")
    return faults


def _versions(manifest: Manifest) -> dict[str, list[tuple[str, ...]]]:
    return {entry.path: [one.digests for one in entry.versions] for entry in manifest.files}


def sending_faults(
    report: Mapping[str, Any], found: Objects, after: Objects, start: Start
) -> list[str]:
    """Where the run after a kill sent, or fetched, anything that was stored already."""
    appeared = len(after.keys() - found.keys())
    needed = [news for name, news in start.news.items() if name not in found]
    total = News(sum(news.raw for news in needed), sum(news.wire for news in needed))
    said = {
        "puts": (report["operations"].get("put", 0), appeared),
        "new bytes": (report["new_bytes"], total.raw),
        "bytes from the logger": (report["wire_bytes"]["data"], total.wire),
    }
    return [f"{had} {what}, {due} needed" for what, (had, due) in said.items() if had != due]


def durability_faults(points: Sequence[Point]) -> list[str]:
    """Names that a power cut could leave without their bytes, or take back, told by the calls.

    No kill shows that, since the system keeps what a killed process had written: bytes are to be
    on disk before they get a name, and then the folder that holds the name.
    """
    faults = []
    for index, (call, place) in enumerate(points):
        if call not in ("link", "rename"):
            continue
        written = [one.call for one in points[:index] if one.call in ("write", "fsync")]
        if written[-1:] != ["fsync"]:
            faults.append(f"{place} gets its name before its bytes are on disk")
        if ("fsync", str(PurePosixPath(place).parent)) not in _until_next_write(points[index:]):
            faults.append(f"the folder of {place} is not put on disk")
    return faults


def _until_next_write(points: Sequence[Point]) -> list[tuple[str, str]]:
    return [*takewhile(lambda point: point.call != "write", points)]


def look(root: Path) -> dict[str, tuple[bytes, int]]:
    """Every file of a data directory but our notes, and a row that a full hour has brought."""
    files = (place for place in root.rglob("*") if place.is_file())
    named = {place.relative_to(root).as_posix(): place for place in files}
    return {
        path: (place.read_bytes(), place.stat().st_mtime_ns)
        for path, place in sorted(named.items())
        if not (path.startswith(f"{NOTES}/") or fnmatch(place.name, RECORDED))
    }


def disk_faults(before: Tree, found: Tree, end: Tree) -> list[str]:
    """Files of a killed restore that are neither the old nor the new ones, or gone."""
    odd = [path for path, file in found.items() if file not in (before.get(path), end.get(path))]
    gone = [path for path, (content, _) in before.items() if not _is_held(path, content, found)]
    return [f"{path} is neither what was there nor what comes" for path in odd] + [
        f"what {path} held is gone" for path in gone
    ]


def _is_held(path: str, content: bytes, found: Tree) -> bool:
    """Whether the bytes begin the file still, or are all that was put aside for it."""
    own = path in found and found[path][0].startswith(content)
    return own or any(
        name.startswith(path + REPLACED) and held == content for name, (held, _) in found.items()
    )


def growth_faults(before: Tree, found: Tree, files: Mapping[str, bytes]) -> list[str]:
    """Files that neither were there nor come, nor grow from the one to the other; and those gone.

    That is for a catch-up, which completes a file where it lies.
    """
    odd = []
    for path, (content, _) in found.items():
        own = path.partition(RESTORED)[0].partition(REPLACED)[0]
        was, comes = before.get(path, (files[own], 0))[0], files[own]
        grows = comes.startswith(content) and content.startswith(was)
        if not grows and content not in (comes, before.get(own, (comes, 0))[0]):
            odd.append(f"{path} is neither what was there nor a beginning of what comes")
    gone = [path for path, (content, _) in before.items() if not _is_held(path, content, found)]
    return odd + [f"what {path} held is gone" for path in gone]


def receipt_faults(root: Path) -> list[str]:
    """What is wrong with receipts that are there."""
    faults = []
    for name in (RECEIPT, CATCH_UP):
        place = root / NOTES / name
        try:
            if place.exists():
                parse(Receipt, place.read_bytes(), name)
        except Malformed as error:
            faults.append(error.message)
    return faults


def out_of_place(before: Tree, found: Tree, end: Tree) -> list[str]:
    """The files that a restore has yet to bring."""
    brought = [path for path in end if end[path] != before.get(path) and REPLACED not in path]
    return [path for path in brought if found.get(path) != end[path]]
