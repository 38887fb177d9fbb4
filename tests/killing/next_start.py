"""The start command after a kill: what it has to bring about by itself."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.checkout import Checkout
from engine.archives import SERVICE, LocalStore, Store, bring_back, contents
from killing.checks import committed, look, store_faults
from killing.points import Point
from killing.start import RECORDED
from shared.names import NOTES

LISTENS = r"listens on 127\.0\.0\.1:\d+"
UNCLEAN = "critical: unclean exit: "
MARK = f"{NOTES}/running.json"
# The recorder's rows, at full hours, are nobody's here.
LOGGER = {"BACKUP_EXCLUDE": RECORDED, "LOG_INTERVAL_SECONDS": "3600", "CATCH_UP_SECONDS": "3600"}


def after_the_mark(points: Sequence[Point]) -> int:
    """The number of the first point after a logger has made its mark, which is a new one."""
    return points.index(Point("fsync", NOTES), points.index(Point("link", MARK))) + 2


def checkout_for(sources: Path, folder: Path, settings: Mapping[str, str]) -> Checkout:
    """A service that has its local backups in this folder, and nothing to catch up with soon."""
    return Checkout(sources, folder / "backups", {**LOGGER, **settings})


def start_again(checkout: Checkout, disk: Path, addresses: Sequence[str]) -> None:
    """Start on this disk, and crash again when all is done that has to be done at once.

    A logger that did not end as it should has its rows pushed to each of the `addresses`.
    """
    is_unclean = (disk / MARK).exists()
    with checkout.started(DATA_DIR=str(disk)) as process:
        process.wait_for_line(LISTENS)
        for address in addresses if is_unclean else ():
            process.wait_for_line(f"INFO {UNCLEAN}.*: backup [0-9]+ in {re.escape(address)}$")


def disk_lacks(disk: Path, files: Mapping[str, bytes]) -> list[str]:
    """Files that are not on the disk as they should be; others may lie beside them."""
    found = look(disk)
    return [
        f"{path} is not what it should be on {disk.name} after the next start"
        for path, content in files.items()
        if path not in found or found[path][0] != content
    ]


def pushed_faults(store: Store, found: Mapping[str, bytes]) -> list[str]:
    """Where a backup that came since is not the next start's own, for the reason that it had."""
    objects = store.objects()
    faults = store_faults(objects)
    reason = committed(objects).reason
    came = any(name not in found for name in objects if name.startswith("backups/"))
    if came and not reason.startswith(UNCLEAN):
        faults.append(f"the next start's backup was made for {reason!r}")
    return faults


def archive_lacks(
    objects: Mapping[str, bytes], files: Mapping[str, bytes], folder: Path
) -> list[str]:
    """Where a restore of these objects is not all that there was."""
    store = LocalStore(folder / "archive")
    for name, data in objects.items():
        store.plant(name, data)
    bring_back(folder / "restored", store.provider)
    is_same = contents(folder / "restored") == files
    return [] if is_same else ["what is restored is not all that there was"]


def local_address(folder: Path) -> str:
    """As the log names the local store of a run."""
    return str(folder / "backups" / SERVICE)
