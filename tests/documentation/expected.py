"""What the answer of a shown command is compared with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Place(Enum):
    """The folder that a command is started in."""

    CHECKOUT = "checkout"  # a copy of it
    RESTORE_JOB = "restore_job"
    SCRATCH = "scratch"  # has newest.json, the newest manifest
    RENDER = "render"  # the shell of the service there
    TERMINAL = "terminal"  # the checkout's copy, and none of the settings that the others are given


@dataclass(frozen=True)
class Expected:
    """The answer of one command, and what has to be other than it is shown.

    `replaced` says what stands for an example: the stage's name for a number or a folder. `file`
    is what has the output. Ctrl-C ends a command that goes on after the pattern `until`, or that
    `serves` an address; those of `beside` go on while it runs. `not_run` says why it cannot run as
    it stands; then `instead` is run, or it with what is replaced. `elsewhere` names the proof that
    runs it in the place of this one.
    """

    place: Place = Place.SCRATCH
    exit_code: int = 0
    status: int | None = None
    fields: tuple[str, ...] = ()
    output: str = ""
    file: str = ""
    replaced: Mapping[str, str] = field(default_factory=dict)
    until: str = ""
    serves: str = ""
    beside: "Mapping[str, Expected]" = field(default_factory=dict)
    not_run: str = ""
    instead: str = ""
    elsewhere: str = ""
    needs: tuple[str, ...] = ()  # programs
