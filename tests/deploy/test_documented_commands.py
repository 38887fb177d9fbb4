"""The pages show their commands for Google in the order, and after the lines, that they need."""

from documentation.shown_commands import blocks_of, pages, shown_commands
from processes import ROOT

ACTIVATE = "source .local/deploy/bin/activate"
SHOWN = [one.text for one in shown_commands(ROOT)]


def test_the_environment_of_the_jobs_is_activated_wherever_they_are_asked_for() -> None:
    """Who copies one block has not seen the others."""
    found = 0
    for page in pages(ROOT):
        for block in blocks_of(page.read_text()):
            asks = [line for line in block if "python deploy/scheduler.py" in line]
            found += bool(asks)
            assert not asks or ACTIVATE in block[: block.index(asks[0])], (page, asks)
    assert found >= 5


def test_an_archive_is_copied_with_its_chunks_first() -> None:
    """A backup counts once its manifest is there, and then all of its chunks have to be."""
    copies = [text for text in SHOWN if text.startswith("gcloud storage cp gs://your-old-bucket")]
    first, second = copies
    assert "gs://your-old-bucket/btc-logger/chunks " in first
    assert "gs://your-old-bucket/btc-logger " in second
    assert all("--no-clobber" in copy for copy in copies)
