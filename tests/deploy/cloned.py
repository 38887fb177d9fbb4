"""What a clone of the repository has: its files, as git keeps them."""

import subprocess

from processes import ROOT


def cloned_files() -> dict[str, str]:
    """Each file's path from the root, with its mode."""
    listed = ("git", "ls-files", "--stage")
    done = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    lines = (line.partition("\t") for line in done.stdout.splitlines())
    return {path: told.split()[0] for told, _, path in lines}
