"""What a backup answers: what came in, what it cost, and what a person should know."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class BackupReport:
    """What a backup did. Sizes in bytes; `wire_bytes` counts bodies as they were received."""

    result: str  # "created", "nothing new" or "partial": time ran out before all was fetched
    provider: str
    number: int  # of the newest backup now; 0 if there is none
    created_at: str
    files: int  # in the archive now
    raw_bytes: int  # of their current versions
    new_bytes: int  # raw bytes fetched
    stored_bytes: int  # the same, compressed
    wire_bytes: dict[str, int]  # {"listing": …, "data": …}
    operations: dict[str, int]  # storage calls by verb
    vanished: list[str]  # in the archive, not in the snapshot: kept
    rewritten: list[str]  # gained a version; both are kept
    changed: dict[str, str]  # did not come as announced, and why: left as the archive has them
    later: list[str]  # not in this backup, or only their beginnings, for want of time
    warnings: list[str]
    seconds: float

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)
