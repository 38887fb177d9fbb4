"""How far a background job is: the sum of what its parts are told, one for each provider."""

from shared.progress import Progress


class JobProgress:
    """Read by whoever asks, while the job's threads go on."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._note = ""

    def part(self) -> Progress:
        """What one thread of the job tells how far it is."""
        part = Part()
        self._parts.append(part)
        return part

    def note(self, text: str) -> None:
        """What it does while it does not move."""
        self._note = text

    def end(self) -> None:
        """The last file of each part is done, too."""
        for part in self._parts:
            part.end()

    def as_dict(self) -> dict[str, object]:
        """For JSON; `at` is the file at hand, or what it waits for."""
        parts = list(self._parts)
        at = next((part.at for part in reversed(parts) if part.at), self._note)
        return {
            "files": sum(part.files for part in parts),
            "bytes": sum(part.bytes for part in parts),
            "files_done": sum(part.files_done for part in parts),
            "bytes_done": sum(part.bytes_done for part in parts),
            "at": at,
        }


class Part(Progress):
    """Adds up what one work tells, also when it begins again with what is left."""

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._files_done: int | None = None  # once it has ended
        self.files = self.bytes = self.bytes_done = 0
        self.at = ""

    def begin(self, files: int, size: int) -> None:
        """So much is to come beyond what has come."""
        self.files = len(self._paths) + files
        self.bytes = self.bytes_done + size

    def advance(self, path: str, size: int) -> None:
        """So many more bytes of this file."""
        self._paths.add(path)
        self.bytes_done += size
        self.at = path

    def end(self) -> None:
        """Nothing more will come; jobs are kept, and a year's paths are not kept with each."""
        self._files_done = len(self._paths)
        self._paths = set()

    @property
    def files_done(self) -> int:
        """Those that have come; before its end without the one at hand."""
        if self._files_done is not None:
            return self._files_done
        return max(len(self._paths) - 1, 0)
