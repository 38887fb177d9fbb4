"""Which names a pattern means that Google's storage matches itself.

A `*` stands for all but slashes, and `**` for slashes, too
(https://cloud.google.com/storage/docs/json_api/v1/objects/list#list-object-glob).
"""

import re

from emulators.storage_conditions import ApiError

_UNKNOWN = re.compile(r"[][{}\\]|\*\*/|\*\*\*")
_PARTS = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
_PART = re.compile(r"(\*\*|\*|\?)")


def names_like(glob: str) -> re.Pattern[str]:
    """An expression that fully matches just those names; what the fake does not know is refused."""
    if _UNKNOWN.search(glob):
        raise ApiError(501, "notImplemented", f"the storage fake does not know the glob {glob}")
    parts = (_PARTS.get(part) or re.escape(part) for part in _PART.split(glob))
    return re.compile("".join(parts), re.DOTALL)
