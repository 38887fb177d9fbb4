"""What a quote may be before it counts as odd: the settings of that, as the rules take them."""

from dataclasses import dataclass
from decimal import Decimal

from shared.settings import LoggerSettings


@dataclass(frozen=True)
class Limits:
    """Each is the last value that is still fine."""

    lowest_price_usd: Decimal
    highest_price_usd: Decimal
    wide_spread_bps: Decimal  # from bid to ask, of their middle
    off_book_bps: Decimal  # from the book to a last trade that is outside of it
    future_seconds: float
    deviation_warning_bps: Decimal  # from the median of the sources
    outlier_bps: Decimal  # likewise

    @classmethod
    def of(cls, settings: LoggerSettings) -> "Limits":
        """The limits in the settings, which have the same names."""
        return cls(**{name: getattr(settings, name) for name in cls.__dataclass_fields__})
