"""Start the logger of this folder with every exchange at another address, which is the argument."""

import runpy
import sys
from pathlib import Path

sys.path[0] = str(Path.cwd())  # as `python main.py` has it

from market import exchange, exchanges  # noqa: E402  found only now


def main() -> None:
    """Be the logger until its end."""
    assert exchanges.Kraken in exchange.Exchange.__subclasses__()
    for kind in exchange.Exchange.__subclasses__():
        kind.base_url = sys.argv[1]
    runpy.run_path("main.py", run_name="__main__")


if __name__ == "__main__":
    main()
