"""Each part's requirements list just what it imports, and those that share a machine agree."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import vendor

# Where a package's name and the module that it brings differ.
DISTRIBUTIONS = {
    "functions_framework": "functions-framework",
    "prometheus_client": "prometheus-client",
    "pydantic_settings": "pydantic-settings",
    "dotenv": "pydantic-settings",  # which brings it
    "certifi": "requests",  # likewise
    "urllib3": "requests",
    "werkzeug": "flask",
}
# Several of Google's packages share the name `google`, and bring the same ones.
OF_GOOGLE = {"deploy": "google-cloud-scheduler"}
PARTS = (*vendor.JOBS, "deploy")
NOT_SET_UP = ("local",)  # folders of `deploy` that need the whole system


def pins(part: str) -> dict[str, str]:
    """Package to version, of a part's requirements."""
    lines = (vendor.ROOT / part / "requirements.txt").read_text().split()
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", line) for line in lines)
    return dict(line.split("==") for line in lines)


def own_modules(part: str) -> list[Path]:
    """All of its own: not the engine, and of `deploy` nothing that only a checkout needs."""
    folder = vendor.ROOT / part
    others = {"shared", "__pycache__", *NOT_SET_UP}
    return [
        path for path in folder.rglob("*.py") if path.relative_to(folder).parts[0] not in others
    ]


def imported_by(path: Path) -> Iterator[str]:
    """The dotted names of the modules that one imports, at its top or later."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "shared":
            yield from (f"shared.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


def imports(part: str) -> set[str]:
    """All modules that it imports, itself or by what it imports of the engine."""
    found: set[str] = set()
    waiting = own_modules(part)
    while waiting:
        new = set(imported_by(waiting.pop())) - found
        found |= new
        engine = (name.removeprefix("shared.") for name in new if name.startswith("shared."))
        waiting += [vendor.ROOT / "shared" / f"{module}.py" for module in engine]
    return found


def packages(part: str) -> set[str]:
    """The packages that bring what it imports from elsewhere."""
    folder = vendor.ROOT / part
    beside = [path for path in folder.iterdir() if path.is_dir() or path.suffix == ".py"]
    own = {"shared", *(path.stem for path in beside)}
    first = {name.split(".")[0] for name in imports(part)} - own - sys.stdlib_module_names
    of_google = OF_GOOGLE.get(part, "google-cloud-storage")
    return {of_google if name == "google" else DISTRIBUTIONS.get(name, name) for name in first}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_lists_what_it_imports(part: str) -> None:
    """No more and no less."""
    assert packages(part) == set(pins(part))


def test_all_agree_on_versions() -> None:
    """Logger and restore job share an environment on Render; all share the engine."""
    versions: dict[str, set[str]] = {}
    for part in PARTS:
        for package, version in pins(part).items():
            versions.setdefault(package, set()).add(version)
    assert {package for package, found in versions.items() if len(found) > 1} == set()
