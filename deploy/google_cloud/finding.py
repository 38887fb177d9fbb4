"""One thing that the doctor has tried, what came of it, and what to do where it failed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`is_early`: it fails because something later in the set-up is still to come."""

    what: str
    ok: bool
    said: str
    hint: str = ""
    is_early: bool = False

    def __str__(self) -> str:
        """As a person reads it."""
        mark = "ok  " if self.ok else "wait" if self.is_early else "FAIL"
        return f"{mark}  {self.what}: {self.said}{f'. {self.hint}' if self.hint else ''}"
