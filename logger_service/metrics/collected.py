"""All metrics of this process, put together anew at each scrape: nothing is counted twice."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from health.look import Look
from health.reasons import worst
from metrics.families import counter, gauge, one
from metrics.metered import Metered
from metrics.of_backups import of_backups
from metrics.of_restores import of_restores
from metrics.of_writing import of_writing
from shared.receipt import RECEIPT, read_receipt_of

STATUSES = ("healthy", "degraded", "unhealthy")


class Collected(Collector):
    """Reads the live objects whenever it is asked."""

    def __init__(self, metered: Metered) -> None:
        self._metered = metered

    def collect(self) -> Iterator[Metric]:
        """Every family, those of the process itself excepted."""
        look = self._metered.health.look()
        yield from self._of_whole(look)
        yield from of_writing(look)
        yield from of_backups(look)
        receipt = read_receipt_of(
            self._metered.health.watched.settings.data_dir.absolute(), RECEIPT
        )
        yield from of_restores(receipt, look.catch_up)
        yield from self._of_people()

    def _of_whole(self, look: Look) -> Iterator[Metric]:
        now = worst(self._metered.health.judge(look).reasons) or STATUSES[0]
        statuses = {(status,): float(status == now) for status in STATUSES}
        yield gauge("health", "1 for how the logger stands", ("status",), statuses)
        risk = look.at_risk
        text = "Rows that go with this disk"
        yield gauge("disk_rows_at_risk", text, (), one(risk.rows if risk else None))
        text = "Bytes that go with this disk"
        yield gauge("disk_at_risk_bytes", text, (), one(risk.bytes if risk else None))

    def _of_people(self) -> Iterator[Metric]:
        metered = self._metered
        events = {(kind,): float(count) for kind, count in metered.events.by_kind.items()}
        yield counter("critical_events", "Critical events, by kind", ("kind",), events)
        text = "Requests with a wrong token"
        yield counter("failed_logins", text, (), one(metered.failed_logins.count))
        ended = {pair: float(count) for pair, count in metered.jobs.ended.items()}
        yield counter("jobs", "Jobs that ended", ("kind", "result"), ended)


def exposition(metered: Metered, accept: str) -> tuple[bytes, str]:
    """The text, and its content type, in the form that the header asks for."""
    registry = CollectorRegistry()
    registry.register(Collected(metered))
    ProcessCollector(registry=registry)
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type
