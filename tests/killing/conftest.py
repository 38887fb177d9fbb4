"""Jobs that can be killed."""

from collections.abc import Iterator

import pytest

from killing.kill import scenes
from killing.points import Killed


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Killed]]:
    """All jobs, with a running logger; no test changes what they start from."""
    with scenes(tmp_path_factory.mktemp("scenes")) as ready:
        yield ready
