"""One logger behind the function: its settings, where its backups are kept, and whom it concerns.

Several share a process, and nothing else.
"""

from outcome import Outcomes

from shared.provider import Provider
from shared.providers import main_provider
from shared.settings import FunctionSettings
from shared.time_limit import TimeLimit

LONGEST_CALL = 0.2  # of the storage, as a share of the time that this function has


class Target:
    """Made at the start."""

    def __init__(self, settings: FunctionSettings) -> None:
        self.settings = settings
        self.label = settings.service_name if settings.targets else ""  # in the log
        self._alerts = None
        if settings.notify_urls or settings.heartbeat_url:
            # Here, because who tells nobody does not owe the code for it.
            from backup_alerts import BackupAlerts  # noqa: PLC0415

            self._alerts = BackupAlerts(settings)

    def provider(self, limit: TimeLimit) -> Provider:
        """Where backups are kept; one call that hangs must not use up all the time."""
        return main_provider(self.settings, limit.left(LONGEST_CALL))

    def tell(self, outcomes: Outcomes) -> None:
        """Whoever wants to know what this begins or ends; it takes a few seconds at most."""
        if self._alerts:
            self._alerts.take(outcomes)

    def check_addresses(self) -> None:
        """Raise BadSettings if NOTIFY_URLS has an address that is none."""
        if self._alerts:
            self._alerts.check_addresses()
