"""What the platform stand-in is told of a service, and how long the platform waits for what.

The waits are those of Render's documentation (render.com/docs: deploys, health-checks, free);
its minutes can be made as short as a test wants them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

TMP = "{tmp}"  # in a value of the environment: the instance's own /tmp


@dataclass(frozen=True)
class Service:
    """A web service as it is set up there.

    `source` is the checkout as the build has left it. No shell reads the commands.
    """

    source: Path
    start_command: str
    pre_deploy_command: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    health_check_path: str | None = None  # without one, a connection is enough
    max_shutdown_delay_seconds: float = 30
    is_free: bool = False
    name: str = "a-service"

    def __post_init__(self) -> None:
        if not 1 <= self.max_shutdown_delay_seconds <= 300:
            raise ValueError("the platform takes a shutdown delay of 1 to 300 seconds")


@dataclass(frozen=True)
class Times:
    """Seconds of the platform, each as long as `scale` seconds of ours."""

    scale: float = 1.0
    pre_deploy: float = 30 * 60
    start: float = 15 * 60  # to the first healthy answer, or the deploy has failed
    old_stays: float = 60  # after the traffic has moved, until SIGTERM
    no_traffic: float = 15  # of failing health checks, until nothing is sent to the instance
    restart: float = 60  # of the same, until it is replaced
    sleep: float = 15 * 60  # of a free instance without inbound traffic
    between_checks: float = 5

    # Not scaled: a machine that is shared answers no faster because a minute is a second.
    answer: float = 5

    def of(self, seconds: float) -> float:
        """Our seconds for the platform's."""
        return seconds * self.scale
