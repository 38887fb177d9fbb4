"""What a file costs that is rewritten between backups, told to whoever can leave it out.

A state file of a few kilobytes may change every second; only what costs money or room is named.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.document import LARGEST_DOCUMENT
from shared.format import FileEntry
from shared.merge import keeps_one
from shared.names import digest_of
from shared.prune import YOUNGEST_CHUNK, Retention

DAY = 24 * 3600.0  # seconds
MONTH = 30 * DAY
# Bytes a month that one file may take from the logger before it is named. Render asks $0.15 for
# a GB beyond the plan's allowance: with less, there is nothing to be saved.
WORTH_TELLING = 1e9
# Cloud Scheduler calls no more often. Two backups by hand tell nothing of a month.
SHORTEST_PACE = 60.0  # seconds
# Versions of one table: told at this number, at twice, at four times as many …
MANY_EARLIER = 10
TOO_MANY = 50_000  # … and from here on every time: the manifests grow too large to be read
# What has a meaning in a pattern or in a `.env` file, and a space that would be cut off.
ODD = re.compile(r"""[*?\[#$'"]|^ | $""")
UNITS = ("bytes", "kB", "MB", "GB", "TB")


@dataclass(frozen=True)
class Pace:
    """How often backups are made, and which of them are kept."""

    seconds: float  # from the backup before to this one
    number: int  # of the backup before
    retention: Retention

    @property
    def each(self) -> float:
        """Seconds from one backup to the next."""
        return max(self.seconds, SHORTEST_PACE)

    @property
    def kept(self) -> int:
        """Backups whose chunks are not let go: also the younger ones, until prune may have them."""
        young = YOUNGEST_CHUNK.total_seconds() / self.each
        return max(self.retention.keep_last, round(young)) + self.retention.keep_daily


def rewriting(
    before: Iterable[FileEntry],
    after: Iterable[FileEntry],
    fetched: Mapping[str, int],
    pace: Pace,
) -> list[str]:
    """What a person should know of the files that were rewritten.

    `fetched` has the stored bytes of each chunk, by digest, that came from the logger for this.
    """
    known = {entry.path: entry for entry in before}
    told = []
    for entry in after:
        if (old := known.get(entry.path)) is None or entry.versions == old.versions:
            continue
        if _is_rewritten(old, entry):
            told += _traffic(old, entry, fetched, pace)
        told += _many_versions(old, entry)
    return told


def _is_rewritten(old: FileEntry, new: FileEntry) -> bool:
    """Of a table that has only grown, the shorter version is gone."""
    if keeps_one(new.path):
        return new.digests != old.digests
    return len(new.earlier) > len(old.earlier)


def _traffic(old: FileEntry, new: FileEntry, fetched: Mapping[str, int], pace: Pace) -> list[str]:
    came = fetched.keys() - old.all_digests
    spans = (span for version in new.versions for span in version.spans())
    lengths = {digest_of(ref): length for _, length, ref in spans}
    chunks = {digest: lengths[digest] for digest in lengths.keys() & came}
    stored = sum(fetched[digest] for digest in chunks)
    each = max(pace.each, (new.mtime_ns - old.mtime_ns) / 1e9)  # it may be rewritten more seldom
    monthly = stored * MONTH / each
    if monthly < WORTH_TELLING:
        return []
    kept = f"{in_units(monthly)} more stored each month, for every version of a table is kept"
    if keeps_one(new.path):
        kept = f"up to {in_units(stored * pace.kept)} kept by the {pace.kept} backups that stay"
    told = (
        f"{new.path}: rewritten since backup {pace.number}: "
        f"{in_units(sum(chunks.values()))} fetched again, {in_units(stored)} compressed; "
        f"at one backup in {_duration(each)} that is {in_units(monthly)} of traffic a month, "
        f"and {kept}; "
        f"BACKUP_EXCLUDE={_pattern(new.path)} leaves it out"
    )
    return [told]


def _many_versions(old: FileEntry, new: FileEntry) -> list[str]:
    count = len(new.earlier)
    if not (count > len(old.earlier) and _is_time_to_tell(len(old.earlier), count)):
        return []
    size = sum(version.size for version in new.earlier)
    named = sum(len(version.model_dump_json()) for version in new.earlier)
    told = (
        f"{new.path}: rewritten again and again: its {count} earlier versions hold "
        f"{in_units(size)} uncompressed, and naming them takes {in_units(named)} of every "
        f"backup's manifest, which may have {in_units(LARGEST_DOCUMENT)}; all are kept. "
        f"BACKUP_EXCLUDE={_pattern(new.path)} ends that, and what there is stays"
    )
    return [told]


def _is_time_to_tell(before: int, now: int) -> bool:
    """Whether a doubling was reached, or it is too many anyway."""
    doublings = (MANY_EARLIER << step for step in range(now.bit_length()))
    return now >= TOO_MANY or any(before < one <= now for one in doublings)


def _pattern(path: str) -> str:
    """What excludes just this file, and none of its name in another folder.

    A comma would divide the setting.
    """
    whole = path if "/" in path else f"/{path}"
    return ODD.sub(r"[\g<0>]", whole).replace(",", "?")


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 2 * 3600 else f"{seconds / 3600:.0f} hours"


def in_units(size: float) -> str:
    """Bytes as a person reads them."""
    step = 0
    while size >= 999.5 and step < len(UNITS) - 1:
        size, step = size / 1000, step + 1
    return f"{size:.1f} {UNITS[step]}" if step and size < 99.95 else f"{size:.0f} {UNITS[step]}"
