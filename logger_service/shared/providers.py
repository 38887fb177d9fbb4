"""The providers that the settings name.

A provider's SDK is imported only when a bucket is named: it costs a third of a second and
30 MB that a job without one does not owe.
"""

from shared.local_provider import LocalProvider
from shared.provider import Provider
from shared.settings import StorageSettings


def local_provider(settings: StorageSettings) -> Provider:
    """Backups below LOCAL_BACKUP_DIR."""
    return LocalProvider(settings.local_backup_dir / settings.prefix)


def bucket_provider(settings: StorageSettings, patience: float | None = None) -> Provider | None:
    """Backups in the bucket, if one is named; nothing is asked of it yet.

    `patience` gives the seconds that each call of the storage may take, if less than usual.
    """
    if not settings.gcs_bucket_name:
        return None
    from shared.gcs_provider import GcsProvider  # noqa: PLC0415  see above

    return GcsProvider(
        settings.gcs_bucket_name,
        settings.prefix,
        settings.gcp_project_id,
        settings.google_application_credentials,
        patience=patience,
    )


def main_provider(settings: StorageSettings, patience: float | None = None) -> Provider:
    """Where the function keeps backups: the bucket, or without one the local directory."""
    return bucket_provider(settings, patience) or local_provider(settings)


def all_providers(settings: StorageSettings, patience: float | None = None) -> list[Provider]:
    """Every provider that a restore may read, the bucket first."""
    bucket = bucket_provider(settings, patience)
    return [*([bucket] if bucket else []), local_provider(settings)]
