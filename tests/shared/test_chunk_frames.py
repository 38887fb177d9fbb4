import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from shared import chunk
from shared.errors import Malformed

NAME = "chunks/ab/ab12.zst"
ROWS = b"2026-11-22T20:30:00.123Z,coinbase,73367.8\n" * 500


def refused(frame: bytes, limit: int = chunk.CHUNK_SIZE) -> str:
    """What is said of a frame that must not open; it names the object."""
    with pytest.raises(Malformed) as caught:
        chunk.decompress(frame, NAME, limit)
    assert caught.value.name == NAME
    assert NAME in caught.value.message
    return caught.value.message


@given(st.binary(min_size=1, max_size=2000))
def test_a_frame_gives_its_bytes_back(raw: bytes) -> None:
    """Also where the length is known."""
    frame = chunk.compress(raw)
    assert chunk.decompress(frame, NAME) == raw
    assert chunk.open_frame(frame, hashlib.sha256(raw).hexdigest(), NAME, len(raw)) == raw


def test_a_frame_declares_its_size_and_carries_a_checksum() -> None:
    """Whoever gets a file back with zstd alone is told of damage."""
    parameters = zstandard.get_frame_parameters(chunk.compress(ROWS))
    assert parameters.content_size == len(ROWS)
    assert parameters.has_checksum


@given(st.integers(0, len(chunk.compress(ROWS)) - 1))
def test_a_cut_frame_is_refused_wherever_it_is_cut(length: int) -> None:
    """Not even the checksum at its end may be missing."""
    assert "zstd frame" in refused(chunk.compress(ROWS)[:length])


@given(st.integers(0, len(chunk.compress(ROWS)) - 1), st.integers(1, 255))
def test_a_corrupt_frame_never_opens_as_what_was_promised(at: int, flip: int) -> None:
    """Whichever byte is changed: the chunk opens to its own bytes or not at all."""
    frame = bytearray(chunk.compress(ROWS))
    frame[at] ^= flip
    try:
        raw = chunk.open_frame(bytes(frame), chunk.digest(ROWS), NAME)
    except Malformed:
        return
    assert raw == ROWS


def test_a_corrupt_body_is_refused_by_its_checksum() -> None:
    """Without asking what was promised."""
    frame = bytearray(chunk.compress(ROWS))
    frame[-1] ^= 1
    assert "checksum" in refused(bytes(frame))


@pytest.mark.parametrize("raw", [ROWS, b"x", b""])
@pytest.mark.parametrize(
    "extra", [b"x", chunk.compress(b"more"), b"\x50\x2a\x4d\x18\x00\x00\x00\x00"]
)
def test_bytes_after_the_frame_are_refused(raw: bytes, extra: bytes) -> None:
    """Be they rubbish, another frame or one to be skipped."""
    refused(chunk.compress(raw) + extra)


@pytest.mark.parametrize("frame", [b"", b"not zstd", b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"])
def test_what_is_no_frame_is_refused(frame: bytes) -> None:
    """Nothing, something else, and a frame that holds nothing but a note."""
    refused(frame)


def test_a_bomb_that_declares_its_size_is_not_opened() -> None:
    """The message says how large it would be and how large it may be."""
    message = refused(chunk.compress(bytes(chunk.CHUNK_SIZE + 1)))
    assert f"declares {chunk.CHUNK_SIZE + 1} bytes" in message
    assert f"at most {chunk.CHUNK_SIZE} expected" in message


def test_a_bomb_that_hides_its_size_is_not_opened() -> None:
    """Our frames always declare it, so there is no reason to try."""
    hidden = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(100))
    assert "declares" in refused(hidden)


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    """It declares one byte and holds 64 MiB; the byte of the header is made to say so."""
    honest = chunk.compress(bytes(200))
    size_at = 5  # magic number, descriptor, then one byte of size
    assert honest[size_at] == 200
    lying = honest[:size_at] + b"\x01" + honest[size_at + 1 :]
    refused(lying)


def test_a_frame_may_hold_a_whole_chunk() -> None:
    """And bytes that do not compress stay below the largest frame that is accepted."""
    raw = hashlib.shake_256(b"seed").digest(chunk.CHUNK_SIZE)
    frame = chunk.compress(raw)
    assert len(frame) <= chunk.LARGEST_FRAME
    assert chunk.open_frame(frame, chunk.digest(raw), NAME) == raw


def test_a_frame_of_other_bytes_is_refused() -> None:
    """Both digests are told, and what was to come."""
    with pytest.raises(Malformed) as caught:
        chunk.open_frame(chunk.compress(b"abc"), chunk.digest(b"abd"), NAME, 3)
    assert chunk.digest(b"abc") in caught.value.message
    assert chunk.digest(b"abd") in caught.value.message
    assert caught.value.name == NAME


@pytest.mark.parametrize("length", [1, 2, 4, 100])
def test_a_frame_of_another_length_is_refused(length: int) -> None:
    """Even if the digest is right: then the one who asked has been told a wrong size."""
    with pytest.raises(Malformed) as caught:
        chunk.open_frame(chunk.compress(b"abc"), chunk.digest(b"abc"), NAME, length)
    assert f"{length} " in caught.value.message
    assert NAME in caught.value.message


@given(st.integers(0, 5 * chunk.CHUNK_SIZE))
def test_chunks_cover_a_file_without_gap_or_overlap(size: int) -> None:
    """Each begins at a multiple of the chunk size, and none is empty."""
    spans = list(chunk.spans(size))
    assert len(spans) == chunk.count(size)
    assert [at for at, _ in spans] == [index * chunk.CHUNK_SIZE for index in range(len(spans))]
    assert all(0 < length <= chunk.CHUNK_SIZE for _, length in spans)
    assert sum(length for _, length in spans) == size


@pytest.mark.skipif(not shutil.which("zstd"), reason="the zstd command line is not installed")
def test_the_zstd_command_reads_concatenated_chunks(tmp_path: Path) -> None:
    """A file can be got back without this software."""
    raw = ROWS * 3
    frames = b"".join(chunk.compress(raw[at : at + 20_000]) for at in range(0, len(raw), 20_000))
    (tmp_path / "whole.zst").write_bytes(frames)
    command = ["zstd", "-d", "-c", "whole.zst"]
    opened = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert opened.stdout == raw
