"""How bytes reach the storage fake: what an upload says of its object, and resumable sessions."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.message import Message
from threading import Lock
from typing import Any, Self

from emulators.storage_conditions import ApiError, Conditions
from emulators.storage_objects import StoredObject, crc32c_of, md5_of

_CHUNK_UNIT = 256 * 1024  # bytes; every chunk but the last is a multiple of it

UNTYPED = "application/octet-stream"
_WRITABLE = (
    "cacheControl",
    "contentDisposition",
    "contentEncoding",
    "contentLanguage",
    "contentType",
    "customTime",
    "metadata",
    "storageClass",
)
_BOUNDARY = re.compile(r"""\bboundary=(?:"([^"]+)"|'([^']+)'|([^;\s]+))""")
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")
_CHECKSUM_FIELDS = {"crc32c": "crc32c", "md5": "md5Hash"}  # in x-goog-hash, in metadata


@dataclass(frozen=True)
class Description:
    """What an upload says of the object that it brings."""

    name: str
    fields: Mapping[str, Any]
    checksums: frozenset[tuple[str, str]]  # each with its name in metadata

    @classmethod
    def of(
        cls, metadata: Mapping[str, Any], name: str, content_type: str, hashes: str | None
    ) -> Self:
        """Read the metadata; the other values stand in for what it leaves out."""
        name = metadata.get("name") or name
        if not name:
            raise ApiError(400, "required", "Required object name is missing")
        fields = {key: metadata[key] for key in _WRITABLE if key in metadata}
        fields.setdefault("contentType", content_type)
        told = {(key, metadata[key]) for key in _CHECKSUM_FIELDS.values() if key in metadata}
        return cls(name, fields, _read_hashes(hashes) | told)

    def verify(self, data: bytes) -> None:
        """Refuse bytes that are not those whose checksums were told."""
        found = {"crc32c": crc32c_of(data), "md5Hash": md5_of(data)}
        for key, told in self.checksums:
            if told != found[key]:
                message = f'Provided {key} "{told}" doesn\'t match calculated {key} "{found[key]}".'
                raise ApiError(400, "invalid", message)


@dataclass
class Upload:
    """An upload: where it goes, and of a resumable one, the bytes that have come so far."""

    bucket: str
    description: Description
    conditions: Conditions
    lock: Lock = field(default_factory=Lock)
    stored: StoredObject | None = None
    _received: bytearray = field(default_factory=bytearray)

    @property
    def data(self) -> bytes:
        """The bytes received so far."""
        return bytes(self._received)

    @property
    def range(self) -> dict[str, str]:
        """The header that says which bytes have come; none have where it is absent."""
        return {"Range": f"bytes=0-{len(self._received) - 1}"} if self._received else {}

    def take(self, content_range: str | None, body: bytes) -> bool:
        """Take a chunk, or a question for the state, and say whether all bytes are there."""
        first: int = 0
        total: int | None = len(body)  # without a range, the body is all there is
        if content_range:
            first, total = _read_content_range(content_range, len(body))
        if first > len(self._received):
            raise ApiError(400, "invalid", "Invalid request. Bytes before the chunk are missing.")
        if total is None or first + len(body) < total:
            _check_chunk_size(len(body))
        # Bytes that had come already are ignored, so that a chunk can be sent again.
        self._received += body[len(self._received) - first :]
        return total == len(self._received)

    def add_hashes(self, header: str | None) -> None:
        """Note the checksums that come with the last chunk."""
        checksums = self.description.checksums | _read_hashes(header)
        self.description = replace(self.description, checksums=checksums)


def read_upload(
    query: Mapping[str, str], headers: Message, body: bytes
) -> tuple[Description, bytes]:
    """What an upload says of its object, and the data that came with it."""
    name, hashes = query.get("name", ""), headers.get("X-Goog-Hash")
    content_type = headers.get("Content-Type", UNTYPED)
    match query.get("uploadType"):
        case "media":
            return Description.of({}, name, content_type, hashes), body
        case "multipart":
            metadata, content_type, data = _read_multipart(content_type, body)
            return Description.of(metadata, name, content_type, hashes), data
        case "resumable":
            content_type = headers.get("X-Upload-Content-Type", UNTYPED)
            return Description.of(read_metadata(body), name, content_type, hashes), b""
        case other:
            raise ApiError(400, "invalid", f"Invalid value for uploadType: {other}")


def _read_multipart(content_type: str, body: bytes) -> tuple[dict[str, Any], str, bytes]:
    """The metadata, the data's content type and the data of a multipart upload."""
    marker = b"--" + _boundary(content_type)
    # All lines end as the first one does, so that data which ends in a CR keeps it.
    newline = b"\r\n" if body.startswith(marker + b"\r\n") else b"\n"
    parts = (newline + body).split(newline + marker)
    if len(parts) != 4 or parts[0] or parts[3].strip() != b"--":
        raise ApiError(400, "badContent", "Malformed multipart body.")
    _, _, metadata = parts[1].partition(newline * 2)
    head, _, data = parts[2].partition(newline * 2)
    return read_metadata(metadata), _content_type(head), data


def read_metadata(text: bytes) -> dict[str, Any]:
    """The JSON object with which an upload describes its object; empty for an empty text."""
    try:
        metadata = json.loads(text or b"{}")
    except ValueError as error:
        raise ApiError(400, "parseError", "Parse Error") from error
    if not isinstance(metadata, dict):
        raise ApiError(400, "parseError", "Parse Error")
    return metadata


def read_fields(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What may be chosen of an object; anything else is refused."""
    if more := sorted(set(metadata) - set(_WRITABLE)):
        raise ApiError(501, "notImplemented", f"the storage fake does not know {more}")
    return dict(metadata)


def _read_hashes(header: str | None) -> frozenset[tuple[str, str]]:
    """The checksums of an `x-goog-hash` header."""
    parts = (part.strip().partition("=") for part in (header or "").split(","))
    return frozenset(
        (_CHECKSUM_FIELDS[kind], value) for kind, _, value in parts if kind in _CHECKSUM_FIELDS
    )


def _boundary(content_type: str) -> bytes:
    found = _BOUNDARY.search(content_type)
    if not found:
        raise ApiError(400, "badContent", "The multipart body has no boundary.")
    return next(group for group in found.groups() if group).encode()


def _content_type(head: bytes) -> str:
    for line in head.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-type":
            return value.strip()
    return UNTYPED


def _read_content_range(header: str, size: int) -> tuple[int, int | None]:
    """The position of a chunk's first byte, and the object's size where it is known."""
    found = _CONTENT_RANGE.fullmatch(header)
    if not found:
        raise ApiError(400, "invalid", f"Invalid Content-Range: {header}")
    first, last, total = found.groups()
    start, known = int(first or 0), None if total == "*" else int(total)
    if size != (int(last) - start + 1 if first else 0) or start + size > (known or start + size):
        raise ApiError(400, "invalid", f"Content-Range {header} does not fit {size} bytes")
    return start, known


def _check_chunk_size(size: int) -> None:
    if size % _CHUNK_UNIT:
        message = f"Invalid request. A chunk but the last is a multiple of {_CHUNK_UNIT} bytes."
        raise ApiError(400, "invalid", message)
