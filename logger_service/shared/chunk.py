"""A chunk and its two shapes: raw bytes, named by their SHA-256, and one zstd frame.

A frame is opened only up to the size that its chunk may have, so a bomb costs nothing, and
its bytes count only when they hash to the digest that was promised (rule 7).
"""

import hashlib
from collections.abc import Iterator

import zstandard

from shared.errors import Malformed

CHUNK_SIZE = 4 * 1024 * 1024  # bytes of a file; cut at multiples of this
LEVEL = 3  # zstd's default: about as fast as the network, a fifth of the size of CSV
# zstd's worst case (ZSTD_compressBound) adds 1/256 and a constant; a little above it.
LARGEST_FRAME = CHUNK_SIZE + CHUNK_SIZE // 128 + 1024


def digest(raw: bytes | memoryview) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(raw).hexdigest()


def spans(size: int) -> Iterator[tuple[int, int]]:
    """Offset and length of each chunk of a file of `size` bytes."""
    return ((at, min(CHUNK_SIZE, size - at)) for at in range(0, size, CHUNK_SIZE))


def count(size: int) -> int:
    """How many chunks a file of `size` bytes has."""
    return -(-size // CHUNK_SIZE)


def compress(raw: bytes) -> bytes:
    """One zstd frame that declares its content's size and carries a checksum."""
    return zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(raw)


def decompress(frame: bytes, name: str, limit: int = CHUNK_SIZE) -> bytes:
    """The raw bytes of one zstd frame of at most `limit` raw bytes.

    Raises:
        Malformed: the frame is cut, corrupt, followed by other bytes, or larger than it may be.
    """
    try:
        declared = zstandard.get_frame_parameters(frame).content_size
        # CONTENTSIZE_UNKNOWN is the largest uint64. No chunk is empty, and of a frame that says
        # so the decompressor would not look at the rest.
        if not 0 < declared <= limit:
            raise Malformed(
                f"{name} is a zstd frame that declares {declared} bytes, "
                f"at least 1 and at most {limit} expected",
                name=name,
            )
        opener = zstandard.ZstdDecompressor()
        return opener.decompress(frame, max_output_size=limit, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise Malformed(f"{name} is not a whole zstd frame: {error}", name=name) from error


def open_frame(frame: bytes, expected: str, name: str, length: int | None = None) -> bytes:
    """The raw bytes of a frame, proven to hash to `expected` and to be `length` bytes, if given.

    Raises:
        Malformed: they are not.
    """
    raw = decompress(frame, name, limit=CHUNK_SIZE if length is None else length)
    if digest(raw) != expected or length not in (None, len(raw)):
        raise Malformed(
            f"{name} holds {len(raw)} bytes with SHA-256 {digest(raw)}, "
            f"{length or 'any number of'} bytes with {expected} expected",
            name=name,
        )
    return raw
