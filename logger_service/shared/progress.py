"""How far a long work is, told to whoever wants to know: a bar, a log, or nobody."""


class Progress:
    """Told how far a backup, a restore or a drill is; this one says nothing."""

    def begin(self, files: int, size: int) -> None:
        """So many files and bytes are to come."""

    def advance(self, path: str, size: int) -> None:
        """So many more bytes of this file are here."""
