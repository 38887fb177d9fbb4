"""One look at everything that tells how the logger stands, so that all answers say the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from catching_up.status import CatchUpStatus
from health.at_risk import AtRisk
from health.providers import ProviderHealth, Providers
from shared.errors import SourceRefused
from shared.integrity import Expectations, Integrity, check
from shared.newest_row import Newest, newest_row
from shared.selection import SelectedFile, Selection
from shared.time_limit import TimeLimit
from watched import Watched
from writing.figures import Figures


@dataclass(frozen=True)
class Look:
    """What was seen at one moment."""

    at: datetime
    uptime_seconds: float
    integrity: Integrity
    newest: Newest | None
    figures: Figures
    catch_up: CatchUpStatus
    providers: tuple[ProviderHealth, ...]
    at_risk: AtRisk | None  # with the whole disk; None until the backups are known


@dataclass(frozen=True)
class _Seen(Selection):
    """A selection whose files have been looked for: a year of them is not walked through thrice."""

    seen: tuple[SelectedFile, ...] | SourceRefused = ()

    def look(self, root: Path) -> list[SelectedFile]:
        """What was found then, whatever the directory; raises SourceRefused if that was met."""
        del root
        if isinstance(self.seen, SourceRefused):
            raise self.seen
        return list(self.seen)


class Looking:
    """Looks whenever it is asked to; one thread at a time."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        settings = watched.settings
        self._root = settings.data_dir.absolute()
        self._selection = Selection(settings.backup_include, settings.backup_exclude)
        self._providers = Providers(settings, watched.started_at)

    def look(self) -> Look:
        """At the data, the writer and what is known of the backups."""
        watched, now, selection = self._watched, datetime.now(UTC), self._see()
        files = [] if isinstance(selection.seen, SourceRefused) else list(selection.seen)
        settings = watched.settings
        expected = Expectations(selection, settings.freshness_hours, settings.critical_files)
        providers = self._providers.look(watched.archives(), watched.standings(), files, now)
        at_a_glance = TimeLimit(0)  # whoever asks is not to wait for files to be read
        return Look(
            at=now,
            uptime_seconds=(now - watched.started_at).total_seconds(),
            integrity=check(self._root, expected, None, at_a_glance),
            newest=newest_row(self._root, selection),
            figures=watched.figures(),
            catch_up=watched.catch_up(),
            providers=providers,
            at_risk=self._at_risk(providers, files, now),
        )

    def _see(self) -> _Seen:
        include, exclude = self._selection.include, self._selection.exclude
        try:
            return _Seen(include, exclude, tuple(self._selection.look(self._root)))
        except SourceRefused as error:
            return _Seen(include, exclude, error)  # the check says what that means

    def _at_risk(
        self, providers: Sequence[ProviderHealth], files: list[SelectedFile], now: datetime
    ) -> AtRisk | None:
        """What the bucket lacks; without one the directory, unless it goes with the disk."""
        main = next(iter(providers), None)
        if main and main.survives:
            return main.at_risk
        return self._providers.without_any(files, now)
