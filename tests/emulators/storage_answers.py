"""What the storage fake sends: JSON resources, parts of an object's bytes, Google's errors."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from emulators.storage_conditions import ApiError, whole_number
from emulators.storage_faults import FaultKind
from emulators.storage_listings import BEGINNING, Listing, Page, Place
from emulators.storage_objects import StoredObject
from emulators.storage_times import timestamp

_PAGE_LIMIT = 1000  # entries
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True)
class Answer:
    """A response to be sent."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: FaultKind | None = None  # what happens to it on its way


def json_answer(resource: Mapping[str, Any], status: int = 200) -> Answer:
    """A resource, as an answer of success unless another status is given."""
    return _json(status, resource, {})


def error_answer(error: ApiError) -> Answer:
    """An error in the form in which Google tells one; a 304 has no body."""
    if error.status == 304:
        return Answer(304)
    told = {"message": error.message, "domain": "global", "reason": error.reason}
    body = {"error": {"code": error.status, "message": error.message, "errors": [told]}}
    return _json(error.status, body, error.headers)


def media_answer(item: StoredObject, wanted: str | None) -> Answer:
    """An object's bytes, or those of a `Range` header; one that says nothing known is ignored."""
    found = _RANGE.fullmatch(wanted or "")
    if not found or not any(found.groups()):
        return Answer(200, item.data, _media_headers(item))
    size = len(item.data)
    first, end = _span(found[1], found[2], size)
    if first >= end:
        headers = {"Content-Range": f"bytes */{size}"}
        raise ApiError(
            416, "requestedRangeNotSatisfiable", "Request range not satisfiable", headers
        )
    headers = {**_media_headers(item), "Content-Range": f"bytes {first}-{end - 1}/{size}"}
    return Answer(206, item.data[first:end], headers)


def object_resource(item: StoredObject, url: str) -> dict[str, Any]:
    """What the API tells of an object."""
    path = f"storage/v1/b/{quote(item.bucket, safe='')}/o/{quote(item.name, safe='')}"
    generation, created = str(item.generation), timestamp(item.created_at)
    return {
        "kind": "storage#object",
        "id": f"{item.bucket}/{item.name}/{generation}",
        "selfLink": f"{url}/{path}",
        "mediaLink": f"{url}/download/{path}?generation={generation}&alt=media",
        "name": item.name,
        "bucket": item.bucket,
        "generation": generation,
        "metageneration": str(item.metageneration),
        "storageClass": "STANDARD",
        "size": str(len(item.data)),
        "md5Hash": item.md5,
        "crc32c": item.crc32c,
        "etag": _etag(item),
        "timeCreated": created,
        "updated": created,
        "timeStorageClassUpdated": created,
        **item.fields,
    }


def page_resource(page: Page[StoredObject], url: str) -> dict[str, Any]:
    """What the API tells of a page of a listing; what is empty is left out."""
    told = {
        "items": [object_resource(item, url) for item in page.items],
        "prefixes": page.prefixes,
        "nextPageToken": _page_token(page.last) if page.more else "",
    }
    return {"kind": "storage#objects", **{key: value for key, value in told.items() if value}}


def read_listing(query: Mapping[str, str]) -> Listing:
    """Which names a request wants listed; a wish that the fake does not know is refused."""
    for unknown in ("matchGlob", "filter"):
        if query.get(unknown, "false").lower() != "false":
            raise ApiError(501, "notImplemented", f"the storage fake does not know {unknown}")
    limit = whole_number(query, "maxResults")
    if limit == 0:
        raise ApiError(400, "invalid", "Invalid value for maxResults: 0")
    return Listing(
        prefix=query.get("prefix", ""),
        delimiter=query.get("delimiter", ""),
        start=query.get("startOffset", ""),
        end=query.get("endOffset", ""),
        after=_read_page_token(query.get("pageToken", "")),
        limit=min(limit or _PAGE_LIMIT, _PAGE_LIMIT),
    )


def _page_token(last: Place) -> str:
    return base64.urlsafe_b64encode(f"{last.generation}/{last.entry}".encode()).decode()


def _read_page_token(token: str) -> Place:
    try:
        text = base64.b64decode(token, altchars=b"-_", validate=True).decode()
        generation, _, entry = text.partition("/")
        return Place(entry, int(generation)) if token else BEGINNING
    except ValueError as error:
        raise ApiError(400, "invalid", f"Invalid value for pageToken: {token}") from error


def _span(first: str, last: str, size: int) -> tuple[int, int]:
    """The first byte of a range and the one after its last; empty where there is none."""
    if not first:
        return max(size - int(last), 0), size
    return int(first), min(int(last) + 1, size) if last else size


def _media_headers(item: StoredObject) -> dict[str, str]:
    headers = {
        "Content-Type": item.fields["contentType"],
        "Accept-Ranges": "bytes",
        "ETag": f'"{_etag(item)}"',
        "X-Goog-Generation": str(item.generation),
        "X-Goog-Metageneration": str(item.metageneration),
        "X-Goog-Hash": f"crc32c={item.crc32c},md5={item.md5}",
        "X-Goog-Storage-Class": item.fields.get("storageClass", "STANDARD"),
        "X-Goog-Stored-Content-Encoding": item.fields.get("contentEncoding", "identity"),
        "X-Goog-Stored-Content-Length": str(len(item.data)),
    }
    if "contentEncoding" in item.fields:
        headers["Content-Encoding"] = item.fields["contentEncoding"]
    return headers


def _etag(item: StoredObject) -> str:
    return base64.b64encode(f"{item.generation}/{item.metageneration}".encode()).decode()


def _json(status: int, body: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
    kind = {"Content-Type": "application/json; charset=UTF-8"}
    return Answer(status, json.dumps(body).encode(), {**kind, **headers})
