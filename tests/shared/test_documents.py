import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.document import encode
from shared.errors import Malformed, TooNew
from shared.format import Manifest, Snapshot, parse_manifest, parse_snapshot

A, B, C, D = (letter * 64 for letter in "abcd")
MIB = 1024 * 1024
NAME = "backups/00000042.json"


def snapshot(**changes: Any) -> dict[str, Any]:
    """A snapshot as a logger would serve it."""
    file = {"path": "BTC-USD/a.csv", "size": 5 * MIB, "mtime_ns": 1, "chunks": [A, B]}
    return {
        "format": 1,
        "service": "btc-logger",
        "instance": "ab12",
        "taken_at": "2026-11-22T20:30:00.123Z",
        "archive": None,
        "chunk_size": 4 * MIB,
        "files": [file],
        "warnings": [],
        "catching_up": False,
        **changes,
    }


def manifest(**changes: Any) -> dict[str, Any]:
    """A manifest with everything that one may have."""
    earlier = {"size": 1, "mtime_ns": 1, "chunks": [C], "replaced_in": 41}
    entry = {"path": "a.csv", "size": 2, "mtime_ns": 2, "chunks": [f"{A}.0a1b2c3d"]}
    forgotten = {"path": "b.csv", "by": "me", "why": "test data", "at": "2026-11-22T20:00:00Z"}
    return {
        "format": 1,
        "min_reader": 1,
        "number": 42,
        "service": "btc-logger",
        "created_at": "2026-11-22T20:30:00.123Z",
        "reason": "scheduled",
        "by": {"job": "function", "instance": "f1"},
        "snapshot": {"instance": "ab12", "taken_at": "2026-11-22T20:30:00.123Z"},
        "partial": False,
        "files": [entry | {"earlier": [earlier]}],
        "forgotten": [forgotten],
        "lost": [B],
        "staged": [f"{D}.0a1b2c3d"],
        "warnings": ["one"],
        **changes,
    }


def entry(**changes: Any) -> dict[str, Any]:
    """A file of a document, of one chunk."""
    return {"path": "a.csv", "size": 2, "mtime_ns": 2, "chunks": [A], **changes}


def read_manifest(document: Any) -> Manifest:
    """Through its bytes."""
    return parse_manifest(json.dumps(document).encode(), NAME)


def read_snapshot(document: Any) -> Snapshot:
    """Through its bytes."""
    return parse_snapshot(json.dumps(document).encode(), "the snapshot")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


def spots(document: Any) -> list[dict[str, Any]]:
    """Every object inside a document."""
    if isinstance(document, dict):
        return [document, *(spot for value in document.values() for spot in spots(value))]
    if isinstance(document, list):
        return [spot for value in document for spot in spots(value)]
    return []


@given(st.data())
def test_unknown_fields_of_a_manifest_survive(data: st.DataObject) -> None:
    """Wherever a later version puts them, reading and writing again changes nothing."""
    document = manifest()
    for spot in spots(document):
        spot["added_later"] = data.draw(JSON)
    again = json.loads(encode(read_manifest(document)))
    assert again == document


@given(JSON)
def test_unknown_fields_of_a_snapshot_survive(value: Any) -> None:
    """Also those of its files."""
    document = snapshot(added_later=value)
    document["files"][0]["added_later"] = value
    assert json.loads(encode(read_snapshot(document))) == document


def test_a_document_is_one_line() -> None:
    """It ends in a line feed, and has no other."""
    assert encode(read_manifest(manifest())).count(b"\n") == 1


def test_the_fields_of_a_manifest_are_what_the_format_says() -> None:
    """A reference may carry a suffix; its digest is what it is known by."""
    read = read_manifest(manifest())
    assert read.number == 42
    assert read.raw_bytes == 2
    assert read.refs() == {A: f"{A}.0a1b2c3d", C: C, D: f"{D}.0a1b2c3d"}
    assert read.files[0].digests == (A,)
    assert [version.size for version in read.files[0].versions] == [2, 1]


def test_what_may_be_left_out_has_a_default() -> None:
    """A manifest without the lists that are mostly empty is still one."""
    document = manifest(files=[entry()])
    for field in ("partial", "forgotten", "lost", "warnings", "min_reader"):
        del document[field]
    read = read_manifest(document)
    assert not read.partial
    assert not any([read.files[0].earlier, read.forgotten, read.lost, read.warnings])


def test_pieces_say_where_each_chunk_lies() -> None:
    """The last one is as long as is left."""
    file = read_snapshot(snapshot()).files[0]
    assert list(file.spans()) == [(0, 4 * MIB, A), (4 * MIB, MIB, B)]


def test_versions_share_an_identity_only_with_the_same_bytes() -> None:
    """Whatever name a chunk is stored under."""
    kinds = [entry(), entry(chunks=[f"{A}.0a1b2c3d"]), entry(chunks=[B])]
    one, stored_again, other = (
        read_manifest(manifest(files=[kind])).files[0].identity for kind in kinds
    )
    assert one == stored_again != other


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("../a.csv", "'..'"),
        ("/etc/passwd", "absolute"),
        ("a//b.csv", "empty"),
        (".backup/receipt.json", "own notes"),
        ("a\\b.csv", "backslash"),
        ("", "empty"),
    ],
)
def test_an_unsafe_path_is_refused_with_its_place(path: str, fault: str) -> None:
    """In a snapshot, in a manifest, and where something was forgotten (rule 12)."""
    with pytest.raises(Malformed) as caught:
        read_snapshot(snapshot(files=[entry(), entry(path=path)]))
    assert "files.1.path" in caught.value.message
    assert fault in caught.value.message
    with pytest.raises(Malformed, match=r"files\.0\.path"):
        read_manifest(manifest(files=[entry(path=path)]))
    with pytest.raises(Malformed, match=r"forgotten\.0\.path"):
        read_manifest(manifest(forgotten=[{"path": path, "by": "", "why": "", "at": ""}]))


def test_a_path_that_is_there_twice_is_refused() -> None:
    """The message names it."""
    with pytest.raises(Malformed, match=r"'a\.csv' is named more than once"):
        read_snapshot(snapshot(files=[entry(), entry()]))
    with pytest.raises(Malformed, match=r"'a\.csv' is named more than once"):
        read_manifest(manifest(files=[entry(), entry(chunks=[B])]))


@pytest.mark.parametrize(
    ("size", "chunks", "fault"),
    [
        (2, [], "2 bytes have 1 chunks, 0 are named"),
        (0, [A], "0 bytes have 0 chunks, 1 are named"),
        (4 * MIB, [A, B], "4194304 bytes have 1 chunks, 2 are named"),
        (4 * MIB + 1, [A], "4194305 bytes have 2 chunks, 1 are named"),
    ],
)
def test_chunks_have_to_fit_the_size(size: int, chunks: list[str], fault: str) -> None:
    """In each kind of version."""
    wrong = entry(size=size, chunks=chunks)
    with pytest.raises(Malformed, match=fault):
        read_snapshot(snapshot(files=[wrong]))
    with pytest.raises(Malformed, match=fault):
        read_manifest(manifest(files=[wrong]))
    with pytest.raises(Malformed, match=fault):
        read_manifest(manifest(files=[entry(earlier=[wrong | {"replaced_in": 1}])]))


@pytest.mark.parametrize("ref", [A[1:], A.upper(), f"{A}\n", f"../{A}", f"{A}.x", ""])
def test_a_chunk_is_named_by_a_digest(ref: str) -> None:
    """Nothing else may become part of an object's name."""
    with pytest.raises(Malformed, match=r"files\.0\.chunks\.0"):
        read_snapshot(snapshot(files=[entry(chunks=[ref])]))
    with pytest.raises(Malformed, match=r"files\.0\.chunks\.0.*SHA-256"):
        read_manifest(manifest(files=[entry(chunks=[ref])]))


def test_a_snapshot_names_chunks_without_a_suffix() -> None:
    """A suffix is about storage, which a source knows nothing of."""
    with pytest.raises(Malformed, match=r"files\.0\.chunks\.0"):
        read_snapshot(snapshot(files=[entry(chunks=[f"{A}.0a1b2c3d"])]))


@pytest.mark.parametrize("data", [b"", b"{", b"<html>502</html>", b"\xff\xfe", b"null", b"[]"])
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    """The message says of what it should have been one."""
    with pytest.raises(Malformed, match="the answer is not a valid snapshot: document: ") as caught:
        parse_snapshot(data, "the answer")
    assert caught.value.name == "the answer"
    with pytest.raises(Malformed, match=f"{NAME} is not a valid manifest: document: "):
        parse_manifest(data, NAME)


@pytest.mark.parametrize("field", ["number", "service", "created_at", "by", "snapshot", "files"])
def test_a_missing_field_of_a_manifest_is_named(field: str) -> None:
    """What is missing is not guessed."""
    document = manifest()
    del document[field]
    with pytest.raises(Malformed, match=f"manifest: {field}: Field required"):
        read_manifest(document)


@pytest.mark.parametrize(
    ("field", "value"),
    [("number", 0), ("number", "x"), ("files", {}), ("by", {"job": "x", "instance": "y"})],
)
def test_a_field_of_the_wrong_kind_is_named(field: str, value: Any) -> None:
    """Of a manifest."""
    with pytest.raises(Malformed, match=f"manifest: {field}"):
        read_manifest(manifest(**{field: value}))


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"])
def test_a_time_is_one_to_reckon_with(time: str) -> None:
    """Who adds an hour to it, or has it in another zone, must not fall out of the calendar."""
    with pytest.raises(Malformed, match=r"manifest: created_at: .* from 1970 to 3000"):
        read_manifest(manifest(created_at=time))
    with pytest.raises(Malformed, match=r"manifest: snapshot\.taken_at: .* from 1970 to 3000"):
        read_manifest(manifest(snapshot={"instance": "ab12", "taken_at": time}))


@pytest.mark.parametrize("time", ["", "soon", "2026-11-22", "2026-11-22T20:30:00", "20:30Z"])
def test_a_time_is_a_date_a_time_and_an_offset(time: str) -> None:
    """Whoever reads it compares it with others."""
    with pytest.raises(Malformed, match="manifest: created_at: "):
        read_manifest(manifest(created_at=time))
    with pytest.raises(Malformed, match="snapshot: taken_at: "):
        read_snapshot(snapshot(taken_at=time))


@pytest.mark.parametrize(
    ("field", "value"), [("format", 2), ("chunk_size", 1024), ("service", None), ("files", None)]
)
def test_a_snapshot_of_another_format_is_refused(field: str, value: Any) -> None:
    """Chunks of another size would have other names."""
    with pytest.raises(Malformed, match=f"snapshot: {field}: "):
        read_snapshot(snapshot(**{field: value}))


@pytest.mark.parametrize(
    "changes", [{"size": -1}, {"size": 1.5}, {"mtime_ns": 2**63}, {"size": 2**60, "chunks": []}]
)
def test_numbers_out_of_range_are_refused(changes: dict[str, Any]) -> None:
    """None of them could be a file's."""
    with pytest.raises(Malformed, match=r"files\.0\."):
        read_snapshot(snapshot(files=[entry(**changes)]))


def test_a_manifest_for_newer_readers_is_told_apart() -> None:
    """It is not damaged: whatever else it holds, a newer version of this job reads it."""
    document = {"format": 3, "min_reader": 2, "files": "in a way not known here"}
    with pytest.raises(TooNew) as caught:
        read_manifest(document)
    assert caught.value.message == f"{NAME} wants a reader of format 2, this one reads up to 1"
    assert "newer version" in caught.value.hint
    assert caught.value.name == NAME


def test_a_newer_format_that_this_reader_may_read_is_read() -> None:
    """Only `min_reader` decides."""
    assert read_manifest(manifest(format=7)).format == 7


def test_documents_cannot_be_changed() -> None:
    """What was checked stays what was checked."""
    read = read_manifest(manifest())
    with pytest.raises(ValueError, match="frozen"):
        read.number = 43
