"""A stand-in for Render: one web service, deployed, restarted, crashed and put to sleep here.

It does what Render's documentation says of instances, traffic, signals and disks, on processes
and directories of this machine (Linux only), and tells what it does as events.
"""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from threading import Thread
from typing import Any, Self, TypeVar

from emulators.render_events import RenderEvents
from emulators.render_instance import Instance
from emulators.render_platform import Platform
from emulators.render_service import Service, Times

Result = TypeVar("Result")


class Render:
    """The platform with one service; a context that leaves no process, port or disk behind.

    It keeps disks and logs below `folder`; the logs stay. At first nothing is deployed.
    """

    def __init__(self, service: Service, folder: Path, times: Times | None = None) -> None:
        self.events = RenderEvents()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="render", daemon=True)
        self._platform = Platform(service, folder, times or Times(), self.events)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._do(self._platform.open())
        except BaseException:  # no __exit__ will follow
            self._close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    @property
    def url(self) -> str:
        """The public address, which stays the same whatever runs behind it."""
        return self._platform.url

    @property
    def instance(self) -> Instance:
        """The one in charge; AssertionError where there is none."""
        instance = self._platform.in_charge
        assert instance is not None, "no instance is in charge"
        return instance

    def deploy(self) -> bool:
        """Return when the traffic has moved, or False when the deploy has failed.

        One that is under way is waited for.
        """
        return self._do(self._platform.deploy())

    def restart(self) -> bool:
        """The same on the operator's demand: a new instance on an empty disk, no pre-deploy."""
        return self._do(self._platform.restart())

    def crash(self, *, keep_disk: bool) -> None:
        """Kill all of the instance in charge; the platform starts the service again by itself.

        It finds its files again, or an empty disk.
        """
        self._do(self._platform.crash(keep_disk))

    def _do(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _close(self) -> None:
        try:
            self._do(self._platform.close())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
