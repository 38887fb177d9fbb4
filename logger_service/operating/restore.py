"""A restore because somebody asks for one: beside the running logger, so it only adds (rule 6)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Event

from catching_up.turn import Turn
from operating.background_job import Work
from operating.failure import JobFailed
from operating.job_progress import JobProgress
from operating.orders import RestoreOrder
from operating.places import Place
from operating.several import cut
from shared.errors import NothingMatches
from shared.receipt import Outcome, Receipt
from shared.restore import Options
from shared.restore import restore as restore_files
from shared.settings import LoggerSettings

_WAITS = "waits for the catch-up to end its round"


def restore(
    settings: LoggerSettings, places: Sequence[Place], order: RestoreOrder, turn: Turn, stop: Event
) -> Work:
    """Bring what was ordered; its turn comes after a round of the catch-up that is under way."""

    def work(progress: JobProgress) -> object:
        options = Options(
            wanted=order.wanted,
            patterns=order.files,
            critical=tuple(pattern for pattern, _ in settings.critical_files),
            earlier=order.earlier,
            dry_run=order.dry_run,
            live=True,
            stop=stop,
            threads=settings.transfer_threads,
        )
        root, service = settings.data_dir.absolute(), settings.service_name
        with _its_turn(turn, progress, is_dry=order.dry_run), _hints_of_the_routes():
            readers = [place.open() for place in places]
            receipt = restore_files(readers, service, root, options, progress.part())
        return _judged(receipt, order)

    return work


def _its_turn(turn: Turn, progress: JobProgress, *, is_dry: bool) -> AbstractContextManager[None]:
    return nullcontext() if is_dry else _waited_for(turn, progress)


@contextmanager
def _waited_for(turn: Turn, progress: JobProgress) -> Iterator[None]:
    with turn.taken(lambda: progress.note(_WAITS)):
        progress.note("")
        yield


@contextmanager
def _hints_of_the_routes() -> Iterator[None]:
    """The engine's hints are for the restore job's command line."""
    try:
        yield
    except NothingMatches as error:
        hint = "GET /backup/list shows what there is"
        if "--file" in error.hint:
            hint = "The restore job shows all of them: python main.py --list --file '*'"
        raise NothingMatches(error.message, name=error.name, hint=hint) from error


def _judged(receipt: Receipt, order: RestoreOrder) -> object:
    """What is answered; raises JobFailed with it where something is missing."""
    if receipt.outcome is Outcome.FIRST_BOOT and order.names_something:
        raise NothingMatches("there is no backup yet", hint="POST /backup/trigger makes one")
    left_out = {"states"} if order.dry_run else {"states", "steps"}
    told = cut(receipt.model_dump(mode="json", exclude=left_out))
    if order.dry_run:
        told["actions"] = Counter(receipt.steps.values())  # of all steps, however many are told
    if not (receipt.outcome.exit_code or receipt.unreachable):
        return told
    faults = [*receipt.unreachable, *receipt.unreadable]
    faults += [f"{path}: {fault}" for path, fault in list(receipt.problems.items())[:1]]
    message = "; ".join([str(receipt.outcome), *faults])
    raise JobFailed(message, told, hint="What could be had is here; the result names the rest")
