import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.archives import (
    SERVICE,
    LocalStore,
    WatchedProvider,
    append,
    back_up,
    bring_back,
    contents,
    entry,
    first_chunk,
    newest,
    noise,
    rows,
    write,
)
from shared.archive import read_archive
from shared.chunk import CHUNK_SIZE, compress
from shared.errors import StorageUnavailable
from shared.names import beside, manifest_name
from shared.provider import Provider
from shared.receipt import Outcome

LONG = noise(2 * CHUNK_SIZE + 1000)


@pytest.fixture
def back(tmp_path: Path) -> Path:
    """Where files are restored to; it does not exist yet."""
    return tmp_path / "back"


def fail(name: str) -> None:
    """No answer."""
    raise StorageUnavailable("no answer", name=name)


def empty(store: LocalStore, _data: Path) -> Provider:
    """Answers, and holds nothing."""
    return store.provider


def full(store: LocalStore, data: Path) -> Provider:
    """Has a good backup."""
    back_up(data, store.provider)
    return store.provider


def unreachable(store: LocalStore, data: Path) -> Provider:
    """Has a good backup, and does not answer."""
    provider = WatchedProvider(full(store, data))
    provider.before_list = provider.before_get = fail
    return provider


def half_reachable(store: LocalStore, data: Path) -> Provider:
    """Lists its backups, and does not give them."""
    provider = WatchedProvider(full(store, data))
    provider.before_get = fail
    return provider


def damaged(store: LocalStore, _data: Path) -> Provider:
    """Has a backup that is not one."""
    store.plant(manifest_name(1), b"{}")
    return store.provider


def foreign(store: LocalStore, data: Path) -> Provider:
    """Has a backup of another service."""
    manifest = full(store, data).get(manifest_name(1), 10_000)
    store.plant(manifest_name(1), manifest.replace(b'"btc-logger"', b'"other"'))
    return store.provider


State = Callable[[LocalStore, Path], Provider]
FIRST, NOTHING = Outcome.FIRST_BOOT, Outcome.NOTHING
UNREACHABLE, RESTORED, IN_PART = Outcome.UNREACHABLE, Outcome.RESTORED, Outcome.IN_PART
EXPECTED: dict[tuple[State, State], Outcome] = {
    (empty, empty): FIRST,
    (empty, full): RESTORED,
    (empty, unreachable): UNREACHABLE,
    (empty, half_reachable): UNREACHABLE,
    (empty, damaged): NOTHING,
    (empty, foreign): NOTHING,
    (full, full): RESTORED,
    (full, unreachable): RESTORED,
    (full, half_reachable): RESTORED,
    (full, damaged): IN_PART,
    (full, foreign): IN_PART,
    (unreachable, unreachable): UNREACHABLE,
    (unreachable, half_reachable): UNREACHABLE,
    (unreachable, damaged): NOTHING,
    (unreachable, foreign): NOTHING,
    (half_reachable, half_reachable): UNREACHABLE,
    (half_reachable, damaged): NOTHING,
    (damaged, damaged): NOTHING,
}


def test_a_damaged_older_backup_is_only_told_of(data: Path, local: LocalStore, back: Path) -> None:
    """The newest holds all that it held: nothing is missing."""
    for size in (100, 200, 300):
        write(data, "a.csv", rows(size))
        back_up(data, local.provider)
    local.plant(manifest_name(2), b"{}")
    receipt = bring_back(back, local.provider)
    assert (receipt.outcome, contents(back)) == (Outcome.RESTORED, contents(data))
    assert "backup 2 cannot be read" in receipt.warnings[0]


@pytest.mark.parametrize(
    ("states", "outcome"),
    EXPECTED.items(),
    ids=[f"{one.__name__}-{other.__name__}" for one, other in EXPECTED],
)
def test_boot_outcomes_are_never_confused(
    tmp_path: Path, data: Path, states: tuple[State, State], outcome: Outcome
) -> None:
    """Whatever two providers answer, in either order, there is one right word for it (rule 8)."""
    write(data, "a.csv", rows(100))
    stores = LocalStore(tmp_path / "one"), LocalStore(tmp_path / "other")
    made = [state(store, data) for state, store in zip(states, stores, strict=True)]
    for number, readers in enumerate([made, made[::-1]]):
        back = tmp_path / f"back-{number}"
        receipt = bring_back(back, *readers)
        assert receipt.outcome == outcome
        assert len(receipt.unreachable) == sum("reachable" in one.__name__ for one in states)
        assert len(receipt.unreadable) == sum(one in (damaged, foreign) for one in states)
        assert back.exists() is (full in states)


def test_no_provider_at_all_is_a_first_boot(back: Path) -> None:
    """With none configured there is none that failed."""
    assert bring_back(back).outcome == Outcome.FIRST_BOOT
    assert not back.exists()


def test_a_damaged_newest_backup_is_restored_from_the_one_before(
    data: Path, local: LocalStore, back: Path
) -> None:
    """All that can be had is here, and the loss is named."""
    write(data, "a.csv", rows(100))
    back_up(data, local.provider)
    append(data, "a.csv", rows(300)[100:])
    back_up(data, local.provider)
    local.plant(manifest_name(2), local.objects()[manifest_name(2)][:-5])
    receipt = bring_back(back, local.provider)
    assert contents(back) == {"a.csv": rows(100)}
    assert receipt.outcome == Outcome.IN_PART
    assert "backup 2 cannot be read" in receipt.unreadable[0]


@pytest.mark.parametrize("index", [0, 1, 2])
def test_the_longest_good_beginning_is_restored(
    data: Path, local: LocalStore, back: Path, index: int
) -> None:
    """Up to the damaged chunk, and not the good ones after it; other files come whole."""
    write(data, "long.csv", LONG)
    write(data, "other.csv", rows(100), hours_ago=2)
    back_up(data, local.provider)
    local.plant(first_chunk(newest(local.provider), "long.csv", index), compress(b"swapped"))
    receipt = bring_back(back, local.provider)
    good = {"long.csv": LONG[: index * CHUNK_SIZE]} if index else {}
    assert contents(back) == good | {"other.csv": rows(100)}
    assert receipt.outcome == Outcome.IN_PART
    assert f"only {index * CHUNK_SIZE} of {len(LONG)} bytes" in receipt.problems["long.csv"]


@pytest.mark.parametrize("before", [500, CHUNK_SIZE + 700])
def test_an_older_backup_gives_the_tail_that_was_lost(
    data: Path, local: LocalStore, back: Path, before: int
) -> None:
    """Where the newest one's chunk is gone, an older backup's shorter one goes further."""
    write(data, "a.csv", LONG[:200])
    back_up(data, local.provider)
    for size in (before, before + 300):
        write(data, "a.csv", LONG[:size])
        back_up(data, local.provider)
    index = before // CHUNK_SIZE
    local.remove(first_chunk(newest(local.provider), "a.csv", index))
    receipt = bring_back(back, local.provider)
    assert contents(back) == {"a.csv": LONG[:before]}
    assert f"only {before} of {before + 300} bytes" in receipt.problems["a.csv"]


def test_the_tail_may_come_from_another_providers_older_backup(
    data: Path, local: LocalStore, back: Path, tmp_path: Path
) -> None:
    """The longest one of all providers is taken, in whatever order they are asked."""
    other = LocalStore(tmp_path / "other")
    for size, store in ((200, local), (600, other)):
        write(data, "a.csv", LONG[:size])
        back_up(data, store.provider)
    for store in (local, other):
        write(data, "a.csv", LONG[:900])
        back_up(data, store.provider)
        store.remove(first_chunk(newest(store.provider), "a.csv"))
    for number, readers in enumerate([(local, other), (other, local)]):
        bring_back(back / str(number), *(store.provider for store in readers))
        assert contents(back / str(number)) == {"a.csv": LONG[:600]}


def test_a_rewritten_version_is_not_taken_for_a_beginning(
    data: Path, local: LocalStore, back: Path
) -> None:
    """What the file held before it was rewritten is no part of it: it comes beside it."""
    write(data, "a.csv", rows(500), hours_ago=3)
    back_up(data, local.provider)
    write(data, "a.csv", noise(900), hours_ago=2)
    back_up(data, local.provider)
    write(data, "b.csv", rows(10))
    back_up(data, local.provider)
    local.remove(first_chunk(newest(local.provider), "a.csv"))
    (earlier,) = entry(newest(local.provider), "a.csv").earlier
    receipt = bring_back(back, local.provider)
    name = beside("a.csv", "earlier", earlier.identity)
    assert contents(back) == {"b.csv": rows(10), name: rows(500)}
    assert "only 0 of 900 bytes" in receipt.problems["a.csv"]


def test_another_state_of_a_json_is_not_taken_for_its_beginning(
    data: Path, local: LocalStore, back: Path
) -> None:
    """Only its largest earlier version is kept: that a shorter one is another shows nowhere.

    The one that is kept comes beside it.
    """
    for size, hours in ((2000, 3), (500, 2), (900, 1)):
        write(data, "state.json", json.dumps("x" * (size - 2) + str(size)).encode(), hours)
        back_up(data, local.provider)
    local.remove(first_chunk(newest(local.provider), "state.json"))
    (earlier,) = entry(newest(local.provider), "state.json").earlier
    receipt = bring_back(back, local.provider)
    assert list(receipt.problems) == ["state.json"]
    assert list(contents(back)) == [beside("state.json", "earlier", earlier.identity)]


def test_a_damaged_version_replaces_nothing(data: Path, local: LocalStore, back: Path) -> None:
    """However new and long its beginning is, a whole local file is worth more: it comes beside."""
    write(data, "a.csv", LONG, hours_ago=1)
    back_up(data, local.provider)
    local.remove(first_chunk(newest(local.provider), "a.csv", 2))
    write(back, "a.csv", rows(100), hours_ago=2)
    receipt = bring_back(back, local.provider)
    name = beside("a.csv", "restored", entry(newest(local.provider), "a.csv").identity)
    assert contents(back) == {"a.csv": rows(100), name: LONG[: 2 * CHUNK_SIZE]}
    assert list(receipt.problems) == ["a.csv"]


@pytest.mark.parametrize("damage", ["missing", "damaged", "unreachable"])
def test_a_chunk_comes_from_whichever_provider_has_it(
    data: Path, local: LocalStore, back: Path, tmp_path: Path, damage: str
) -> None:
    """A loss in one provider costs nothing while another has a good copy."""
    other = LocalStore(tmp_path / "other")
    write(data, "long.csv", LONG)
    back_up(data, local.provider)
    back_up(data, other.provider)
    first = WatchedProvider(local.provider)
    name = first_chunk(newest(local.provider), "long.csv", 1)
    if damage == "missing":
        local.remove(name)
    elif damage == "damaged":
        local.plant(name, local.objects()[name][:-1])
    else:
        first.before_get = lambda asked: fail(asked) if asked == name else None
    receipt = bring_back(back, first, other.provider)
    assert contents(back) == {"long.csv": LONG}
    assert (receipt.outcome, receipt.problems) == (Outcome.RESTORED, {})


def test_each_loss_is_named(data: Path, local: LocalStore, back: Path) -> None:
    """Three files of which nothing is left: three names, and what is wrong with each."""
    for number in range(5):
        write(data, f"{number}.csv", noise(100, str(number)))
    back_up(data, local.provider)
    manifest = newest(local.provider)
    local.remove(first_chunk(manifest, "0.csv"))
    local.plant(first_chunk(manifest, "1.csv"), b"")
    local.plant(first_chunk(manifest, "2.csv"), compress(b"other"))
    receipt = bring_back(back, local.provider)
    assert sorted(contents(back)) == ["3.csv", "4.csv"]
    assert sorted(receipt.problems) == ["0.csv", "1.csv", "2.csv"]
    assert "there is no object" in receipt.problems["0.csv"]
    assert "not a whole zstd frame" in receipt.problems["1.csv"]
    assert "5 bytes with SHA-256" in receipt.problems["2.csv"]
    assert receipt.outcome == Outcome.IN_PART


def test_backups_without_a_readable_chunk_restore_nothing(
    data: Path, local: LocalStore, back: Path
) -> None:
    """That is neither a first boot nor a success in part."""
    write(data, "a.csv", rows(100))
    back_up(data, local.provider)
    local.remove(first_chunk(newest(local.provider), "a.csv"))
    assert bring_back(back, local.provider).outcome == Outcome.NOTHING
    assert contents(back) == {}


def test_an_archive_says_which_providers_are_empty(local: LocalStore, data: Path) -> None:
    """Those that answered and have nothing are told from those that have."""
    write(data, "a.csv", rows(100))
    nothing = LocalStore(data.parent / "nothing").provider
    back_up(data, local.provider)
    archive = read_archive([nothing, local.provider], SERVICE)
    assert archive.empty == [nothing.address]
    assert list(archive.readers) == list(archive.backups) == [local.provider.address]
