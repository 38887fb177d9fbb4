"""The state of one provider's archive, from its newest backup and its newest drill."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from shared.drill_report import newest_report_name, read_report
from shared.errors import Malformed, ObjectDamaged, ObjectMissing
from shared.history import numbers, read_parent
from shared.provider import Reader


@dataclass(frozen=True)
class StatusReport:
    """What there is. Sizes in bytes, ages in seconds."""

    provider: str
    backups: int
    newest: int  # number; 0 if there is none
    created_at: str
    age_seconds: float | None
    files: int
    raw_bytes: int
    last_drill: dict[str, object] | None  # number, passed, partial, started_at
    warnings: list[str]

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def status(reader: Reader, service: str) -> StatusReport:
    """Look at the archive; raises StorageError, TooNew."""
    parent = read_parent(reader, service)
    newest = parent.stored
    age = datetime.now(UTC) - newest.made_at if newest else None
    return StatusReport(
        provider=reader.address,
        backups=len(numbers(reader)),
        newest=newest.number if newest else 0,
        created_at=newest.created_at if newest else "",
        age_seconds=round(age.total_seconds(), 3) if age is not None else None,
        files=len(newest.files) if newest else 0,
        raw_bytes=newest.raw_bytes if newest else 0,
        last_drill=_last_drill(reader),
        warnings=[*parent.damaged, *parent.warnings],
    )


def _last_drill(reader: Reader) -> dict[str, object] | None:
    """By the time of the drill: the newest backup is not always the one drilled last."""
    name = newest_report_name(reader)
    if name is None:
        return None
    try:
        report = read_report(reader, name)
    except (Malformed, ObjectDamaged, ObjectMissing) as error:
        return {"name": name, "error": error.message}
    return report.model_dump(include={"number", "passed", "partial", "started_at"})
