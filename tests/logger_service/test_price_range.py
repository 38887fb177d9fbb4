import pytest

from judging.sanity import check_range
from logger_service.quoted import LIMITS, quoted
from market.unavailable import Cause, QuoteUnavailable


@pytest.mark.parametrize("field", ["price", "bid", "ask"])
@pytest.mark.parametrize("value", ["100", "100.00000001", "9999999.99999999", "10000000"])
def test_what_btc_can_cost_is_taken(field: str, value: str) -> None:
    """The ends of the range included; the answer is the quote itself."""
    quote = quoted(**{field: value})
    assert check_range(quote, LIMITS) is quote


@pytest.mark.parametrize("field", ["price", "bid", "ask"])
@pytest.mark.parametrize("value", ["99.99999999", "0.01", "10000000.00000001", "9" * 20])
def test_what_btc_cannot_cost_is_no_quote(field: str, value: str) -> None:
    """The error names the field, the value and the range, and is one of a bad body."""
    with pytest.raises(QuoteUnavailable) as caught:
        check_range(quoted(**{"source": "kraken", field: value}), LIMITS)
    assert str(caught.value) == f"kraken sent a {field} of {value}, expected 100 to 10000000 USD"
    assert (caught.value.source, caught.value.cause) == ("kraken", Cause.BAD_BODY)


@pytest.mark.parametrize("volume", ["", "0", "0.5", "99999999999"])
def test_the_volume_is_not_judged(volume: str) -> None:
    """A market on which nothing was traded today still has a price."""
    quote = quoted(volume_24h=volume)
    assert check_range(quote, LIMITS) is quote
