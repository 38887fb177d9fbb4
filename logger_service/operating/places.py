"""The providers that somebody may name: by their kind, or by their address."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.errors import BackupError
from shared.provider import Provider
from shared.providers import bucket_provider, local_provider
from shared.settings import LoggerSettings

LOCAL, BUCKET = "local", "gcs"
CALL_SECONDS = 20.0  # that one call of a storage may take: somebody waits for the job


@dataclass(frozen=True)
class Place:
    """One provider; opening it imports its SDK, and asks nothing of it yet."""

    kind: str
    address: str
    open: Callable[[], Provider]


def places_of(settings: LoggerSettings) -> tuple[Place, ...]:
    """All that are configured, the bucket first."""

    def open_bucket() -> Provider:
        provider = bucket_provider(settings, CALL_SECONDS)
        assert provider  # noqa: S101  a bucket is named
        return provider

    local = Place(LOCAL, settings.local_address, lambda: local_provider(settings))
    bucket = settings.bucket_address
    return (Place(BUCKET, bucket, open_bucket), local) if bucket else (local,)


def named(places: Sequence[Place], names: Sequence[str], member: str) -> tuple[Place, ...]:
    """Those of the names that an order's member holds, or all without any.

    Raises:
        BackupError: one is unknown; 400.
    """
    for name in names:
        if not any(name in (place.kind, place.address) for place in places):
            known = ", ".join(f"{place.kind} ({place.address})" for place in places)
            raise BackupError(
                f"{member}: found {json.dumps(name)}, expected some of {known}",
                name=member,
                hint="GCS_BUCKET_NAME is not set" if name == BUCKET else "",
                status=400,
            )
    wanted = [one for one in places if not names or {one.kind, one.address} & {*names}]
    return tuple(wanted)
