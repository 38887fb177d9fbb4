"""The versions of one file that an archive keeps: none of them continues another.

There may be thousands, of a file that is rewritten whole again and again, so only those are
compared that begin alike.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from shared.format import Version
from shared.growth import Proven, extends

Kin = Mapping[str, set[str]]
"""Of each digest those that are proven to begin it, or that it begins."""


def kin_of(proven: Proven) -> Kin:
    """The same pairs, to be looked up from either side."""
    kin: dict[str, set[str]] = defaultdict(set)
    for short, long in proven:
        kin[short].add(long)
        kin[long].add(short)
    return kin


class KeptVersions:
    """Versions of one file, none of which extends another as far as proven."""

    def __init__(self, versions: Iterable[Version], proven: Proven, kin: Kin) -> None:
        self._proven, self._kin = proven, kin
        self._by_start: dict[str, dict[tuple[str, ...], Version]] = defaultdict(dict)
        for version in versions:
            self._keep(version)

    @property
    def versions(self) -> list[Version]:
        """In no order."""
        return [version for alike in self._by_start.values() for version in alike.values()]

    def add(self, version: Version) -> None:
        """Keep a version unless another one extends it, and none that it extends.

        Each keeps its own time; only the same bytes seen twice take the newer one. A time that
        went over to a longer version would make the order matter: which of two did a common
        beginning, an empty file or a header, belong to?
        """
        related = self._related(version)
        for other in related:
            if other.digests == version.digests:
                newest = max(other.mtime_ns, version.mtime_ns)
                version = other.model_copy(update={"mtime_ns": newest})
            elif extends(other, version, self._proven):
                return
        for other in related:
            if extends(version, other, self._proven):
                del self._by_start[_start(other)][other.digests]
        self._keep(version)

    def _keep(self, version: Version) -> None:
        self._by_start[_start(version)][version.digests] = version

    def _related(self, version: Version) -> list[Version]:
        """Those that may extend it or be its beginning, told by their first chunks.

        Of a thousand states of a file that is rewritten whole, that is none.
        """
        start = _start(version)
        if not start:
            return self.versions
        starts = {start, "", *self._kin.get(start, ())}
        found = (self._by_start.get(one, {}).values() for one in starts)
        return [other for alike in found for other in alike]


def _start(version: Version) -> str:
    """The digest of its first chunk; empty if it has none."""
    return next(iter(version.digests), "")
