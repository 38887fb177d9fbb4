"""Backs up DATA_DIR from where it lies, as a logger that pushes its own history does.

It runs in a logger's folder, with that folder's `shared` and settings, and prints the report.
"""

import json

from shared.backup import Job, backup
from shared.directory_source import DirectorySource, Identity
from shared.format import Writer
from shared.freed_memory import give_back_freed_chunks
from shared.providers import main_provider
from shared.selection import Selection
from shared.settings import LoggerSettings, load

INSTANCE = "measured"


def main() -> None:
    """Make one backup."""
    give_back_freed_chunks()
    settings = load(LoggerSettings)
    source = DirectorySource(
        settings.data_dir,
        Selection(settings.backup_include, settings.backup_exclude),
        Identity(settings.service_name, INSTANCE),
    )
    job = Job(settings.service_name, "manual", Writer(job="logger", instance=INSTANCE))
    report = backup(source, main_provider(settings), job, settings.transfer_threads)
    print(json.dumps(report.as_dict()))  # noqa: T201  a program's answer


if __name__ == "__main__":
    main()
