"""What whoever has the token is told beyond the four parts, as plain values for JSON."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from catching_up.status import CatchUpStatus
from health.at_risk import AtRisk
from health.look import Look
from health.providers import ProviderHealth
from pushing.destination import Standing
from shared.drill_report import DrillReport
from shared.names import timestamp
from shared.receipt import CATCH_UP, RECEIPT, read_receipt_of
from watched import Watched
from watching.archive_state import BackupSummary
from writing.figures import Figures

Told = dict[str, Any]


def details(look: Look, watched: Watched) -> Told:
    """All but the reasons."""
    return {
        "exchanges": exchanges(look),
        "providers": [provider(one) for one in look.providers],
        "at_risk": at_risk(look.at_risk),
        "last_restore": receipt(watched, RECEIPT),
        "last_catch_up": receipt(watched, CATCH_UP),
        "catch_up": catch_up(look.catch_up),
        "writer": writer(look.figures),
        "instance": watched.instance,
        "started_at": timestamp(watched.started_at),
    }


def exchanges(look: Look) -> dict[str, Told]:
    """By source: its last row, whether it is left alone, and the rows that are missing."""
    return {source: _exchange(look, source) for source in look.figures.sources}


def _exchange(look: Look, source: str) -> Told:
    figures = look.figures
    last = figures.last.get(source)
    parked = figures.parked.get(source)
    is_parked = parked is not None and parked.until > look.at
    missing = {cause: n for (name, cause), n in figures.missing.items() if name == source}
    return {
        "last_row_at": timestamp(last.ts_utc) if last else None,
        "price": last.price if last else None,
        "parked_until": timestamp(parked.until) if parked and is_parked else None,
        "parked_for": f"{parked.cause}: {parked.reason}" if parked and is_parked else None,
        "rows": figures.given.get(source, 0),
        "missing": dict(sorted(missing.items())),
    }


def provider(one: ProviderHealth) -> Told:
    """One provider: what it has, whether that is late, and what it lacks."""
    state = one.state
    return {
        "kind": state.kind,
        "address": state.address,
        "looked_at": moment(state.looked_at),
        "error": state.error or None,
        "backups": len(state.numbers),
        "newest": _newest(state.newest, one.age_seconds),
        "expected_within_seconds": one.expected_within_seconds,
        "is_late": one.is_late,
        "survives_the_disk": one.survives,
        "at_risk": at_risk(one.at_risk),
        "own_pushes": _standing(one.standing),
        "last_drill": _drill(state.last_drill),
        "last_prune": state.last_prune.model_dump(mode="json") if state.last_prune else None,
    }


def _newest(newest: BackupSummary | None, age_seconds: float | None) -> Told | None:
    if newest is None:
        return None
    return {
        "number": newest.number,
        "created_at": timestamp(newest.created_at),
        "age_seconds": age_seconds,
        "reason": newest.reason,
        "by": {"job": newest.job, "instance": newest.instance},
        "files": newest.files,
        "raw_bytes": newest.raw_bytes,
        "partial": newest.partial,
    }


def _standing(standing: Standing | None) -> Told | None:
    if standing is None:
        return None
    told = asdict(standing) | {
        "succeeded_at": moment(standing.succeeded_at),
        "good_at": moment(standing.good_at),
        "error": standing.error or None,
    }
    del told["address"]
    return told


def _drill(drill: DrillReport | None) -> Told | None:
    """Without the digests that a partial one has proven, of which there may be thousands."""
    if drill is None:
        return None
    return {"result": drill.result, **drill.model_dump(mode="json", exclude={"proven"})}


def at_risk(risk: AtRisk | None) -> Told | None:
    """None until the newest backup is known."""
    return asdict(risk) if risk else None


def receipt(watched: Watched, name: str) -> Told | None:
    """What the last restore, or the last catch-up, did; not file by file."""
    found = read_receipt_of(watched.settings.data_dir.absolute(), name)
    return found.model_dump(mode="json", exclude={"states", "steps"}) if found else None


def catch_up(status: CatchUpStatus) -> Told:
    """How far the catch-up is."""
    return asdict(status) | {"looked_at": moment(status.looked_at)}


def writer(figures: Figures) -> Told:
    """What writes, and how it does."""
    tally = figures.tally
    told: Told = {
        "kind": figures.kind,
        "is_running": figures.is_running,
        "starts": figures.starts,
        "last_row_at": moment(figures.last_row_at),
        "disk_refuses": figures.disk_refuses,
    }
    if tally is None:
        return told
    return told | {
        "ticks": tally.ticks,
        "late_ticks": tally.late_ticks,
        "missed_ticks": dict(tally.missed),
        "rows_written": tally.rows_written,
        "rows_waiting": tally.rows_waiting,
        "rows_missing": dict(tally.missing),
    }


def moment(at: datetime | None) -> str | None:
    """A time as JSON has it."""
    return timestamp(at) if at else None
