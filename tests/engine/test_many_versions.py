import tracemalloc
from pathlib import Path

from engine.archives import (
    SERVICE,
    LocalStore,
    append,
    back_up,
    bring_back,
    entry,
    newest,
    noise,
    write,
)
from shared.document import encode
from shared.format import EarlierVersion, FileEntry
from shared.growth import ASKED
from shared.names import manifest_name
from shared.provider import Provider
from shared.prune import Retention, prune

VERSIONS = 3 * ASKED


def _rewrite(data: Path, provider: Provider, path: str) -> list[int]:
    """Back the file up, each time with other content and shorter; the reads of each backup."""
    reads = []
    for number in range(VERSIONS):
        content = noise(1000 - number, seed=str(number))
        write(data, path, content, hours_ago=2 - number / VERSIONS)
        reads.append(back_up(data, provider).operations.get("get", 0))
    return reads


def test_a_backup_reads_no_more_for_more_versions(data: Path, local: LocalStore) -> None:
    """Though each of the earlier ones might be what the new one begins."""
    reads = _rewrite(data, local.provider, "latest.csv")
    assert len(set(reads[ASKED + 1 :])) == 1
    assert max(reads) <= ASKED + 3


def test_all_versions_are_kept_however_many_there_are(
    data: Path, local: LocalStore, tmp_path: Path
) -> None:
    """And the newest is what a restore brings."""
    _rewrite(data, local.provider, "latest.csv")
    kept = entry(newest(local.provider), "latest.csv")
    assert sorted(version.size for version in kept.earlier) == list(range(1002 - VERSIONS, 1001))
    bring_back(tmp_path / "back", local.provider)
    assert (tmp_path / "back/latest.csv").read_bytes() == (data / "latest.csv").read_bytes()


def test_growth_is_read_alone_whatever_a_file_held_before(data: Path, local: LocalStore) -> None:
    """A table that starts anew each day has as many earlier versions as days, and goes on."""
    _rewrite(data, local.provider, "current.csv")
    append(data, "current.csv", b"one more row\n")
    first = back_up(data, local.provider)
    append(data, "current.csv", b"and another\n")
    second = back_up(data, local.provider)
    assert (first.new_bytes, second.new_bytes) == (13, 12)
    assert second.operations["get"] <= 6
    assert len(entry(newest(local.provider), "current.csv").earlier) == VERSIONS - 1


def test_what_was_continued_long_ago_is_let_go(data: Path, local: LocalStore) -> None:
    """A table that starts anew each hour is soon followed by many others, all of them longer."""
    for number in range(VERSIONS):
        hours_ago = 2.0 * (VERSIONS - number)
        write(data, "current.csv", noise(100, seed=str(number)), hours_ago)
        back_up(data, local.provider)
        append(data, "current.csv", noise(100, seed=f"more {number}"), hours_ago - 1)
        back_up(data, local.provider)
    local.age(hours=30)
    report = prune(local.provider, SERVICE, Retention(keep_last=1, keep_daily=1))
    assert (report.kept, report.warnings) == ([2 * VERSIONS], [])


def _memory_of_a_prune(provider: Provider) -> int:
    """Bytes at its peak."""
    tracemalloc.start()
    try:
        prune(provider, SERVICE, Retention())
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_prune_of_many_backups_holds_each_version_once(data: Path, local: LocalStore) -> None:
    """A function has little memory, and each of a hundred backups names all versions."""
    write(data, "latest.csv", b"rows\n")
    back_up(data, local.provider)
    first = newest(local.provider)
    versions = [
        EarlierVersion(size=9, mtime_ns=at, chunks=(f"{at:064x}",), replaced_in=1)
        for at in range(1000)
    ]
    files = (FileEntry.model_validate({**dict(first.files[0]), "earlier": versions}),)
    for number in range(2, 33):
        many = first.model_copy(update={"number": number, "files": files})
        local.plant(manifest_name(number), encode(many))
        if number == 2:
            with_one = _memory_of_a_prune(local.provider)
    # As objects of their own, the versions would take five times their text.
    assert _memory_of_a_prune(local.provider) - with_one < 30 * len(encode(many))
