"""Metric families in short: a name, a help text, labels, and then the samples."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

Samples = Mapping[Any, float | None]  # by a tuple of the labels' values, of whatever length


def gauge(name: str, text: str, labels: Iterable[str], samples: Samples) -> Metric:
    """What goes up and down; a sample that is None is not known, and not told."""
    return _filled(GaugeMetricFamily(f"btc_logger_{name}", text, labels=tuple(labels)), samples)


def counter(name: str, text: str, labels: Iterable[str], samples: Samples) -> Metric:
    """What only grows since the process began; its samples are called `…_total`."""
    return _filled(CounterMetricFamily(f"btc_logger_{name}", text, labels=tuple(labels)), samples)


def one(value: float | None) -> Samples:
    """The only sample of a family without labels."""
    return {(): value}


def unix(at: datetime | None) -> float | None:
    """A time as instruments have it."""
    return at.timestamp() if at else None


def _filled(family: GaugeMetricFamily | CounterMetricFamily, samples: Samples) -> Metric:
    for values, value in samples.items():
        if value is not None:
            family.add_metric(values, value)
    return family
