"""Whether a logger runs with a data directory: it holds a lock on a mark in its notes there."""

import fcntl
import os
from pathlib import Path

from shared.names import NOTES

MARK = "running.json"


def is_running(root: Path) -> bool:
    """Whether one does now; on a disk that cannot tell, none."""
    try:
        descriptor = os.open(root / NOTES / MARK, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False
