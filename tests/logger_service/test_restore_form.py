"""The form of a restore: what it takes, and what is wrong with it, said beside the field."""

import re
from pathlib import Path

import pytest

from logger_service.shown_pages import words_of
from logger_service.steered_pages import SteeredPages, assert_whole


@pytest.fixture
def pages(tmp_path: Path) -> SteeredPages:
    """Of a logger with a bucket, which nobody asks here."""
    return SteeredPages(tmp_path, gcs_bucket_name="b-1")


def refused(pages: SteeredPages, **fields: str) -> str:
    """The page that a wrong form is answered with."""
    answer = pages.submit("/dashboard/restore", **fields)
    assert answer.status_code == 400, answer.text
    assert_whole(answer.text)
    assert pages.jobs.newest_first() == []
    return answer.text


def test_it_says_what_each_field_takes(pages: SteeredPages) -> None:
    """Empty as it is, it asks for the newest of everything."""
    words = pages.read("/dashboard/restore")
    assert "Leave both empty for the newest." in words
    assert "It is UTC unless you name another zone" in words
    html = pages.get("/dashboard/restore")
    assert re.findall(r'<option value="(.*?)"', html) == ["", "gcs", "local"]
    assert "aria-invalid" not in html


def test_a_link_can_fill_it_in(pages: SteeredPages) -> None:
    """As that of a backup's page does; a provider by its kind or its address."""
    html = pages.get("/dashboard/restore?backup=42&provider=gs://b-1/btc-logger&earlier=true")
    assert 'name="backup" inputmode="numeric" autocomplete="off" value="42"' in html
    assert '<option value="gcs" selected>' in html
    assert " checked" in html
    assert '<option value="local" selected>' in pages.get("/dashboard/restore?provider=local")


def test_what_is_wrong_stands_beside_each_field(pages: SteeredPages) -> None:
    """All of it at once; and what was typed is still there."""
    html = refused(pages, backup="<b>", at="yesterday", files="*.csv")
    words = words_of(html)
    assert "2 of the fields are not right: number, time." in words
    assert 'Found "<b>", expected the number of a backup, such as 42' in words
    assert 'Found "yesterday", expected a time such as 2026-11-22T18:00Z' in words
    for name in ("backup", "at"):
        assert f'aria-invalid="true" aria-describedby="{name}-wrong {name}-help"' in html
        assert f'id="{name}-wrong"' in html
    for value in ("&lt;b&gt;", "yesterday", "*.csv"):
        assert f'value="{value}"' in html
    assert html.count("autofocus") == 1


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"backup": "1", "at": "2026-11-22"}, "Backup and at are two ways to name one backup"),
        ({"backup": "0"}, 'Found "0", expected the number'),
        ({"backup": "4.2"}, 'Found "4.2", expected the number'),
        ({"backup": "9" * 5000}, 'Found "999'),
        ({"at": "0001-01-01T00:00+14:00"}, "expected a time"),
        ({"provider": "tape"}, 'Found "tape", expected some of gcs (gs://b-1/btc-logger), local'),
        ({"files": "a\nb"}, "expected patterns such as *.csv"),
        ({"earlier": "perhaps"}, 'Found "perhaps", expected true or false'),
    ],
)
def test_a_wrong_field_begins_nothing(
    pages: SteeredPages, fields: dict[str, str], says: str
) -> None:
    """And is named."""
    words = words_of(refused(pages, **fields))
    assert "1 of the fields is not right" in words
    assert says in words


def test_spaces_and_unknown_fields_do_no_harm(pages: SteeredPages) -> None:
    """A browser's add-on may send more than the form has."""
    page = pages.preview(backup=" 42 ", at=" ", provider="local", more="1", wait="true")
    assert "There is no backup yet" in pages.read(page)
