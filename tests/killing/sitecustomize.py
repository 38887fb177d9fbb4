"""Counts a job's durable calls, and kills it with SIGKILL just before the n-th.

Python imports this module by itself wherever its folder is on PYTHONPATH, so the jobs' own
command lines run unchanged; without the variable KILL_BEFORE it does nothing.
"""

import builtins
import io
import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from importlib.machinery import ModuleSpec, PathFinder
from itertools import count
from threading import current_thread
from types import ModuleType
from typing import Any, NoReturn

KILL_BEFORE = "KILL_BEFORE"  # the number of a call; with 0 all are counted, and none kills
KILL_LOG = "KILL_LOG"  # the file that gets a line for each call that was come to
KILL_WATCHED = "KILL_WATCHED"  # settings that name what is watched; by default all these:
FOLDERS, BUCKET = ("LOCAL_BACKUP_DIR", "DATA_DIR"), "GCS_BUCKET_NAME"
WATCHED = " ".join((*FOLDERS, BUCKET))  # calls that concern other places are free
KILL_PROGRAM = "KILL_PROGRAM"  # a script; then no other one counts, and it is killed alone

_RANDOM = re.compile(r"(?<=incoming/)[0-9a-f]{16}$|(?<=\.json\.)[0-9a-f]{8}$")
# Made by several threads at once, in any order, and wiped by the next process.
_COPIES = ".backup/copies/"
# Of a logger: at full hours even the longest interval brings a row.
_ANY_TIME = "recorder"


class Points:
    """The durable calls so far, in their order."""

    def __init__(self, deadly: int, log: str, roots: Sequence[str], *, alone: bool) -> None:
        self._deadly, self._roots, self._alone = deadly, roots, alone
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._numbers = count(1)

    def is_deadly(self, call: str, name: str) -> bool:
        """Count a call, and say whether the job is to die of it."""
        os.write(self._log, f"{call}\t{_RANDOM.sub('*', name)}\n".encode())
        return next(self._numbers) == self._deadly

    def reach(self, call: str, name: str | None) -> None:
        """Come to a call; a name of None concerns nobody."""
        if name is not None and self.is_deadly(call, name):
            self.die()

    def name(self, place: Any) -> str | None:
        """The place's path below the folder that is watched, or None for any other."""
        if current_thread().name == _ANY_TIME:
            return None
        path = os.path.realpath(place)
        for root in self._roots:
            if path == root or path.startswith(f"{root}/"):
                name = os.path.relpath(path, root)
                return None if name.startswith(_COPIES) else name
        return None

    def die(self) -> NoReturn:
        """End this process and the workers beside it, as a platform does that has lost patience.

        Or this process alone, as the kernel does that is short of memory.
        """
        os.kill(os.getpid() if self._alone else 0, signal.SIGKILL)
        raise AssertionError("unreachable")


class WatchedFile(io.FileIO):
    """A file open for writing, each of whose writes is a point, and half of it another."""

    def __init__(self, points: Points, name: str, place: Any, mode: str) -> None:
        super().__init__(place, mode)
        self._points, self._watched = points, name

    def write(self, data: Any, /) -> int:
        """Write the bytes; a job that is to die within it leaves half of them."""
        self._points.reach("write", self._watched)
        if self._points.is_deadly("torn write", self._watched):
            super().write(memoryview(data)[: len(data) // 2])
            self._points.die()
        return super().write(data)


class BucketFinder:
    """Watches the creates of a bucket once a job imports the SDK, which many jobs never do."""

    def __init__(self, points: Points) -> None:
        self._points = points

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        """The module of the SDK that creates objects, wrapped as it is loaded."""
        if name != "google.cloud.storage.blob":
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and spec.loader:
            _wrap(spec.loader, "exec_module", self._then_watch)
        return spec

    def _then_watch(self, load: Callable[[ModuleType], None]) -> Callable[[ModuleType], None]:
        def load_and_watch(module: ModuleType) -> None:
            load(module)
            _wrap(module.Blob, "upload_from_string", self._created)

        return load_and_watch

    def _created(self, create: Callable[..., None]) -> Callable[..., None]:
        @wraps(create)
        def watched(blob: Any, *args: Any, **options: Any) -> None:
            self._points.reach("create", blob.name)
            create(blob, *args, **options)
            self._points.reach("created", blob.name)  # it is stored, and the job has not heard

        return watched


def watch(points: Points) -> None:
    """Wrap the durable calls of this process."""

    def opened(real: Callable[..., Any]) -> Callable[..., Any]:
        def watched(file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
            grows = isinstance(file, int) and mode == "r+b"  # where it lies, and unbuffered
            if grows or (mode in ("wb", "xb", "ab") and not isinstance(file, int)):
                name = points.name(f"/proc/self/fd/{file}" if grows else file)
                if name is not None:
                    raw = WatchedFile(points, name, file, mode.replace("b", ""))
                    return raw if grows else io.BufferedWriter(raw)
            return real(file, mode, *args, **options)

        return watched

    def called(call: str, place: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(real: Callable[..., None]) -> Callable[..., None]:
            @wraps(real)
            def watched(*args: Any, **options: Any) -> None:
                points.reach(call, points.name(place(*args)))
                real(*args, **options)

            return watched

        return wrapper

    _wrap(io, "open", opened)
    _wrap(builtins, "open", opened)
    _wrap(os, "fsync", called("fsync", lambda descriptor: f"/proc/self/fd/{descriptor}"))
    _wrap(os, "link", called("link", lambda _source, target: target))
    _wrap(os, "rename", called("rename", lambda _source, target: target))
    _wrap(os, "replace", called("rename", lambda _source, target: target))
    _wrap(os, "unlink", called("unlink", lambda place: place))


def _wrap(owner: Any, name: str, wrapper: Callable[[Any], Any]) -> None:
    setattr(owner, name, wrapper(getattr(owner, name)))


def begin() -> None:
    """Watch what the environment says, if this is the program that it means."""
    program = os.environ.get(KILL_PROGRAM)
    if KILL_BEFORE not in os.environ or (program and program not in sys.orig_argv):
        return
    watched = os.environ.get(KILL_WATCHED, WATCHED).split()
    folders = [os.environ[name] for name in FOLDERS if name in watched and name in os.environ]
    roots = [os.path.realpath(folder) for folder in folders]
    deadly, log = int(os.environ[KILL_BEFORE]), os.environ[KILL_LOG]
    points = Points(deadly, log, roots, alone=bool(program))
    watch(points)
    if BUCKET in watched:
        sys.meta_path.insert(0, BucketFinder(points))


begin()
