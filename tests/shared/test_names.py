from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import names
from shared.errors import UnsafePath

DIGEST = "ab12" * 16
REFS = st.from_regex(r"[0-9a-f]{64}(\.[0-9a-z]{8})?", fullmatch=True)
NUMBERS = st.integers(1, 99_999_999)
# Texts that come close to a path: whole components, and the pieces that make them dangerous.
PIECES = st.sampled_from(["a", "b.csv", "/", "//", ".", "..", ".backup", "\\", "\0", "\n", "é"])
PATHS = st.text(max_size=12) | st.lists(PIECES, max_size=6).map("".join)


@given(PATHS)
def test_a_path_is_refused_or_stays_inside(path: str) -> None:
    """What check_path lets through is relative, normal, inside the root and not our notes."""
    try:
        names.check_path(path)
    except UnsafePath:
        return
    pure = PurePosixPath(path)
    assert str(pure) == path
    assert not pure.is_absolute()
    assert not {"..", ".", ""} & set(path.split("/"))
    assert pure.parts[0] != ".backup"
    assert len(path.splitlines()) == 1
    path.encode()


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("", "it is empty"),
        ("/etc/passwd", "it is absolute"),
        ("../x.csv", "'..'"),
        ("a/../../x.csv", "'..'"),
        ("a/./x.csv", "'.'"),
        ("a//x.csv", "empty"),
        ("a/", "empty"),
        ("a\\x.csv", "backslash"),
        ("a\0.csv", "unprintable"),
        ("a\n.csv", "unprintable"),
        ("a\u202e.csv", "unprintable"),
        ("a\ud800.csv", "UTF-8"),
        (".backup/receipt.json", "own notes"),
        (".backup", "own notes"),
        ("é" * 128 + ".csv", "longer than"),
        ("/".join(["abcdefg"] * 130), "longer than"),
    ],
)
def test_each_kind_of_bad_path_is_told_apart(path: str, fault: str) -> None:
    """The message shows the path and says what is wrong with it."""
    with pytest.raises(UnsafePath) as caught:
        names.check_path(path)
    assert fault in caught.value.message
    assert repr(path) in caught.value.message


@pytest.mark.parametrize(
    "path",
    [
        "a.csv",
        "BTC-USD/2026-11-22.ab12.csv",
        "..a/b..",
        ".x/.backup/y",
        "é" * 127,
        "a b",
        "a\u00a0b",
    ],
)
def test_ordinary_paths_are_taken(path: str) -> None:
    """Dots inside a name, spaces and other scripts are nothing bad."""
    assert names.check_path(path) == path


def test_locate_joins_a_path_to_its_root(tmp_path: Path) -> None:
    """Nothing has to exist there."""
    assert names.locate(tmp_path, "a/b.csv") == tmp_path / "a" / "b.csv"


@pytest.mark.parametrize("link", ["a", "a/b", "a/b/c.csv"])
def test_locate_refuses_a_symbolic_link_at_any_part(tmp_path: Path, link: str) -> None:
    """Neither a folder nor the file itself may be a link, whole or dangling."""
    root = tmp_path / "root"
    place = root / link
    place.parent.mkdir(parents=True)
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafePath, match="symbolic link"):
        names.locate(root, "a/b/c.csv")


def test_locate_refuses_what_check_path_refuses(tmp_path: Path) -> None:
    """No way out of the root."""
    with pytest.raises(UnsafePath, match="component"):
        names.locate(tmp_path / "root", "../x.csv")


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    """It is the operator's choice, not data."""
    (tmp_path / "link").symlink_to(tmp_path)
    assert names.locate(tmp_path / "link", "a.csv") == tmp_path / "link" / "a.csv"


@given(NUMBERS)
def test_a_manifest_name_gives_its_number_back(number: int) -> None:
    """And it is a name of ours, and of nothing else."""
    name = names.check_object_name(names.manifest_name(number))
    assert names.number_of(name) == number
    assert names.ref_of(name) is None


@given(NUMBERS, NUMBERS)
def test_names_of_backups_sort_like_their_numbers(one: int, other: int) -> None:
    """A listing in the order of names is the order of the history."""
    assert (names.manifest_name(one) < names.manifest_name(other)) == (one < other)


@given(REFS)
def test_a_chunk_name_gives_its_reference_back(ref: str) -> None:
    """With or without a suffix; the digest is what both have in common."""
    name = names.check_object_name(names.chunk_name(ref))
    assert names.ref_of(name) == ref
    assert names.is_ref(ref)
    assert names.digest_of(ref) == ref[:64]
    assert names.number_of(name) is None


def near_misses() -> st.SearchStrategy[str]:
    """Names of ours with one character put in, taken out or replaced."""
    good = st.sampled_from(
        [
            names.manifest_name(42),
            names.chunk_name(DIGEST),
            names.chunk_name(DIGEST + ".0a1b2c3d"),
            names.drill_name(42, datetime(2026, 11, 22, tzinfo=UTC)),
            "scratch/probe-1",
        ]
    )
    odd = st.sampled_from([*"/.0aA\n\0 \\-", "..", "٤", "é", ""])

    def spoil(name: str, at: int, taken: int, piece: str) -> str:
        at %= len(name) + 1
        return name[:at] + piece + name[at + taken :]

    return st.builds(spoil, good, st.integers(0, 99), st.integers(0, 1), odd)


@given(near_misses())
def test_a_spoiled_object_name_is_refused_or_still_one_of_ours(name: str) -> None:
    """Whatever passes is plain ASCII inside one folder, and stands for one thing only."""
    number, ref = names.number_of(name), names.ref_of(name)
    assert number is None or names.manifest_name(number) == name
    assert ref is None or names.chunk_name(ref) == name
    try:
        names.check_object_name(name)
    except UnsafePath:
        assert number is None
        assert ref is None
        return
    assert name.isascii()
    assert name.isprintable()
    assert name.partition("/")[0] in {"backups", "chunks", "drills", "scratch"}
    assert ".." not in name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "backups/",
        "backups/1.json",
        "backups/00000042.json\n",
        "backups/٠٠٠٠٠٠٤٢.json",
        "drills/٠٠٠٠٠٠٤٢-20261122T203000Z.json",
        "backups/../chunks/x",
        "/backups/00000042.json",
        f"chunks/cd/{DIGEST}.zst",
        f"chunks/ab/{DIGEST.upper()}.zst",
        "scratch/../x",
        "scratch/",
        "latest",
    ],
)
def test_a_name_outside_ours_is_refused(name: str) -> None:
    """The error carries the name, which stands for no backup and no chunk."""
    with pytest.raises(UnsafePath) as caught:
        names.check_object_name(name)
    assert caught.value.name == name
    assert names.number_of(name) is None
    assert names.ref_of(name) is None


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1000, 1, 1)), NUMBERS)  # noqa: DTZ001  hypothesis wants a naive bound
def test_a_drill_name_is_one_of_ours(at: datetime, number: int) -> None:
    """It begins with the number of the backup that was drilled."""
    name = names.check_object_name(names.drill_name(number, at))
    assert name.startswith(f"drills/{number:08d}-")


def test_times_are_written_in_utc() -> None:
    """Whatever zone they come in."""
    zoned = datetime(2026, 11, 22, 21, 30, 0, 123456, timezone(timedelta(hours=1)))
    assert names.timestamp(zoned) == "2026-11-22T20:30:00.123Z"
    assert names.drill_name(42, zoned) == "drills/00000042-20261122T203000Z.json"


@pytest.mark.parametrize("kind", ["restored", "replaced", "earlier"])
def test_a_file_put_beside_another_is_known_as_such(kind: str) -> None:
    """Its suffix is outside the default patterns."""
    path = names.beside("a/b.csv", kind, DIGEST)
    assert names.is_beside(path)
    assert PurePosixPath(path).suffix not in {".csv", ".json"}
    assert not names.is_beside("a/b.csv")


@given(st.data())
def test_only_references_are_references(data: Any) -> None:
    """A reference is lower-case hexadecimal, whole, and perhaps has one suffix."""
    ref = data.draw(REFS)
    assert not names.is_ref(ref + "\n")
    assert not names.is_ref(ref + ".0a1b2c3d.0a1b2c3d")
    assert not names.is_ref(ref[1:])
