"""The parts of a logger, put together: who writes, who saves it, and who watches whom."""

from dataclasses import dataclass
from datetime import UTC, datetime

from alerting.alerting import Alerting
from alerting.opening import last_word_seconds, open_alerting
from catching_up.catch_up import CatchUp
from critical_events import CriticalEvents
from health.health import Health
from lifetime import Lifetime
from pushing.own_backups import OwnBackups, Schedule, open_own_backups
from shared.delivery import Delivery
from shared.directory_source import DirectorySource, Identity
from shared.durable_file import make_directory
from shared.errors import BadSettings
from shared.selection import Selection
from shared.settings import LoggerSettings
from start_outcome import StartOutcome
from watched import Watched
from watching.archive_watch import ArchiveWatch
from writing.writer import Writer, open_writer


@dataclass(frozen=True)
class Parts:
    """What is started, asked, and ended in order."""

    settings: LoggerSettings
    events: CriticalEvents
    writer: Writer
    directory: DirectorySource
    catch_up: CatchUp
    watch: ArchiveWatch
    own_backups: OwnBackups
    health: Health
    alerting: Alerting

    @property
    def beside(self) -> tuple[Schedule, ...]:
        """What looks at providers meanwhile."""
        return self.catch_up, self.watch


def assemble(
    settings: LoggerSettings,
    instance: str,
    start: StartOutcome,
    delivery: Delivery,
    lifetime: Lifetime,
) -> Parts:
    """Nothing runs yet; raises BadSettings."""
    events = CriticalEvents()
    writer = open_writer(settings, instance, events)
    lifetime.also_end(writer.kill)
    lifetime.reserved = last_word_seconds(settings)
    _make_data_directory(settings)
    catch_up, watch = CatchUp(settings, instance, writer.own_paths), ArchiveWatch(settings)
    directory = _directory(settings, instance, writer, catch_up)
    own_backups = open_own_backups(settings, instance, directory, events)
    watched = Watched(
        settings,
        instance,
        datetime.now(UTC),
        start,
        figures=writer.figures,
        catch_up=lambda: catch_up.status,
        standings=lambda: own_backups.standings,
        archives=lambda: watch.archives,
    )
    health = Health(watched)
    alerting = open_alerting(health, events, delivery, lifetime.asked)
    return Parts(
        settings, events, writer, directory, catch_up, watch, own_backups, health, alerting
    )


def _make_data_directory(settings: LoggerSettings) -> None:
    directory = settings.data_dir.absolute()
    try:
        make_directory(directory)
    except OSError as error:
        raise BadSettings(
            f"DATA_DIR: {directory} cannot be made a directory: {error.strerror}",
            name=str(directory),
        ) from error


def _directory(
    settings: LoggerSettings, instance: str, writer: Writer, catch_up: CatchUp
) -> DirectorySource:
    """The data directory as everyone here backs it up."""
    return DirectorySource(
        settings.data_dir,
        Selection(settings.backup_include, settings.backup_exclude),
        Identity(settings.service_name, instance, settings.bucket_address),
        writer.own_paths,
        lambda: settings.auto_restore_on_startup and not catch_up.status.is_whole,
    )
