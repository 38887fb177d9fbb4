"""Which backups and paths a logger takes note of, and what its looks cost."""

import json
from pathlib import Path

import pytest

from catching_up.followed_history import LISTING_SECONDS, FollowedHistory
from catching_up.what_is_here import UNKNOWN, Here
from engine.archives import SERVICE, LocalStore, WatchedProvider, append, write
from logger_service.catching import OWN, push
from shared.errors import StorageUnavailable, TooNew
from shared.names import manifest_name
from shared.provider import Reader

OLD = "11111111"  # the instance that a deploy ends


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    """An empty local provider."""
    return LocalStore(tmp_path / "backups")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The old instance's disk."""
    return tmp_path / "old"


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """The disk of the instance that looks."""
    return tmp_path / "new"


def follow(reader: Reader, here: Here = UNKNOWN) -> FollowedHistory:
    """The history as the instance `OWN` follows it."""
    return FollowedHistory(reader, SERVICE, OWN, here)


def write_and_push(root: Path, store: LocalStore, instance: str, *names: str) -> int:
    """A row more in each of these files, and a backup."""
    for name in names:
        if not (root / name).exists():
            write(root, name, b"")
        append(root, name, b"a row\n")
    return push(root, store.provider, instance)


def edit(store: LocalStore, number: int, **fields: object) -> None:
    """Let a manifest say something else."""
    document = json.loads(store.objects()[manifest_name(number)]) | fields
    store.plant(manifest_name(number), json.dumps(document).encode())


def test_looks_without_news_cost_one_question_each(old: Path, store: LocalStore) -> None:
    """And no listing, which costs a hundred times as much."""
    number = write_and_push(old, store, OLD, "a.csv")
    reader = store.another()
    history = follow(reader, Here(number))
    for _ in range(100):
        history.look()
    assert reader.operations == {"stat": 100}


def test_the_first_look_without_a_receipt_lists_and_wants_everything(
    old: Path, store: LocalStore
) -> None:
    """Once: from then on, what a backup changed."""
    write_and_push(old, store, OLD, "a.csv", "b.csv")
    reader = store.another()
    history = follow(reader)
    history.look()
    assert (history.number, history.wanted) == (1, {"a.csv", "b.csv"})
    history.wanted.clear()
    write_and_push(old, store, OLD, "b.csv", "c.csv")
    history.look()
    assert (history.number, history.wanted) == (2, {"b.csv", "c.csv"})
    assert reader.operations["list"] == 1


def test_what_the_start_lacked_is_wanted_and_nothing_else(old: Path, store: LocalStore) -> None:
    """The receipt names it; the backup itself need not be read for that."""
    number = write_and_push(old, store, OLD, "a.csv", "b.csv")
    reader = store.another()
    history = follow(reader, Here(number, frozenset({"b.csv"})))
    history.look()
    assert history.wanted == {"b.csv"}
    assert reader.operations == {"stat": 1}


def test_several_backups_at_once_are_read_one_after_the_other(old: Path, store: LocalStore) -> None:
    """What each of them changed is wanted."""
    number = write_and_push(old, store, OLD, "a.csv", "b.csv", "c.csv")
    history = follow(store.another(), Here(number))
    write_and_push(old, store, OLD, "b.csv")
    write_and_push(old, store, OLD, "c.csv")
    history.look()
    assert (history.number, history.wanted) == (3, {"b.csv", "c.csv"})


def test_what_came_from_this_instance_is_settled(old: Path, new: Path, store: LocalStore) -> None:
    """Its own files, and one that both instances rewrite; what the old one wrote stays wanted."""
    number = write_and_push(old, store, OLD, "state.csv", "old.csv")
    history = follow(store.another(), Here(number))
    write_and_push(old, store, OLD, "old.csv")
    write(new, "state.csv", b"other\n", hours_ago=0)
    write_and_push(new, store, OWN, "new.csv")
    history.look()
    assert (history.number, history.wanted) == (3, {"old.csv"})


def test_an_archive_that_began_with_this_instance_has_nothing_for_it(
    new: Path, store: LocalStore
) -> None:
    """As the local backups of a new disk."""
    write_and_push(new, store, OWN, "a.csv")
    write_and_push(new, store, OWN, "b.csv")
    history = follow(store.another())
    history.look()
    assert (history.number, history.wanted) == (2, set())


def test_without_a_receipt_only_what_is_not_from_here_is_wanted(
    old: Path, new: Path, store: LocalStore
) -> None:
    """Also where this instance has pushed before its first look."""
    write_and_push(old, store, OLD, "old.csv")
    write_and_push(new, store, OWN, "new.csv")
    history = follow(store.another())
    history.look()
    assert (history.number, history.wanted) == (2, {"old.csv"})


def test_what_own_backups_carry_over_from_pruned_ones_is_wanted(
    old: Path, new: Path, store: LocalStore
) -> None:
    """Nothing tells any more what of it came from here."""
    write_and_push(old, store, OLD, "old.csv")
    write_and_push(new, store, OWN, "new.csv")
    store.remove(manifest_name(1))
    history = follow(store.another())
    history.look()
    assert history.wanted == {"old.csv", "new.csv"}


def test_what_an_own_backup_carries_over_from_a_pruned_one_between_is_wanted(
    old: Path, new: Path, store: LocalStore
) -> None:
    """Although an older one of another instance is still there to compare with."""
    write_and_push(old, store, OLD, "a.csv")
    pruned = write_and_push(old, store, OLD, "b.csv")
    write_and_push(new, store, OWN, "mine.csv")
    store.remove(manifest_name(pruned))
    followed = follow(store.another())
    followed.look()
    assert {"a.csv", "b.csv"} <= followed.wanted


def test_a_first_boot_sees_the_first_backup_that_appears(old: Path, store: LocalStore) -> None:
    """Nothing was there when it began."""
    reader = store.another()
    history = follow(reader)
    history.look()
    assert (history.number, history.wanted) == (0, set())
    write_and_push(old, store, OLD, "a.csv")
    history.look()
    assert (history.number, history.wanted) == (1, {"a.csv"})
    assert reader.operations["list"] == 1


@pytest.mark.parametrize("how", ["gone", "damaged"])
def test_where_the_start_s_backup_cannot_be_read_everything_is_wanted_once(
    old: Path, store: LocalStore, how: str
) -> None:
    """Nothing else tells what the next one changed."""
    number = write_and_push(old, store, OLD, "a.csv", "b.csv")
    history = follow(store.another(), Here(number))
    write_and_push(old, store, OLD, "b.csv")
    if how == "gone":
        store.remove(manifest_name(number))
    else:
        store.plant(manifest_name(number), b"{")
    history.look()
    assert (history.number, history.wanted) == (2, {"a.csv", "b.csv"})
    history.wanted.clear()
    write_and_push(old, store, OLD, "b.csv")
    history.look()
    assert history.wanted == {"b.csv"}


@pytest.mark.parametrize("how", ["damaged", "of another service"])
def test_a_planted_backup_is_passed_over(old: Path, store: LocalStore, how: str) -> None:
    """The next one is read as if it were not there (rule 10)."""
    number = write_and_push(old, store, OLD, "a.csv", "b.csv")
    history = follow(store.another(), Here(number))
    write_and_push(old, store, OLD, "a.csv")
    if how == "damaged":
        store.plant(manifest_name(2), b"\0" * 100)
    else:
        edit(store, 2, service="another", files=[])
    history.look()
    assert (history.number, history.readable, history.wanted) == (2, 1, set())
    write_and_push(old, store, OLD, "b.csv")
    history.look()
    assert (history.number, history.readable) == (3, 3)
    assert history.wanted == {"a.csv", "b.csv"}


def test_a_backup_of_this_instance_settles_nothing_after_an_unreadable_one(
    old: Path, new: Path, store: LocalStore
) -> None:
    """What seems to come from here may have come from there: twice is better than never."""
    number = write_and_push(old, store, OLD, "a.csv")
    history = follow(store.another(), Here(number))
    write_and_push(old, store, OLD, "a.csv")
    write_and_push(new, store, OWN, "new.csv")
    store.plant(manifest_name(2), b"{")
    history.look()
    assert history.wanted == {"a.csv", "new.csv"}


def test_numbers_that_have_jumped_are_seen_by_a_listing(old: Path, store: LocalStore) -> None:
    """A quarter of an hour later; the numbers between are gone, and so are their backups."""
    number = write_and_push(old, store, OLD, "a.csv", "b.csv")
    now = [0.0]
    reader = store.another()
    history = FollowedHistory(reader, SERVICE, OWN, Here(number), lambda: now[0])
    for name in ("a.csv", "b.csv", "a.csv"):
        write_and_push(old, store, OLD, name)
    store.remove(manifest_name(2))
    history.look()
    assert history.number == 1
    now[0] += LISTING_SECONDS + 1
    history.look()
    assert (history.number, history.wanted) == (4, {"a.csv", "b.csv"})
    history.look()
    assert reader.operations["list"] == 1


def test_an_archive_that_begins_anew_is_followed_from_its_start(
    old: Path, store: LocalStore
) -> None:
    """Somebody has emptied the bucket: its numbers are lower than the newest that was seen."""
    now = [0.0]
    history = FollowedHistory(store.another(), SERVICE, OWN, Here(7), lambda: now[0])
    write_and_push(old, store, OLD, "a.csv")
    history.look()
    assert (history.number, history.wanted) == (7, set())
    now[0] += LISTING_SECONDS + 1
    history.look()
    assert (history.number, history.wanted) == (1, {"a.csv"})


def test_a_storage_that_fails_in_the_middle_is_asked_again(old: Path, store: LocalStore) -> None:
    """No backup is passed over for it."""
    number = write_and_push(old, store, OLD, "a.csv", "b.csv")
    provider = WatchedProvider(store.another())
    history = follow(provider, Here(number))
    write_and_push(old, store, OLD, "a.csv")
    write_and_push(old, store, OLD, "b.csv")

    def fail(name: str) -> None:
        if name == manifest_name(3):
            raise StorageUnavailable("no answer", name=name)

    provider.before_get = fail
    with pytest.raises(StorageUnavailable):
        history.look()
    assert (history.number, history.wanted) == (2, {"a.csv"})
    provider.before_get = lambda _name: None
    history.look()
    assert (history.number, history.wanted) == (3, {"a.csv", "b.csv"})


def test_a_backup_of_a_newer_format_is_an_error_at_each_look(old: Path, store: LocalStore) -> None:
    """It is not passed over: only a newer logger can read it."""
    number = write_and_push(old, store, OLD, "a.csv")
    history = follow(store.another(), Here(number))
    write_and_push(old, store, OLD, "a.csv")
    edit(store, 2, min_reader=99)
    for _ in range(2):
        with pytest.raises(TooNew):
            history.look()
    assert history.number == 1
