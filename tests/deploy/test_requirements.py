"""Each job's requirements list just what it imports, and those that share a machine agree."""

import ast
import re
import sys

import pytest

import vendor

# Where a package's name and the module that it brings differ.
DISTRIBUTIONS = {
    "google.api_core": "google-cloud-storage",
    "google.auth": "google-cloud-storage",
    "google.cloud": "google-cloud-storage",
    "google.oauth2": "google-cloud-storage",
    "functions_framework": "functions-framework",
    "prometheus_client": "prometheus-client",
    "pydantic_settings": "pydantic-settings",
    "certifi": "requests",  # which brings it
    "urllib3": "requests",  # likewise
    "werkzeug": "flask",  # likewise
}
# Vendored modules that a job carries and never imports.
UNUSED = {
    "backup_function": {"directory_source", "capture", "still_copy"},
    "restore_job": {
        *("http_source", "directory_source", "capture", "still_copy"),
        *("delivery", "heartbeat", "alert_book", "alert_store"),
    },
    "logger_service": {"http_source", "alert_book", "alert_store"},
}


def pins(job: str) -> dict[str, str]:
    """Package to version, of a job's requirements."""
    lines = (vendor.ROOT / job / "requirements.txt").read_text().split()
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", line) for line in lines)
    return dict(line.split("==") for line in lines)


def imports(job: str) -> set[str]:
    """Packages that the job's own modules and its copy of `shared` import."""
    found = set()
    own = {path.stem for path in (vendor.ROOT / job).iterdir()}  # modules and packages
    for path in (vendor.ROOT / job).rglob("*.py"):
        if path.stem in UNUSED[job]:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(str(node.module))
    outside = {name for name in found if name.split(".")[0] not in own | {"shared"}}
    return {name for name in outside if name.split(".")[0] not in sys.stdlib_module_names}


def distribution(module: str) -> str:
    """The package that brings a module."""
    first, *rest = module.split(".")
    two = ".".join([first, *rest[:1]])
    return DISTRIBUTIONS.get(two) or DISTRIBUTIONS.get(first, first)


@pytest.mark.parametrize("job", vendor.JOBS)
def test_a_job_lists_what_it_imports(job: str) -> None:
    """No more and no less."""
    assert {distribution(module) for module in imports(job)} == set(pins(job))


def test_jobs_agree_on_versions() -> None:
    """Logger and restore job share an environment on Render; the function shares the engine."""
    versions: dict[str, set[str]] = {}
    for job in vendor.JOBS:
        for package, version in pins(job).items():
            versions.setdefault(package, set()).add(version)
    assert {package for package, found in versions.items() if len(found) > 1} == set()
