"""What has arrived in the bucket: the newest backup, and the verdict of the newest drill."""

from pydantic import ConfigDict, Field

from deploy_settings import DeploySettings
from google_cloud.finding import Finding
from google_cloud.gcloud import Gcloud
from scheduling.outcome import log_command
from shared.document import Document, Parsed, parse
from shared.names import BACKUPS, DRILLS, drill_number, is_object_name


class StoredFile(Document):
    """What is told of a file of a backup."""

    size: int


class StoredBackup(Document):
    """What is told of a manifest; the engine's own reader needs more than the set-up has."""

    model_config = ConfigDict(title="manifest")

    number: int
    created_at: str
    files: tuple[StoredFile, ...]


class StoredDrill(Document):
    """What is told of a drill."""

    model_config = ConfigDict(title="drill report")

    passed: bool
    partial: bool = False
    files: int = 0
    lost: dict[str, str] = Field(default_factory=dict)
    unreadable: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()


def archive_of(settings: DeploySettings, target: str) -> str:
    """Where the backups of a logger lie."""
    return f"gs://{settings.gcs_bucket_name}/{settings.folder(target)}"


def newest_backup(gcloud: Gcloud, settings: DeploySettings, target: str) -> Finding:
    """The manifest with the highest number, which is the newest."""
    what = f"{target}, the newest backup in the bucket"
    archive = archive_of(settings, target)
    found = _newest(gcloud, archive, BACKUPS)
    if found is None:
        hint = f"The log of the function says why: {log_command(settings)}"
        return Finding(what, ok=False, said=f"none below {archive}", hint=hint)
    manifest = _read(gcloud, StoredBackup, f"{archive}/{found}")
    size = sum(file.size for file in manifest.files)
    said = f"{manifest.number}, of {manifest.created_at}: {len(manifest.files)} files, "
    return Finding(what, ok=True, said=f"{said}{size:,} bytes")


def newest_drill(gcloud: Gcloud, settings: DeploySettings, target: str) -> Finding:
    """What the last test restore came to."""
    what = f"{target}, the newest test restore"
    archive = archive_of(settings, target)
    found = _newest(gcloud, archive, DRILLS)
    if found is None:
        hint = "There is one once there is a backup; then run this again"
        return Finding(what, ok=False, said=f"none below {archive}", hint=hint)
    report = _read(gcloud, StoredDrill, f"{archive}/{found}")
    said = f"of backup {drill_number(found)}, {report.files} files"
    if report.passed:
        return Finding(what, ok=True, said=f"{said}, passed")
    if report.partial:
        return Finding(what, ok=True, said=f"{said} so far; the next one goes on")
    lost = ", ".join([*report.lost, *report.unreadable, *report.unreachable])
    hint = "README, Troubleshooting: restore failed"
    return Finding(what, ok=False, said=f"{said}, failed: {lost}", hint=hint)


def _newest(gcloud: Gcloud, archive: str, folder: str) -> str | None:
    """The last of our names below a folder; they are made so that it is the newest."""
    found = gcloud.find("storage", "objects", "list", f"{archive}/{folder}*") or []
    prefix = archive.removeprefix("gs://").partition("/")[2]
    names = (one["name"].removeprefix(f"{prefix}/") for one in found)
    return max(filter(is_object_name, names), default=None)


def _read(gcloud: Gcloud, kind: type[Parsed], address: str) -> Parsed:
    """A document; raises Malformed where somebody has planted or damaged it."""
    return parse(kind, gcloud.text("storage", "cat", address).encode(), address)
