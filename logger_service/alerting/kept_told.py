"""What this disk's loggers have told, in the notes beside the data.

A restart on the same disk does not repeat it. A disk that refuses it costs a warning, and the
process remembers.
"""

import logging
from pathlib import Path

from shared.document import encode, parse
from shared.durable_file import make_directory, replace_durably
from shared.errors import Malformed
from shared.names import NOTES
from shared.told import Told

NAME = "alerts.json"
_log = logging.getLogger(__name__)


class KeptTold:
    """The document `told` of `service` in `data_dir`."""

    def __init__(self, data_dir: Path, service: str) -> None:
        self._place = data_dir / NOTES / NAME
        self._is_refused = False  # as the log was told
        self.told = self._read(service)

    def keep(self, told: Told) -> None:
        """This is what was told; written only if it differs."""
        if told == self.told and not self._is_refused:
            return
        self.told = told
        try:
            make_directory(self._place.parent)
            replace_durably(self._place, encode(told))
        except OSError as error:
            if not self._is_refused:
                _log.warning("what was told is not on the disk: %s", error)
            self._is_refused = True
        else:
            self._is_refused = False

    def _read(self, service: str) -> Told:
        nothing = Told(service=service)
        try:
            told = parse(Told, self._place.read_bytes(), str(self._place))
        except (OSError, Malformed):
            return nothing  # then a message may come twice, which is the careful answer
        return told if told.service == service else nothing
