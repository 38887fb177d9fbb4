import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials

from emulators.storage import StorageFake
from provider_contract import CHUNKS, ONE, TWO, ProviderContract
from shared import gcs_provider
from shared.errors import (
    BadSettings,
    ObjectDamaged,
    ObjectExists,
    ObjectMissing,
    StorageForbidden,
    StorageMissing,
    StorageUnavailable,
)
from shared.gcs_provider import GcsProvider
from shared.provider import Provider

BUCKET = "my-bucket"  # a missing object of such a bucket is still no missing bucket
PREFIX = "btc-logger"
STORED = f"{PREFIX}/{ONE}"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[StorageFake]:
    """The storage that the provider talks to."""
    with StorageFake(buckets=[BUCKET]) as running:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", running.url)
        yield running


@pytest.fixture
def provider(fake: StorageFake) -> Provider:
    """The real client, with a bucket that holds nothing."""
    assert not fake.calls
    return GcsProvider(BUCKET, PREFIX)


class TestGcsProvider(ProviderContract):
    """The contract, over loopback."""


def verbs(provider: Provider) -> dict[str, Callable[[], object]]:
    """Each verb, with the right that it needs."""
    return {
        "create": lambda: provider.put(ONE, b"content"),
        "get": lambda: provider.get(ONE, 100),
        "list": lambda: list(provider.list("backups/")),
        "delete": lambda: provider.delete(ONE, 1),
    }


def test_objects_lie_below_the_prefix(provider: Provider, fake: StorageFake) -> None:
    """What others keep in the bucket is not shown."""
    fake.plant(BUCKET, f"other/{TWO}", b"another service's")
    fake.plant(BUCKET, TWO, b"without a prefix")
    provider.put(ONE, b"content")
    assert fake.objects(BUCKET)[STORED] == b"content"
    assert [info.name for info in provider.list("backups/")] == [ONE]
    assert provider.address == f"gs://{BUCKET}/{PREFIX}"


def test_each_verb_is_one_call(provider: Provider, fake: StorageFake) -> None:
    """Calls cost money, and a key may not have the rights for hidden ones."""
    info = provider.put(ONE, b"content")
    provider.get(ONE, 100)
    provider.stat(ONE)
    list(provider.list("backups/"))
    provider.delete(ONE, info.generation)
    assert [call.verb for call in fake.calls] == ["insert", "media", "get", "list", "delete"]
    assert {call.status for call in fake.calls} == {200, 204}


def test_nothing_is_asked_before_the_first_verb(fake: StorageFake) -> None:
    """A job that starts while the storage is away starts nevertheless."""
    GcsProvider(BUCKET, PREFIX)
    assert not fake.calls


def test_a_long_listing_comes_in_pages(provider: Provider, fake: StorageFake) -> None:
    """All of it, in order, also after a name in the middle."""
    names = [f"chunks/{i % 256:02x}/{i % 256:02x}{i:062x}.zst" for i in range(1100)]
    for name in names:
        fake.plant(BUCKET, f"{PREFIX}/{name}", b"")
    ordered = sorted(names)
    assert [info.name for info in provider.list("chunks/")] == ordered
    assert fake.count("list") == 2
    after = ordered[1050]
    assert [info.name for info in provider.list("chunks/", after=after)] == ordered[1051:]


def test_a_create_that_another_writer_won_is_a_lost_race(
    provider: Provider, fake: StorageFake
) -> None:
    """The bytes decide whose it is."""
    fake.plant(BUCKET, STORED, b"another's")
    with pytest.raises(ObjectExists) as caught:
        provider.put(ONE, b"content")
    assert caught.value.status == 412
    assert fake.objects(BUCKET) == {STORED: b"another's"}


def test_an_object_too_large_is_not_taken_into_memory(
    provider: Provider, fake: StorageFake
) -> None:
    """Nor asked for again."""
    fake.plant(BUCKET, STORED, bytes(9 * 1024 * 1024))
    with pytest.raises(ObjectDamaged, match="larger than"):
        provider.get(ONE, 1024)
    assert fake.count("media") == 1


def test_a_missing_bucket_is_told_by_every_verb(fake: StorageFake) -> None:
    """With the setting that names it; it is neither an empty archive nor a missing object."""
    fake.plant(BUCKET, STORED, b"content")
    provider = GcsProvider("no-such", PREFIX)
    uses = verbs(provider)
    uses["stat"] = lambda: provider.stat(ONE)
    for use in uses.values():
        with pytest.raises(StorageMissing) as caught:
            use()
        assert "gs://no-such" in caught.value.message
        assert "GCS_BUCKET_NAME" in caught.value.hint
        assert caught.value.status == 404


def test_a_missing_object_is_told_with_its_bucket(provider: Provider) -> None:
    """Whatever the bucket is called."""
    uses: list[Callable[[], object]] = [lambda: provider.get(ONE, 1), lambda: provider.stat(ONE)]
    for use in uses:
        with pytest.raises(ObjectMissing, match=BUCKET) as caught:
            use()
        assert caught.value.status == 404


@pytest.mark.parametrize("right", ["create", "get", "list", "delete"])
def test_a_missing_right_is_named(monkeypatch: pytest.MonkeyPatch, right: str) -> None:
    """So that it can be granted; the other verbs work."""
    with StorageFake(buckets=[BUCKET], forbidden={right}) as fake:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", fake.url)
        provider = GcsProvider(BUCKET, PREFIX)
        generation = fake.plant(BUCKET, STORED, b"content")
        with pytest.raises(StorageForbidden) as caught:
            verbs(provider)[right]()
        assert f"storage.objects.{right}" in caught.value.hint
        assert caught.value.status == 403
        if right != "list":
            assert [info.name for info in provider.list("backups/")] == [ONE]
        if right != "get":
            assert provider.get(ONE, 100) == b"content"
        if right != "create":
            provider.put(CHUNKS[0], b"chunk")
        if right != "delete":
            provider.delete(ONE, generation)


def test_a_key_that_may_not_delete_still_settles_its_own_create(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The logger's key creates and reads, nothing more (rule 10)."""
    with StorageFake(buckets=[BUCKET], forbidden={"delete"}) as fake:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", fake.url)
        provider = GcsProvider(BUCKET, PREFIX)
        assert provider.put(ONE, b"content") == provider.put(ONE, b"content")
        with pytest.raises(ObjectExists):
            provider.put(ONE, b"other")
        assert fake.objects(BUCKET) == {STORED: b"content"}


def test_storage_that_nobody_answers_for_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """By every verb; the port is held, so that nobody else can listen there."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{held.getsockname()[1]}"
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", address)
        for use in verbs(GcsProvider(BUCKET, PREFIX, patience=0.5)).values():
            with pytest.raises(StorageUnavailable) as caught:
                use()
            assert f"gs://{BUCKET}" in caught.value.message


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"not json",
        b"\xff\xfe\x00",
        b"{}",
        b"[]",
        b'"text"',
        b'{"type": "authorized_user"}',
    ],
)
def test_a_bad_key_file_is_a_settings_error(tmp_path: Path, content: bytes | None) -> None:
    """One that is missing, and one that is no service account's key; the secret is not shown."""
    key_file = tmp_path / "key.json"
    if content is not None:
        key_file.write_bytes(content)
    for use in verbs(GcsProvider(BUCKET, PREFIX, key_file=key_file)).values():
        with pytest.raises(BadSettings) as caught:
            use()
        assert caught.value.message.startswith(f"GOOGLE_APPLICATION_CREDENTIALS: {key_file} ")


def test_a_spoiled_private_key_is_a_settings_error_and_not_shown(tmp_path: Path) -> None:
    """Its line ends are easily lost in a dashboard's field."""
    key_file = tmp_path / "key.json"
    key = {
        "type": "service_account",
        "client_email": "me@example.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.example/token",
        "private_key": "-----BEGIN PRIVATE KEY----- c2VjcmV0 -----END PRIVATE KEY-----",
    }
    key_file.write_text(json.dumps(key))
    with pytest.raises(BadSettings, match="GOOGLE_APPLICATION_CREDENTIALS") as caught:
        GcsProvider(BUCKET, PREFIX, key_file=key_file).get(ONE, 1)
    assert "c2VjcmV0" not in str(caught.value)


def test_a_machine_without_any_key_is_told_which_setting_gives_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is asked of a network for that."""
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(StorageForbidden, match=f"no valid key for gs://{BUCKET}") as caught:
        GcsProvider(BUCKET, PREFIX).get(ONE, 1)
    assert "GOOGLE_APPLICATION_CREDENTIALS" in caught.value.hint


def test_an_emulator_is_never_shown_a_key(fake: StorageFake, tmp_path: Path) -> None:
    """Not even one that cannot be read is asked for."""
    provider = GcsProvider(BUCKET, PREFIX, key_file=tmp_path / "missing.json")
    provider.put(ONE, b"content")
    assert fake.objects(BUCKET) == {STORED: b"content"}
    assert isinstance(gcs_provider._credentials(None), AnonymousCredentials)  # noqa: SLF001  no request shows it
