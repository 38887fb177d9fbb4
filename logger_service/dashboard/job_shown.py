"""A background job as a person reads it: what it is, how far, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from operating.background_job import BackgroundJob, State

NAMES = {"trigger": "Backup", "drill": "Drill", "cleanup": "Clean-up", "restore": "Restore"}
PREVIEW = "Preview of a restore"
OLD_PREVIEW = timedelta(minutes=10)
BADGES = {State.DONE: "healthy", State.FAILED: "unhealthy"}
_SAID = {State.RUNNING: "has begun", State.DONE: "is done", State.FAILED: "has failed"}


@dataclass(frozen=True)
class JobShown:
    """What the job told of itself at one moment."""

    told: Mapping[str, Any]

    @property
    def is_preview(self) -> bool:
        """Whether it only looks what a restore would do."""
        return is_preview(self.told["kind"], self.told["asked"])

    @property
    def name(self) -> str:
        """What it does."""
        return PREVIEW if self.is_preview else NAMES[self.told["kind"]]

    @property
    def template(self) -> str:
        """That shows its result."""
        return f"jobs/{'preview' if self.is_preview else self.told['kind']}.html"

    @property
    def badge(self) -> str:
        """The class of its state."""
        return BADGES.get(self.told["state"], "running")

    @property
    def is_running(self) -> bool:
        """Whether it has not come to its end."""
        return bool(self.told["state"] == State.RUNNING)

    @property
    def seconds(self) -> float | None:
        """From its beginning to its end."""
        if not self.told["ended_at"]:
            return None
        return (_time(self.told["ended_at"]) - _time(self.told["started_at"])).total_seconds()

    @property
    def is_old(self) -> bool:
        """Whether much may have changed since it ended."""
        ended_at = self.told["ended_at"]
        return bool(ended_at) and datetime.now(UTC) - _time(ended_at) > OLD_PREVIEW

    @property
    def failure(self) -> str:
        """Why it has failed; a restore's outcome is told beside."""
        message, result = str(self.told["error"]["message"]), self.told["result"]
        outcome = result.get("outcome", "") if isinstance(result, Mapping) else ""
        return message.removeprefix(f"{outcome}; ")

    @property
    def sentence(self) -> str:
        """The newest of it, for whoever listens."""
        return f"{self.name} {_SAID[self.told['state']]}"

    @property
    def changed_at(self) -> str:
        """When it began or ended."""
        return str(self.told["ended_at"] or self.told["started_at"])


def is_preview(kind: str, asked: Mapping[str, object]) -> bool:
    """Whether such a job writes nothing."""
    return kind == "restore" and bool(asked.get("dry_run"))


def shown(job: BackgroundJob) -> JobShown:
    """As it is now."""
    return JobShown(job.as_dict())


def last_change(jobs: Sequence[JobShown]) -> str:
    """What happened last, in a sentence; nothing where nothing has."""
    newest = max(jobs, key=lambda job: job.changed_at, default=None)
    return newest.sentence if newest else ""


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
