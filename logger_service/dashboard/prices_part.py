"""The prices of the last 24 hours: a chart, what its shapes mean, and a table of the same."""

from collections.abc import Callable
from datetime import datetime

from charts.price_chart import PriceChart, price_chart
from charts.price_scale import dollars
from dashboard.part import Part, Told
from market.quote import now
from reading.price_minutes import MINUTE_SECONDS
from reading.recent_prices import RecentPrices
from shared.settings import LoggerSettings

SECONDS = 30.0


def prices_part(settings: LoggerSettings, clock: Callable[[], datetime] = now) -> Part:
    """It changes once a minute, because only whole minutes are shown."""
    recent = RecentPrices(settings.data_dir.absolute())
    return Part(
        "prices",
        "Prices of the last 24 hours",
        SECONDS,
        lambda: _told(settings, recent, clock()),
    )


def _told(settings: LoggerSettings, recent: RecentPrices, at: datetime) -> Told:
    chart = _chart(settings, recent, int(at.timestamp()) // MINUTE_SECONDS)
    return {
        "chart": chart,
        "sentence": _sentence(chart) if chart else "",
        "has_own_logger": bool(settings.logger_command),
        "dollars": dollars,
    }


def _chart(settings: LoggerSettings, recent: RecentPrices, minute: int) -> PriceChart | None:
    """The minute that is not over yet is shown only where there is no other."""
    for end in (minute, minute + 1):
        chart = price_chart(recent.before(end), settings.log_interval_seconds)
        if chart:
            return chart
    return None


def _sentence(chart: PriceChart) -> str:
    """For whoever does not see the chart."""
    when = f"From {chart.start:%Y-%m-%d %H:%M} to {chart.end:%Y-%m-%d %H:%M} UTC"
    doubtful = sum(line.facts.doubtful for line in chart.lines)
    beside = (
        f"Times without a row of any source: {len(chart.bands)}. Doubtful rows: {doubtful}. "
        "The table below says more."
    )
    if chart.lowest is None or chart.highest is None:
        return f"{when} no price counts. {beside}"
    newest = ", ".join(
        f"{line.source} {dollars(line.facts.newest)}"
        for line in chart.lines
        if line.facts.newest is not None
    )
    between = f"{dollars(chart.lowest)} and {dollars(chart.highest)} dollars"
    return f"{when} prices were between {between}. The newest: {newest}. {beside}"
