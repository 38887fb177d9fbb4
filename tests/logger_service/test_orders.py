"""What may be asked of an operation, and what is said of anything else."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from operating.orders import CleanupOrder, Order, ProvidersOrder, RestoreOrder, parse_order
from operating.places import named, places_of
from operating.several import MOST_NAMED, cut, total
from shared.archive import Wanted
from shared.errors import BackupError
from shared.settings import LoggerSettings


def configured(folder: Path, **more: str) -> LoggerSettings:
    """A logger's settings, with local backups in a folder."""
    return LoggerSettings.model_validate({"local_backup_dir": folder, **more})


def test_nothing_asked_is_the_newest_of_everything() -> None:
    """Of all providers."""
    order = parse_order(RestoreOrder, {})
    assert (order.wanted, order.files, order.provider, order.wait) == (Wanted(), (), (), False)
    assert not order.names_something
    assert order.asked == {}


@pytest.mark.parametrize(
    "given",
    [
        {"backup": 42, "files": ["*.csv", "a.json"], "dry_run": True, "wait": True},
        {"backup": "42", "files": "*.csv, a.json", "dry_run": "true", "wait": "1"},
        {"backup": "42", "files": ["*.csv", "a.json"], "dry_run": "on", "wait": "yes"},
    ],
)
def test_a_query_says_the_same_as_a_body(given: dict[str, object]) -> None:
    """Where all are texts, and several stand in one or in several."""
    order = parse_order(RestoreOrder, given)
    assert (order.backup, order.files) == (42, ("*.csv", "a.json"))
    assert (order.dry_run, order.wait) == (True, True)
    assert order.names_something
    assert order.asked == {"backup": 42, "files": ["*.csv", "a.json"], "dry_run": True}


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2026-11-22T18:00Z", UTC),
        ("2026-11-22T18:00", UTC),
        ("2026-11-22T18:00:00+02:00", timezone(timedelta(hours=2))),
    ],
)
def test_a_time_without_a_zone_is_in_utc(text: str, zone: timezone) -> None:
    """As on the restore job's command line."""
    order = parse_order(RestoreOrder, {"at": text})
    assert order.wanted.at == datetime(2026, 11, 22, 18, tzinfo=zone)


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        (RestoreOrder, {"backup": "newest"}, 'backup: found "newest", expected the number of'),
        (RestoreOrder, {"backup": True}, "backup: found true, expected the number of"),
        (RestoreOrder, {"backup": 4.5}, "backup: found 4.5, expected the number of"),
        (RestoreOrder, {"backup": 0}, "backup: found 0, expected the number of"),
        (RestoreOrder, {"at": "noon"}, 'at: found "noon", expected a time such as'),
        (RestoreOrder, {"at": 1795000000}, "at: found 1795000000, expected a time such as"),
        (RestoreOrder, {"files": {"a": 1}}, 'files: found {"a": 1}, expected patterns'),
        (RestoreOrder, {"files": [1]}, "files: found [1], expected patterns"),
        (RestoreOrder, {"files": ["a\nb"]}, 'files: found ["a\\nb"], expected patterns'),
        (RestoreOrder, {"files": "a\0,\ud800"}, 'files: found "a\\u0000,\\ud800", expected'),
        (RestoreOrder, {"dry_run": "maybe"}, 'dry_run: found "maybe", expected true or false'),
        (RestoreOrder, {"wait": [True]}, "wait: found [true], expected true or false"),
        (RestoreOrder, {"backup": 1, "at": "2026-11-22T18:00Z"}, "expected one of them"),
        (RestoreOrder, {"file": "*"}, "'file' is unknown, expected some of wait, backup, at, "),
        (ProvidersOrder, {"backup": 1}, "'backup' is unknown, expected some of wait, providers"),
        (ProvidersOrder, {"providers": 1}, "providers: found 1, expected gcs, local or"),
        (CleanupOrder, {"keep": 1}, "'keep' is unknown, expected some of wait"),
        (CleanupOrder, {"wait": "x" * 500}, f'wait: found "{"x" * 79}, expected true or false'),
    ],
)
def test_what_is_wrong_is_named(kind: type[Order], given: dict[str, object], said: str) -> None:
    """400, with what was found and what is expected."""
    with pytest.raises(BackupError) as caught:
        parse_order(kind, given)
    assert caught.value.status == 400
    assert said in caught.value.message


def test_a_provider_goes_by_its_kind_or_its_address(tmp_path: Path) -> None:
    """The bucket comes first, and all without a name."""
    places = places_of(configured(tmp_path, gcs_bucket_name="bucket"))
    bucket, local = places
    assert (bucket.address, local.address) == ("gs://bucket/btc-logger", f"{tmp_path}/btc-logger")
    assert named(places, (), "provider") == places
    assert named(places, ("local", local.address), "provider") == (local,)
    assert named(places, (bucket.address, "local"), "provider") == places


def test_a_provider_that_is_not_configured_is_named(tmp_path: Path) -> None:
    """400, with those that are."""
    places = places_of(configured(tmp_path))
    with pytest.raises(BackupError) as caught:
        named(places, ("local", "gcs"), "providers")
    assert caught.value.status == 400
    assert caught.value.message == (
        f'providers: found "gcs", expected some of local ({tmp_path}/btc-logger)'
    )
    assert "GCS_BUCKET_NAME" in caught.value.hint


def test_a_long_list_is_cut_and_counted() -> None:
    """Jobs are remembered, and a list may have an entry for each of many files."""
    told: dict[str, object] = {
        "number": 7,
        "later": ["a"] * (MOST_NAMED + 2),
        "steps": {str(number): "write" for number in range(MOST_NAMED + 1)},
        "warnings": ["one"],
    }
    short = cut(told)
    assert short["left_out"] == {"later": 2, "steps": 1}
    assert len(str(short["later"])) < len(str(told["later"]))
    assert (short["number"], short["warnings"]) == (7, ["one"])
    assert [total(short, name) for name in ("later", "steps", "warnings")] == [
        *(MOST_NAMED + 2, MOST_NAMED + 1, 1)
    ]
    assert cut({"number": 7}) == {"number": 7}
