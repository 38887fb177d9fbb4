"""What a backup answers: what came in, what it cost, and what a person should know."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Self


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
    planted: list[str]  # of the warnings: what a foreign hand, or a bug, may have stored
    catching_up: bool  # the logger still brings what it lacks: what vanished may come
    changed: dict[str, str]  # did not come as announced, and why: left as the archive has them
    later: list[str]  # not in this backup, or only their beginnings, for want of time
    warnings: list[str]
    seconds: float

    def followed_by(self, rest: Self) -> Self:
        """Both as one: of a backup that was made in two steps, how it is now and what both did."""
        was_all = self.result == rest.result == "nothing new"
        return replace(
            rest,
            result="created" if rest.result == "nothing new" and not was_all else rest.result,
            new_bytes=self.new_bytes + rest.new_bytes,
            stored_bytes=self.stored_bytes + rest.stored_bytes,
            wire_bytes=_sum(self.wire_bytes, rest.wire_bytes),
            operations=_sum(self.operations, rest.operations),
            rewritten=sorted({*self.rewritten, *rest.rewritten}),
            warnings=list(dict.fromkeys([*self.warnings, *rest.warnings])),
            seconds=round(self.seconds + rest.seconds, 3),
        )

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in {**one, **other}}
