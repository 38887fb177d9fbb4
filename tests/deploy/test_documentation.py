"""What the documentation says of settings is what the code reads."""

import re
from pathlib import Path

import pytest

from arguments import parse_arguments
from deploy_settings import DeploySettings
from shared.format import Manifest
from shared.settings import FunctionSettings, LoggerSettings, RestoreSettings, StorageSettings
from vendor import ROOT

JOBS: dict[str, type[StorageSettings]] = {
    "logger": LoggerSettings,
    "function": FunctionSettings,
    "restore job": RestoreSettings,
}
# Set by Cloud Run, by the start script and by Render.
FROM_THE_PLATFORM = {"K_SERVICE", "RESTORE_EXIT_CODE", "RENDER"}


def section(title: str) -> str:
    """What the README has below a heading."""
    _, found, rest = (ROOT / "README.md").read_text().partition(f"\n{title}\n")
    assert found
    return re.split(r"^##+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def documented() -> dict[str, tuple[str, str]]:
    """Default and users of each setting in the README's table."""
    text = section("### Of the jobs")
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    return {name: (default, users) for name, default, users in rows}


def test_the_table_names_every_setting() -> None:
    """And no other."""
    read = {field.upper() for kind in JOBS.values() for field in kind.model_fields}
    assert set(documented()) == read - FROM_THE_PLATFORM


@pytest.mark.parametrize("job", JOBS)
def test_the_table_says_who_reads_a_setting(job: str) -> None:
    """`all`, or the jobs whose settings have it."""
    for name, (_, users) in documented().items():
        reads = name.lower() in JOBS[job].model_fields
        assert ("all" in users or job in users) == reads, name


def test_the_table_gives_the_defaults() -> None:
    """As they would stand in the environment."""
    for kind in JOBS.values():
        for field, info in kind.model_fields.items():
            if field.upper() in FROM_THE_PLATFORM or info.is_required() or info.default is None:
                continue
            said = documented()[field.upper()][0]
            default = info.default
            text = ",".join(default) if isinstance(default, tuple) else str(default)
            text = text.lower() if isinstance(default, bool) else text
            expected = f"`{text}`" if text else "none"
            assert said.startswith(expected), field


def test_the_example_file_names_every_setting() -> None:
    """A person who copies it sees all there is, with the default of each that has one."""
    lines = re.findall(r"^#([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    shown = dict(lines)
    assert sorted(name for name, _ in lines) == sorted(documented())
    for name, (default, _) in documented().items():
        if default.startswith("`"):
            assert shown[name] == default.split("`")[1], name


def test_the_table_of_the_set_up_names_its_lines_and_their_defaults() -> None:
    """And so does the example, which shows an example where there is no default."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", section("### Of the set-up"), re.MULTILINE)
    example = (ROOT / "deploy" / "settings.example.env").read_text()
    shown = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", example, re.MULTILINE))
    fields = {name.upper(): field for name, field in DeploySettings.model_fields.items()}
    assert sorted(name for name, _ in rows) == sorted(fields) == sorted(shown)
    for name, told in rows:
        default = fields[name].get_default(call_default_factory=True)
        if default in (None, {}) or fields[name].is_required():
            assert told.startswith(("none", "required")), name
        else:
            text = str(default).lower() if isinstance(default, bool) else f"{default}"
            assert told == f"`{text}`", name
            assert shown[name] == text, name


def test_no_setting_is_shared_by_accident() -> None:
    """What all jobs read is where backups are kept."""
    everywhere = set.intersection(*(set(kind.model_fields) for kind in JOBS.values()))
    assert everywhere == set(StorageSettings.model_fields)


def test_the_readme_shows_only_options_that_exist() -> None:
    """Each line of the restore job's examples is a command line that parses."""
    pages = [ROOT / "README.md", ROOT / "docs" / "restore.md"]
    text = "\n".join(page.read_text() for page in pages)
    examples = re.findall(r"^(?:\S*/)?python main\.py(.*)$", text, re.MULTILINE)
    assert len(examples) >= 12
    for example in examples:
        words = re.split(r"\s{2,}", example.strip())[0].replace("'", "").split()
        parse_arguments(words)


def test_the_format_page_names_every_field() -> None:
    """A manifest's fields stand in its table."""
    page = Path(ROOT / "docs" / "format.md").read_text()
    assert all(f"| `{field}` |" in page for field in Manifest.model_fields)
