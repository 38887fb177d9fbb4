"""How the two commands of the set-up end: an exit code, and where it is not 0, a sentence.

A traceback helps nobody who only has a full disk, or has piped the output into `head`.
"""

import os
import sys
from collections.abc import Callable, Iterable

from shared.errors import BackupError

FAILED, INTERRUPTED = 1, 130


def ended(
    act: Callable[[], int], codes: Iterable[tuple[type[BackupError], int]], interrupted: str
) -> int:
    """The one place where an error becomes an exit code; `codes` are those of the more exact ones.

    `interrupted` says what becomes of the work after Ctrl-C.
    """
    try:
        done = act()
        print(end="", flush=True)  # a pipe that nobody reads is told of here
    except BackupError as error:
        print(f"error: {error}", file=sys.stderr)
        return next((code for kind, code in codes if isinstance(error, kind)), FAILED)
    except KeyboardInterrupt:
        print(f"interrupted; {interrupted}", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        return _by_the_machine(error)
    return done


def _by_the_machine(error: OSError) -> int:
    """A file, a folder or a pipe of this machine is in the way; the exit code."""
    if isinstance(error, BrokenPipeError):
        # Python would try again at its very end, and complain of that.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        why = "nobody reads what this says any more"
    else:
        why = str(error)
    print(f"error: {why}. What is done stays done, so run it again", file=sys.stderr)
    return FAILED
