"""What the platform stand-in does with the instances of one service, on an event loop of its own.

One instance is in charge at a time; it gets the traffic while it is healthy. Whatever ends a
task here, `close` ends every process, takes every disk away, and raises what went wrong.
"""

import asyncio
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from emulators.render_events import RenderEvents, What
from emulators.render_health import Health, is_healthy
from emulators.render_instance import Instance
from emulators.render_proxy import Proxy
from emulators.render_service import Service, Times


class Platform:
    """One service; to be used on its event loop only."""

    def __init__(self, service: Service, folder: Path, times: Times, events: RenderEvents) -> None:
        self.service = service
        self.in_charge: Instance | None = None
        self.is_asleep = False
        self.proxy = Proxy(self._target)
        self._folder, self._times, self._events = folder, times, events
        self._instances: list[Instance] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._deploying, self._waking = asyncio.Lock(), asyncio.Lock()

    @property
    def url(self) -> str:
        """The public address."""
        return f"http://127.0.0.1:{self.proxy.port}"

    async def open(self) -> None:
        """Have a public address; there is no instance yet."""
        await self.proxy.start()
        if self.service.is_free:
            self._begin(self._put_to_sleep())

    async def close(self) -> None:
        """End all; raises what any task of the platform has failed with."""
        running = asyncio.all_tasks() - {asyncio.current_task()}
        await self.proxy.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for instance in self._instances:
            await instance.kill()
            await instance.wipe()
        done = [task for task in self._tasks if not task.cancelled()]
        failures = [error for task in done if (error := task.exception())]
        if failures:
            raise BaseExceptionGroup("the platform stand-in failed", failures)

    async def deploy(self) -> bool:
        """Pre-deploy and a new instance; False where the old one goes on instead."""
        async with self._deploying:
            has_pre_deploy = self.service.pre_deploy_command and not self.service.is_free
            if has_pre_deploy and not await self._pre_deploy():
                return False
            return await self._replace()

    async def restart(self) -> bool:
        """A new instance on an empty disk."""
        async with self._deploying:
            return await self._replace()

    async def crash(self, keep_disk: bool) -> None:
        """SIGKILL to the instance in charge; the platform starts the service again by itself."""
        instance = self.in_charge
        if instance is None:
            raise AssertionError("there is no instance to crash")
        instance.keeps_disk = keep_disk
        await instance.kill()

    async def _pre_deploy(self) -> bool:
        """Run the command on another machine, whose disk goes with it."""
        machine = await self._new_instance()
        machine.run(self.service.pre_deploy_command or "")
        await machine.ended(self._of(self._times.pre_deploy))
        code = machine.code
        await self._end(machine, 0)
        self._events.tell(What.PRE_DEPLOY, machine.id, code)
        if code != 0:
            self._events.tell(What.DEPLOY_FAILED, machine.id, code)
        return code == 0

    async def _replace(self) -> bool:
        """Put a new instance in charge once it is healthy, and let the old one go later."""
        old = self.in_charge
        if old and self.service.is_free:  # no two at once
            self.in_charge = None
            await self._end(old)
        new = await self._new_instance()
        if not await self._start(new):
            self._events.tell(What.DEPLOY_FAILED, new.id, new.code)
            await self._end(new)
            return False
        old = self.in_charge  # perhaps another one since
        self._put_in_charge(new)
        if old:
            self._begin(self._let_go(old))
        return True

    async def _let_go(self, old: Instance) -> None:
        await asyncio.sleep(self._of(self._times.old_stays))
        await self._end(old)

    async def _end(self, instance: Instance, patience: float | None = None) -> None:
        """Shut down; the disk goes too."""
        if patience is None:
            patience = self._of(self.service.max_shutdown_delay_seconds)
        await instance.stop(patience)
        self._events.tell(What.ENDED, instance.id, instance.code)
        await instance.wipe()

    async def _new_instance(self) -> Instance:
        instance = Instance(self.service, self._folder, self.url, self._events)
        self._instances.append(instance)
        await asyncio.to_thread(instance.make_disk)
        return instance

    async def _start(self, instance: Instance) -> bool:
        """Run the start command; whether it is healthy in time."""
        instance.run(self.service.start_command)
        self._events.tell(What.STARTED, instance.id)
        deadline = time.monotonic() + self._of(self._times.start)
        while not await self._is_healthy(instance):
            pause = self._of(self._times.between_checks)
            if await instance.ended(pause) or time.monotonic() > deadline:
                return False
        return instance.code is None

    def _put_in_charge(self, instance: Instance) -> None:
        self.in_charge, self.is_asleep = instance, False
        instance.has_traffic = True
        self.proxy.last_traffic = time.monotonic()
        self._events.tell(What.LIVE, instance.id)
        self._begin(self._watch(instance))

    async def _watch(self, instance: Instance) -> None:
        """Look after an instance while it is in charge."""
        health = Health(self._times)
        while self.in_charge is instance:
            health.note(await self._is_healthy(instance))
            if instance.has_traffic != health.gets_traffic:
                instance.has_traffic = health.gets_traffic
                self._events.tell(
                    What.LIVE if health.gets_traffic else What.NO_TRAFFIC, instance.id
                )
            ended = await instance.ended(self._of(self._times.between_checks))
            if self.in_charge is not instance:
                return
            if ended or health.is_beyond_hope:
                self._events.tell(
                    What.ENDED if ended else What.UNHEALTHY, instance.id, instance.code
                )
                await self._start_again(instance)  # which begins another watch
                return

    async def _start_again(self, instance: Instance) -> None:
        """Try until something is healthy, or a deploy has put another instance in charge."""
        instance.has_traffic = False
        while self.in_charge is instance:
            await instance.stop(self._of(self.service.max_shutdown_delay_seconds))
            if not instance.keeps_disk:
                await instance.wipe()
                fresh = await self._new_instance()
                if self.in_charge is not instance:
                    return
                self.in_charge = instance = fresh
            instance.keeps_disk = False
            is_up = await self._start(instance)
            if is_up and self.in_charge is instance:
                self._put_in_charge(instance)
                return

    async def _target(self) -> int | None:
        """Where a connection that comes now goes; a service that sleeps is woken by it."""
        async with self._waking:
            if self.is_asleep:
                self._events.tell(What.WOKEN, "")
                await self.restart()
        instance = self.in_charge
        return instance.port if instance and instance.has_traffic else None

    async def _put_to_sleep(self) -> None:
        """Watch for a long time without traffic, as long as the platform runs."""
        while True:
            await asyncio.sleep(self._of(self._times.between_checks))
            async with self._deploying:
                instance = self.in_charge
                if instance and instance.has_traffic and self._is_idle():
                    self.in_charge, self.is_asleep = None, True
                    self._events.tell(What.ASLEEP, instance.id)
                    await self._end(instance)

    def _is_idle(self) -> bool:
        return time.monotonic() - self.proxy.last_traffic > self._of(self._times.sleep)

    async def _is_healthy(self, instance: Instance) -> bool:
        return await is_healthy(instance.port, self.service.health_check_path, self._times.answer)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(self._tell_failure)
        self._tasks.append(task)

    def _tell_failure(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception():
            self._events.tell(What.BROKEN, "")

    def _of(self, seconds: float) -> float:
        return self._times.of(seconds)
