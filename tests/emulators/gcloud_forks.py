"""gcloud without its start: one process has its modules loaded, and forks for each command.

It is still gcloud's own code, in a process of its own with the caller's arguments, variables,
folder and streams; only the second that loading takes is gone. gcloud's own Python runs this file
as a script, so it imports nothing of ours; tests use `GcloudForks`.
"""

import importlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from socket import AF_UNIX, SOCK_DGRAM, SOCK_STREAM, recv_fds, socket, socketpair
from tempfile import TemporaryDirectory
from threading import Thread
from types import TracebackType
from typing import Self

_INTERRUPTED = 130  # as a shell counts an end by SIGINT
_LONGEST_NOTE = 1 << 18  # bytes


class GcloudForks:
    """A running process that forks; `socket_path` is where commands come in."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory()
        self.socket_path = str(Path(self._folder.name) / "gcloud")
        python, root = _installation(self._folder.name)
        words = [python, "-S", __file__, self.socket_path, f"{root}/lib"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(words, stdin=pipe, stdout=pipe)
        assert self._process.stdout
        if not self._process.stdout.readline():
            raise RuntimeError(f"{words} ended with {self._process.wait()} before it was ready")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()  # it ends with its standard input
        self._folder.cleanup()


def _installation(config: str) -> tuple[str, str]:
    """The interpreter of gcloud, and the folder that it is installed in."""
    form = "--format=value(basic.python_location,installation.sdk_root)"
    environment = {**os.environ, "CLOUDSDK_CONFIG": config}
    told = subprocess.check_output(["gcloud", "info", form], env=environment, text=True)
    python, root = told.rstrip("\n").split("\t")
    return python, root


def serve(path: str) -> None:
    """Fork for each command until the standard input ends."""
    # Only gcloud's own Python has it.
    from googlecloudsdk import gcloud_main  # type: ignore[import-not-found] # noqa: PLC0415

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    notes, told = socketpair(AF_UNIX, SOCK_DGRAM)
    with socket(AF_UNIX, SOCK_STREAM) as listener:
        listener.bind(path)
        listener.listen()
        print(flush=True)  # noqa: T201 - whoever started it waits for this line
        while True:
            ready, _, _ = select.select([sys.stdin, notes, listener], [], [])
            if sys.stdin in ready:
                return
            if notes in ready:
                _load(json.loads(notes.recv(_LONGEST_NOTE)))
            if listener in ready:
                connection, _ = listener.accept()
                if os.fork() == 0:
                    listener.close()
                    _run(connection, told, gcloud_main.main)
                connection.close()


def _load(names: Iterable[str]) -> None:
    """Import what a command had to, so that the next one need not."""
    for name in names:
        with suppress(ImportError):  # gcloud puts some together itself, and so will the next one
            importlib.import_module(name)


def _run(connection: socket, told: socket, main: Callable[[], object]) -> None:
    """Be the command that comes over a connection, and tell how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    streams = recv_fds(connection, 1, 3)[1]
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    with connection.makefile() as lines:
        command = json.loads(lines.readline())
    Thread(target=_end_with, args=(connection,), daemon=True).start()
    os.environ.clear()
    os.environ.update(command["environment"])
    os.chdir(command["folder"])
    sys.argv = ["gcloud", *command["words"]]
    known = set(sys.modules)
    code = _ended(main)
    sys.stdout.flush()
    sys.stderr.flush()
    # In the order in which their imports began: in another one, circles of imports fail.
    told.send(json.dumps(_loaded(name for name in [*sys.modules] if name not in known)).encode())
    connection.sendall(bytes([code]))
    os._exit(code)


def _ended(main: Callable[[], object]) -> int:
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _end_with(connection: socket) -> None:
    """End as soon as the caller has, which may be before the command is through."""
    if not connection.recv(1):
        os._exit(_INTERRUPTED)


def _loaded(names: Iterable[str]) -> list[str]:
    """Those modules that lie in a file under their own name; gcloud makes up others."""
    specs = {name: getattr(sys.modules[name], "__spec__", None) for name in names}
    return [
        name
        for name, spec in specs.items()
        if spec and spec.origin and spec.name == name and not name.startswith("__")
    ]


if __name__ == "__main__":
    library = sys.argv[2]
    sys.path[:1] = [f"{library}/third_party", library]  # as gcloud.py has it; not our own folder
    serve(sys.argv[1])
