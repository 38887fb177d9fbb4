"""What is metered; it knows no metrics library, which is imported when somebody scrapes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from health.health import Health
from operating.background_job import State


@dataclass(frozen=True)
class Metered:
    """Where figures come from; what is not given is not told."""

    health: Health
    events: Callable[[], Mapping[str, int]]  # critical ones, by kind
    failed_logins: Callable[[], int] | None = None
    jobs: Callable[[], Mapping[tuple[str, State], int]] | None = None  # ended, by kind
