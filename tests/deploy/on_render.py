"""The logger on Render, as the Blueprint describes it and a person completes it there."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Self

from deploy.checkout import copy_checkout
from emulators.render import Render
from emulators.render_blueprint import described_service, service_from
from emulators.render_events import RenderEvents, What
from emulators.render_instance import Instance
from emulators.render_service import TMP, Times
from soak.waiting import wait_until

# What differs from the Blueprint, because the platform is this machine and its minute is short.
_HERE = {
    "HOST": "127.0.0.1",
    "LOCAL_BACKUP_DIR": f"{TMP}/btc_backup",
    "PRICE_SOURCES": "replay",
    "LOG_INTERVAL_SECONDS": "0.25",
    "CATCH_UP_SECONDS": "1",
    "SHUTDOWN_SECONDS": "25",
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
}
_LONGEST_SHUTDOWN = 300  # seconds of the platform, which are thirty here
_SCALE = 1 / 10


class OnRender:
    """The service, of which nothing is deployed yet; `settings` are set in its dashboard.

    An old instance goes on for so many seconds of the platform once a new one has the traffic.
    """

    def __init__(
        self, folder: Path, settings: Mapping[str, str], old_stays: float = Times.old_stays
    ) -> None:
        self.secret_file = folder / "secrets" / "render-key.json"
        self.secret_file.parent.mkdir(parents=True)
        self.logs = folder / "platform" / "logs"
        key = {"GOOGLE_APPLICATION_CREDENTIALS": str(self.secret_file)}
        service = service_from(
            described_service(),
            copy_checkout(folder / "project src"),
            {**_HERE, **key, **settings},
            max_shutdown_delay_seconds=_LONGEST_SHUTDOWN,
        )
        self._set = dict(service.environment)  # a later deploy has what is set then
        service = replace(service, environment=self._set)
        self._render = Render(service, folder / "platform", Times(_SCALE, old_stays=old_stays))
        self._instance: Instance | None = None

    def __enter__(self) -> Self:
        self._render.__enter__()
        return self

    def __exit__(self, *reason: object) -> None:
        self._render.__exit__(*reason)

    @property
    def url(self) -> str:
        """The address, which stays the same."""
        return self._render.url

    @property
    def events(self) -> RenderEvents:
        """What the platform has done."""
        return self._render.events

    @property
    def instance(self) -> Instance:
        """Where the service's shell is."""
        return self._render.instance

    @property
    def data(self) -> Path:
        """The files of the logger there."""
        return self.instance.source / "data"

    def take_key(self, file: Path) -> None:
        """Have what is in a file as the secret file, and delete it there."""
        shutil.move(file, self.secret_file)

    def try_to_deploy(self, **settings: str) -> bool:
        """Whether the traffic has moved to an instance with these settings, too."""
        self._set.update(settings)
        return self._render.deploy()

    def deploy(self, **settings: str) -> None:
        """Return when an instance with these settings, too, has recorded, and no other runs."""
        old = self._instance
        assert self.try_to_deploy(**settings), "a deploy has failed"
        if old:
            self.events.wait_for(What.WIPED, old.id)
        self._instance = self.instance
        wait_until(lambda: any(self.data.glob("BTC-USD/*.csv")), "the logger on Render records")
