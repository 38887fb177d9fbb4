"""What is metered; it knows no metrics library, which is imported when somebody scrapes."""

from dataclasses import dataclass

from critical_events import CriticalEvents
from health.health import Health
from operating.background_jobs import BackgroundJobs
from serving.failed_logins import FailedLogins


@dataclass(frozen=True)
class Metered:
    """Where figures come from."""

    health: Health
    events: CriticalEvents
    failed_logins: FailedLogins
    jobs: BackgroundJobs
