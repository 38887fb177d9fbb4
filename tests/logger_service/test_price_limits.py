from dataclasses import fields
from decimal import Decimal

import pytest

from judging.limits import Limits
from shared.errors import BadSettings
from shared.settings import LoggerSettings, load

DEFAULTS = {
    "lowest_price_usd": Decimal(100),
    "highest_price_usd": Decimal(10_000_000),
    "wide_spread_bps": Decimal(100),
    "off_book_bps": Decimal(50),
    "future_seconds": 5,
    "deviation_warning_bps": Decimal(50),
    "outlier_bps": Decimal(200),
}
OF_SOURCES = ("stale_seconds", "stale_seconds_coarse")  # which sources are given, each its own


def test_the_limits_are_the_settings_of_the_same_names() -> None:
    """Each has its default, and none is forgotten."""
    limits = Limits.of(load(LoggerSettings))
    assert {field.name: getattr(limits, field.name) for field in fields(limits)} == DEFAULTS


@pytest.mark.parametrize("name", DEFAULTS)
def test_each_limit_can_be_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """To a broken number too, which stays as exact as it was written."""
    value = "101.25" if name != "deviation_warning_bps" else "49.25"
    monkeypatch.setenv("OUTLIER_BPS", "201")
    monkeypatch.setenv(name.upper(), value)
    assert getattr(Limits.of(load(LoggerSettings)), name) == Decimal(value)


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "many"])
@pytest.mark.parametrize("name", [*DEFAULTS, *OF_SOURCES])
def test_a_limit_is_a_number_above_zero(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else stands there stops the start, and is named and shown."""
    monkeypatch.setenv(name.upper(), value)
    with pytest.raises(BadSettings, match=rf"^{name.upper()}: found '{value}', "):
        load(LoggerSettings)


@pytest.mark.parametrize(
    ("lower", "higher", "value"),
    [
        ("LOWEST_PRICE_USD", "HIGHEST_PRICE_USD", "5000"),
        ("DEVIATION_WARNING_BPS", "OUTLIER_BPS", "75"),
    ],
)
def test_the_lower_limit_is_below_the_higher(
    lower: str, higher: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal ones leave nothing between them, and both are named."""
    monkeypatch.setenv(lower, value)
    monkeypatch.setenv(higher, value)
    with pytest.raises(BadSettings, match=f"{lower}: found {value}, .* {higher}, {value}"):
        load(LoggerSettings)
