"""The logger on Render, as the Blueprint describes it and a person completes it there."""

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Self

from deploy.checkout import copy_checkout
from emulators.render import Render
from emulators.render_blueprint import described_service, service_from
from emulators.render_events import What
from emulators.render_instance import Instance
from emulators.render_service import TMP, Times
from soak.waiting import wait_until

# What differs from the Blueprint, because the platform is this machine and its minute is short.
_HERE = {
    "HOST": "127.0.0.1",
    "LOCAL_BACKUP_DIR": f"{TMP}/btc_backup",
    "PRICE_SOURCES": "replay",
    "LOG_INTERVAL_SECONDS": "0.2",
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
}
_TIMES = Times(scale=1 / 10, old_stays=5)


class OnRender:
    """The service, of which nothing is deployed yet; `settings` are set in its dashboard."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.secret_file = folder / "secrets" / "render-key.json"
        self.secret_file.parent.mkdir(parents=True)
        key = {"GOOGLE_APPLICATION_CREDENTIALS": str(self.secret_file)}
        source, told = copy_checkout(folder / "project src"), described_service()
        service = service_from(told, source, _HERE | key | settings)
        self._set = dict(service.environment)  # a later deploy has what is set then
        self._render = Render(replace(service, environment=self._set), folder / "platform", _TIMES)
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

    def deploy(self, **settings: str) -> None:
        """Return when an instance with these settings, too, has recorded, and no other runs."""
        self._set.update(settings)
        old, events = self._instance, self._render.events
        assert self._render.deploy(), "a deploy has failed"
        if old:
            events.wait_for(What.WIPED, old.id)
        self._instance = self.instance
        wait_until(lambda: any(self.data.glob("BTC-USD/*.csv")), "the logger on Render records")
