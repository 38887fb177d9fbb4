"""Why a source gave no quote: the error, and the causes that it is sorted into."""

from enum import StrEnum

from shared.errors import BackupError


class Cause(StrEnum):
    """What kept a quote away; whether and when asking again may help depends on it."""

    RATE_LIMITED = "rate_limited"  # asked too often, by us or by others at our address
    BLOCKED = "blocked"  # refused for who or where we are
    SERVER = "server"  # the source's own trouble
    NETWORK = "network"  # no whole answer came
    BAD_BODY = "bad_body"  # an answer came that is no ticker
    BAD_SYMBOL = "bad_symbol"  # the source does not know the market, or the address is wrong


class QuoteUnavailable(BackupError):
    """A source gave no quote.

    `source` names it, `status` is its HTTP status if it answered, and `retry_after` the seconds
    that it asked to be left alone for, if it did.
    """

    def __init__(
        self,
        message: str,
        *,
        name: str,
        cause: Cause,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, name=name, status=status)
        self.cause = cause
        self.retry_after = retry_after

    @property
    def source(self) -> str:
        """The name of the source that gave none."""
        return self.name
