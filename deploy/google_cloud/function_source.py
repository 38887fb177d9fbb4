"""The folder that becomes the function, and the digest by which it is known again.

A deployed function carries the digest as a label, so that the same source is not built twice.
"""

from hashlib import sha256
from pathlib import Path

from deploy_settings import ROOT

FOLDER = "backup_function"  # from the repository's root, where gcloud starts
DIGEST_LENGTH = 40  # of the 63 characters that a label may have


def uploaded(folder: Path) -> list[Path]:
    """The files that `.gcloudignore` lets through, which names them; sorted."""
    lines = (folder / ".gcloudignore").read_text().splitlines()
    named = [folder / line[2:] for line in lines if line.startswith("!/") and "*" not in line]
    own = [path for path in named if path.is_file()]
    return sorted([*own, *(folder / "shared").glob("*.py")])


def digest(folder: Path = ROOT / FOLDER) -> str:
    """Of all that is uploaded, and of nothing else."""
    whole = sha256()
    for path in uploaded(folder):
        content = path.read_bytes()
        name = path.relative_to(folder).as_posix()
        whole.update(f"{name}\n{len(content)}\n".encode())
        whole.update(content)
    return whole.hexdigest()[:DIGEST_LENGTH]
