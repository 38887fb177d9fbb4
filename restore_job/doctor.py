"""Examines a set-up by doing: a real create, read and list under a scratch name.

Each finding says what was tried, what came of it, and what to do where it failed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from shared.durable_file import make_directory, write_durably
from shared.errors import BackupError, BadSettings, ObjectExists, StorageForbidden
from shared.history import numbers
from shared.names import SCRATCH
from shared.provider import Provider
from shared.providers import bucket_provider, local_provider
from shared.settings import RestoreSettings

_OVERWRITTEN = b"this must never replace what is there\n"


@dataclass(frozen=True)
class Finding:
    """One thing that was tried."""

    what: str
    ok: bool
    said: str
    hint: str = ""
    exit_code: int = 0


def examine(settings: RestoreSettings, kind: str | None = None) -> list[Finding]:
    """Try everything that logger and restore job will need."""
    findings = [_try("data directory", lambda: _write_below(settings.data_dir), 2)]
    if kind in (None, "local"):
        findings += _examine_provider("local", lambda: local_provider(settings))
    if kind in (None, "gcs") and settings.gcs_bucket_name:
        findings += _examine_provider("gcs", lambda: _bucket(settings))
    elif kind in (None, "gcs"):
        hint = "Set GCS_BUCKET_NAME; without it a restart that wipes the disk loses everything"
        code = 2 if kind else 0
        findings.append(
            Finding("gcs", ok=False, said="no bucket is set", hint=hint, exit_code=code)
        )
    return findings


def _bucket(settings: RestoreSettings) -> Provider:
    provider = bucket_provider(settings)
    if provider is None:
        raise BadSettings("GCS_BUCKET_NAME: not set")
    return provider


def _examine_provider(kind: str, open_provider: Callable[[], Provider]) -> Iterator[Finding]:
    """Open, create, overwrite, read, list, look at the history; the first failure ends it."""
    name = f"{SCRATCH}doctor-{datetime.now(UTC):%Y%m%d}-{token_hex(4)}"
    content = f"written by the doctor at {datetime.now(UTC).isoformat()}\n".encode()
    try:
        provider = open_provider()
    except BackupError as error:
        yield _failure(f"{kind}: open", error, 3)
        return
    tries: list[tuple[str, Callable[[], str]]] = [
        ("create", lambda: f"{provider.put(name, content).size} bytes as {name}"),
        ("never overwrite", lambda: _overwrite(provider, name)),
        ("read", lambda: f"{len(provider.get(name, len(content)))} bytes, the same"),
        ("list", lambda: f"{len(list(provider.list(SCRATCH)))} scratch objects"),
        ("history", lambda: f"{len(numbers(provider))} backups in {provider.address}"),
        ("clean up", lambda: _clean_up(provider, name)),
    ]
    for what, act in tries:
        finding = _try(f"{kind}: {what}", act, 3)
        yield finding
        if not finding.ok:
            return


def _overwrite(provider: Provider, name: str) -> str:
    try:
        provider.put(name, _OVERWRITTEN)
    except ObjectExists:
        return "refused, as it should be"
    raise StorageForbidden(
        f"{provider.address} replaced an object that was there", name=name, hint="Do not use it"
    )


def _clean_up(provider: Provider, name: str) -> str:
    try:
        provider.delete(name, provider.stat(name).generation)
    except StorageForbidden:
        return "deleting is refused, as it should be on Render; the function prunes the rest"
    return "deleted"


def _write_below(directory: Path) -> str:
    make_directory(directory.absolute())
    place = directory / f".doctor-{token_hex(4)}"
    try:
        write_durably(place, b"")
    finally:
        place.unlink(missing_ok=True)
    return f"{directory.absolute()} can be written"


def _try(what: str, act: Callable[[], str], exit_code: int) -> Finding:
    try:
        return Finding(what, ok=True, said=act())
    except (BackupError, OSError) as error:
        return _failure(what, error, exit_code)


def _failure(what: str, error: Exception, exit_code: int) -> Finding:
    hint = error.hint if isinstance(error, BackupError) else "Check DATA_DIR and its owner"
    said = error.message if isinstance(error, BackupError) else str(error)
    exit_code = 2 if isinstance(error, BadSettings) else exit_code
    return Finding(what, ok=False, said=said, hint=hint, exit_code=exit_code)
