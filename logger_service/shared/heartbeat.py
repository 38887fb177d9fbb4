"""A sign of life to HEARTBEAT_URL after each good backup, so that silence is noticed elsewhere.

Whoever knows the address can fake the sign, so it stands in no log.
"""

import logging

import requests
from pydantic import SecretStr

from shared.parallel import in_background

LONGEST_SECONDS = 10.0
_log = logging.getLogger(__name__)


class _Session(requests.Session):
    """A session for which no answer leads elsewhere, and of which no body is read."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere."""


def send_heartbeat(url: SecretStr, seconds: float = LONGEST_SECONDS) -> bool:
    """Whether it was taken in so many seconds, at most ten; never raises."""
    seconds = min(seconds, LONGEST_SECONDS)
    asking = in_background(lambda: _ask(url.get_secret_value(), seconds))
    try:
        status = asking.result(seconds)
    except Exception as error:  # noqa: BLE001  whatever it is, a backup that did well has done well
        _log.warning("HEARTBEAT_URL did not answer: %s", type(error).__name__)
        return False
    if not 200 <= status < 300:
        _log.warning("HEARTBEAT_URL answered %d", status)
        return False
    return True


def _ask(url: str, seconds: float) -> int:
    with _Session() as session:
        session.trust_env = False  # no .netrc for whoever answers
        session.headers["User-Agent"] = "btc-logger-backup"
        with session.get(url, timeout=seconds, stream=True, allow_redirects=False) as answer:
            return answer.status_code
