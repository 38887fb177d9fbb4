"""What has arrived in the bucket: the newest backup, and the verdict of the newest drill."""

import json
from typing import Any

from google_cloud.finding import Finding
from google_cloud.gcloud import Gcloud
from shared.errors import Malformed
from shared.names import BACKUPS, DRILLS, drill_number, is_object_name


def newest_backup(gcloud: Gcloud, target: str, archive: str) -> Finding:
    """The manifest with the highest number, which is the newest."""
    what = f"{target}, the newest backup in the bucket"
    found = _newest(gcloud, archive, BACKUPS)
    if found is None:
        hint = "The log of the function says why: gcloud functions logs read"
        return Finding(what, ok=False, said=f"none below {archive}", hint=hint)
    manifest = _read(gcloud, f"{archive}/{found}", "number", "created_at", "files")
    size = sum(file["size"] for file in manifest["files"])
    said = f"{manifest['number']}, of {manifest['created_at']}: {len(manifest['files'])} files, "
    return Finding(what, ok=True, said=f"{said}{size:,} bytes")


def newest_drill(gcloud: Gcloud, target: str, archive: str) -> Finding:
    """What the last test restore came to."""
    what = f"{target}, the newest test restore"
    found = _newest(gcloud, archive, DRILLS)
    if found is None:
        hint = "There is one once there is a backup; then run this again"
        return Finding(what, ok=False, said=f"none below {archive}", hint=hint)
    report = _read(gcloud, f"{archive}/{found}", "files", "passed", "partial")
    said = f"of backup {drill_number(found)}, {report['files']} files"
    if report["passed"]:
        return Finding(what, ok=True, said=f"{said}, passed")
    if report["partial"]:
        return Finding(what, ok=True, said=f"{said} so far; the next one goes on")
    faults = ("lost", "unreadable", "unreachable")
    lost = ", ".join(name for fault in faults for name in report.get(fault, ()))
    hint = "README, Troubleshooting: restore failed"
    return Finding(what, ok=False, said=f"{said}, failed: {lost}", hint=hint)


def _newest(gcloud: Gcloud, archive: str, folder: str) -> str | None:
    """The last of our names below a folder; they are made so that it is the newest."""
    found = gcloud.find("storage", "objects", "list", f"{archive}/{folder}*") or []
    prefix = archive.removeprefix("gs://").partition("/")[2]
    names = (one["name"].removeprefix(f"{prefix}/") for one in found)
    return max(filter(is_object_name, names), default=None)


def _read(gcloud: Gcloud, address: str, *fields: str) -> dict[str, Any]:
    """A document with these fields.

    Raises:
        Malformed: it is none, because somebody has planted or damaged it.
    """
    try:
        told = json.loads(gcloud.text("storage", "cat", address))
    except ValueError:
        told = None
    if not isinstance(told, dict) or not set(fields) <= told.keys():
        raise Malformed(
            f"{address}: found something else, expected a document with {', '.join(fields)}",
            name=address,
            hint="README, Troubleshooting: planted object",
        )
    return told
