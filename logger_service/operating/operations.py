"""The four things that a person may have a running logger do."""

from collections.abc import Sequence
from threading import Event

from catching_up.turn import Turn
from operating.background_job import Work
from operating.cleanup import cleanup
from operating.drill import drill
from operating.orders import CleanupOrder, ProvidersOrder, RestoreOrder
from operating.places import named, places_of
from operating.restore import restore
from operating.trigger import trigger
from pushing.destination import Destination
from shared.errors import BackupError
from shared.settings import LoggerSettings


class Operations:
    """Makes orders into work that ends soon once `stop` is set; nothing is begun here.

    Each raises BackupError, 400, for a provider that is not configured.
    """

    def __init__(
        self,
        settings: LoggerSettings,
        destinations: Sequence[Destination],
        turn: Turn,
        stop: Event,
    ) -> None:
        self._settings, self._destinations = settings, destinations
        self._turn, self._stop = turn, stop
        self._places = places_of(settings)

    def trigger(self, order: ProvidersOrder) -> Work:
        """A backup; raises BackupError, 503, where backups are switched off."""
        if not self._settings.backup_enabled:
            raise BackupError(
                "backups are switched off", hint="Set BACKUP_ENABLED=true", status=503
            )
        wanted = {place.address for place in named(self._places, order.providers, "providers")}
        return trigger([one for one in self._destinations if one.address in wanted], self._stop)

    def restore(self, order: RestoreOrder) -> Work:
        """What is missing here, from a backup."""
        places = named(self._places, order.provider, "provider")
        return restore(self._settings, places, order, self._turn, self._stop)

    def cleanup(self, _order: CleanupOrder) -> Work:
        """What the local directory need not keep."""
        return cleanup(self._settings, self._places)

    def drill(self, order: ProvidersOrder) -> Work:
        """A proof that backups can be restored."""
        return drill(self._settings, named(self._places, order.providers, "providers"), self._stop)
