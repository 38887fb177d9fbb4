"""What all exchanges have in common: one keyless request for the ticker, and one kind of error.

Whatever goes wrong is sorted into a cause, so the recorder treats all sources alike.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from market.kept_connection import LONGEST_BODY, Answer, KeptConnection, NoAnswer
from market.quote import SYMBOL, Clock, Quote, now
from market.refusals import Said, cause, decoded, retry_after
from market.unavailable import Cause, QuoteUnavailable

_SHOWN = 200  # bytes of a bad body that the error shows: enough to recognise a proxy's page
_CLIENT = {"User-Agent": "btc-logger/0.1", "Accept": "application/json"}


@dataclass(frozen=True)
class Ticker:
    """The checked fields of one ticker body, as in `Quote`."""

    price: str
    bid: str
    ask: str
    volume_24h: str
    exchange_ts: str | None  # None where what stands there is no time


def own_time(read: Callable[[object], str], value: object) -> str | None:
    """An exchange's own time as `read` makes it of a field; None if it cannot.

    That alone is no reason to lose the price: exchanges change how they write times.
    """
    try:
        return read(value)
    except ValueError:
        return None


class Exchange(ABC):
    """A source that asks one exchange, over a connection that is kept open.

    `base_url` replaces the real address, `clock` and `monotonic` the real clocks; `api_key` is
    sent in `key_header`, and never shown.
    """

    name: str
    base_url: str
    path: str
    symbol: str = SYMBOL
    flags: str = ""  # of each of its quotes
    coarse_time: bool = False  # whether its time may lag by minutes although its price is new
    key_header: str  # of those that take a key

    def __init__(
        self,
        base_url: str | None = None,
        clock: Clock = now,
        monotonic: Callable[[], float] = time.monotonic,
        stale_after: float | None = None,
        api_key: str = "",
    ) -> None:
        self.stale_after = stale_after
        self._clock = clock
        self._key = api_key
        headers = _CLIENT | ({self.key_header: api_key} if api_key else {})
        url = (base_url or self.base_url) + self.path
        self._connection = KeptConnection(url, headers, monotonic)

    def quote(self) -> Quote:
        """The ticker now.

        Raises:
            QuoteUnavailable: no answer, a status that is not 200, or a body that is no ticker.
        """
        answer = self._ask()
        observed_at = self._clock()
        ticker = self._read(answer)
        odd = [self.flags, "untimed" if ticker.exchange_ts is None else ""]
        return Quote(
            self.name,
            ticker.price,
            ticker.bid,
            ticker.ask,
            ticker.volume_24h,
            ticker.exchange_ts or "",
            round(answer.seconds * 1000),
            observed_at,
            self.symbol,
            "|".join(filter(None, odd)),
        )

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _ask(self) -> Answer:
        try:
            answer = self._connection.get()
        except NoAnswer as error:
            raise QuoteUnavailable(
                f"{self.name} did not answer: {error}", name=self.name, cause=Cause.NETWORK
            ) from error
        if not self._key:
            return answer
        # A proxy may answer with what it was sent, and errors show bodies.
        return replace(answer, body=answer.body.replace(self._key.encode(), b"[key]"))

    def _read(self, answer: Answer) -> Ticker:
        if len(answer.body) > LONGEST_BODY:
            raise self._refusal(answer, f" with more than {LONGEST_BODY} bytes")
        body = decoded(answer)
        said = self._said(body)
        if said or answer.status != 200:
            raise self._refusal(answer, "", said)
        if body is None:
            raise self._refusal(answer, " with no JSON")
        try:
            return self._parse(body)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            reason = f"{type(error).__name__}: {error}"[:_SHOWN]
            raise self._refusal(answer, f" with no ticker ({reason})") from error

    def _refusal(self, answer: Answer, what: str, said: Said | None = None) -> QuoteUnavailable:
        shown = answer.body[:_SHOWN].decode(errors="backslashreplace")
        its_words = f": {shown!r}" if shown else " and nothing else"
        return QuoteUnavailable(
            f"{self.name} answered {answer.status}{what}{its_words}",
            name=self.name,
            cause=cause(answer.status, said),
            status=answer.status,
            retry_after=retry_after(answer.headers, said, self._clock()),
        )

    @staticmethod
    @abstractmethod
    def _said(body: Any) -> Said | None:
        """What a decoded body says if it is an error, else None."""

    @abstractmethod
    def _parse(self, body: Any) -> Ticker:
        """The fields of a decoded body; any lookup, type or value error means a bad body."""
