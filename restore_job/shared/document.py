"""A document: one line of JSON that other versions of this system may have written.

Unknown fields are kept and carried over; what is missing, of the wrong type or against itself
is refused by name.
"""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.errors import Malformed

LARGEST_DOCUMENT = 64 * 1024 * 1024  # bytes of JSON: a manifest of about 300,000 files


class Document(BaseModel):
    """Immutable; keeps fields that it does not know."""

    model_config = ConfigDict(extra="allow", frozen=True)


def encode(document: Document) -> bytes:
    """Compact JSON, one line."""
    return document.model_dump_json().encode() + b"\n"


Parsed = TypeVar("Parsed", bound=Document)


def parse(kind: type[Parsed], data: bytes, name: str) -> Parsed:
    """A document of one kind from its JSON; raises Malformed, naming the first fault."""
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "document"
        noun = kind.model_config.get("title") or kind.__name__.lower()
        message = f"{name} is not a valid {noun}: {where}: {first['msg']}"
        raise Malformed(message, name=name) from error
