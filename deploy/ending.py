"""How the two commands of the set-up end where no error of this system says why.

A traceback helps nobody who only has a full disk, or has piped the output into `head`.
"""

import os
import sys

FAILED, INTERRUPTED = 1, 130


def by_the_machine(error: OSError) -> int:
    """A file, a folder or a pipe of this machine is in the way; the exit code."""
    if isinstance(error, BrokenPipeError):
        # Python would try again at its very end, and complain of that.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        why = "nobody reads what this says any more"
    else:
        why = str(error)
    print(f"error: {why}. What is done stays done, so run it again", file=sys.stderr)
    return FAILED
