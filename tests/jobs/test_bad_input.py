"""What the function does when its logger is broken, strange or hostile: an error, and nothing else.

No manifest and no chunk may come of it, and the message says what was wrong.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
import zstandard

from emulators.storage import StorageFake
from job_processes import JobProcess, running_function
from jobs.scripted_logger import Scripted, ScriptedLogger, frame, listing, whole_file

CONTENT = b"2026-11-22,84250.10\n" * 50
GOOD = whole_file(CONTENT)
DIGEST = "ab" * 32
EXPECTED = f"{len(CONTENT)} bytes with {sha256(CONTENT).hexdigest()} expected"


@dataclass(frozen=True)
class Setup:
    """The function, the logger that it pulls from, and its bucket."""

    function: JobProcess
    logger: ScriptedLogger
    storage: StorageFake

    def refusal(self) -> str:
        """The message of the error that a backup ends in; nothing was stored."""
        answer = self.function.request("POST")
        assert self.storage.objects("bucket") == {}
        assert answer.status_code == 502, answer.text
        return str(answer.json()["message"])


@pytest.fixture(scope="module")
def shared_setup(function_folder: Path) -> Iterator[Setup]:
    """Started once: the tests below leave nothing in it."""
    with StorageFake(["bucket"]) as storage, ScriptedLogger() as logger:
        settings = {"GCS_BUCKET_NAME": "bucket", "STORAGE_EMULATOR_HOST": storage.url}
        with running_function(function_folder, logger.url, **settings) as function:
            yield Setup(function, logger, storage)


@pytest.fixture
def setup(shared_setup: Setup) -> Setup:
    """A good logger with one file, and nothing backed up yet."""
    for name in shared_setup.storage.objects("bucket"):
        shared_setup.storage.remove("bucket", name)
    shared_setup.logger.heard.clear()
    shared_setup.logger.serve(CONTENT)
    return shared_setup


def test_a_good_answer_is_backed_up(setup: Setup) -> None:
    """Otherwise the tests below would prove nothing."""
    answer = setup.function.request("POST")
    assert (answer.status_code, answer.json()["result"]) == (200, "created")
    assert len(setup.storage.objects("bucket")) == 2


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "JSON"),
        (b"<html>Bad gateway</html>", "JSON"),
        (listing(GOOD)[:-1], "JSON"),
        (b"[]", "snapshot"),
        (b"\xff" + listing(GOOD), "JSON"),
        (b"[" * 100_000, "JSON"),
        (b"{}", "service"),
        (listing(format=2), "format"),
        (listing(min_reader=2), "wants a reader of format 2, this one reads up to 1"),
        (listing(min_reader="newest"), "min_reader"),
        (listing(chunk_size=1), "chunk_size"),
        (listing(files=None), "files"),
        (listing(GOOD, GOOD), "'prices.csv' is named more than once"),
        (listing(GOOD, service="somebody-else"), "somebody-else"),
        (listing(GOOD | {"path": "../prices.csv"}), "'../prices.csv'"),
        (listing(GOOD | {"path": "a/../../prices.csv"}), "'a/../../prices.csv'"),
        (listing(GOOD | {"path": "/etc/prices.csv"}), "'/etc/prices.csv'"),
        (listing(GOOD | {"path": "a//prices.csv"}), "'a//prices.csv'"),
        (listing(GOOD | {"path": "a\\prices.csv"}), "backslash"),
        (listing(GOOD | {"path": "prices\n.csv"}), "unprintable"),
        (listing(GOOD | {"path": "prices\ud800.csv"}), "snapshot"),
        (listing(GOOD | {"path": ".backup/restore.json"}), ".backup/"),
        (listing(GOOD | {"path": ""}), "empty"),
        (listing(GOOD | {"path": "a" * 300}), "a part than 255"),
        (listing(GOOD | {"path": "/".join(["a" * 200] * 6)}), "longer than 1024 bytes"),
        (listing(GOOD | {"size": -1}), "files.0.size"),
        (listing(GOOD | {"size": 2**60}), "files.0.size"),
        (listing(GOOD | {"size": 5 * 2**20}), "2 chunks, 1 are named"),
        (listing(GOOD | {"chunks": ["../../etc/passwd"]}), "files.0.chunks.0"),
        (listing(GOOD | {"chunks": [DIGEST.upper()]}), "files.0.chunks.0"),
        (listing(GOOD | {"chunks": [DIGEST + ".abcdefgh"]}), "files.0.chunks.0"),
        (listing(GOOD | {"mtime_ns": 2**70}), "files.0.mtime_ns"),
    ],
)
def test_a_wrong_listing_is_refused_by_name(setup: Setup, body: bytes, named: str) -> None:
    """No file is asked for, and the message says which part of which answer was wrong."""
    setup.logger.snapshot = lambda _headers: Scripted(body)
    assert named in setup.refusal()
    assert setup.logger.heard == ["/snapshot"]


@pytest.mark.parametrize("status", [204, 301, 302, 304, 307, 401, 403, 404, 409, 429, 500, 503])
def test_only_an_answer_200_is_believed(setup: Setup, status: int) -> None:
    """Whatever the body says; a redirect is not followed, since it would carry the token off."""
    elsewhere = {"Location": f"{setup.logger.url}/elsewhere"}
    setup.logger.snapshot = lambda _headers: Scripted(listing(GOOD), status, elsewhere)
    assert ("no longer" if status == 409 else f"answered {status}") in setup.refusal()
    assert "/elsewhere" not in setup.logger.heard


def test_a_logger_with_another_token_is_told_apart(setup: Setup) -> None:
    """The hint names the setting that must be the same on both sides."""
    setup.logger.snapshot = lambda _headers: Scripted(b"the token is wrong", 401)
    answer = setup.function.request("POST")
    assert (answer.status_code, answer.json()["status"]) == (502, 401)
    assert "SNAPSHOT_TOKEN" in answer.json()["hint"]


def _streamed(content: bytes, window_log: int) -> bytes:
    """As an encoder codes that does not know how much will come."""
    params = zstandard.ZstdCompressionParameters(window_log=window_log)
    stream = zstandard.ZstdCompressor(compression_params=params).compressobj()
    return stream.compress(content) + stream.flush()


def _bomb(size: int) -> bytes:
    return zstandard.compress(bytes(size))


@pytest.mark.parametrize(
    ("coded", "named"),
    [
        (zstandard.compress(listing(GOOD))[:-9], "JSON"),
        (zstandard.compress(listing(GOOD)) + b"more", "not what zstd made"),
        (listing(GOOD), "not what zstd made"),
        (_bomb(65 * 1024 * 1024), "unpacks to more than 67108864 bytes"),
        (_streamed(listing(GOOD), window_log=27), "not what zstd made"),
        (b"", "JSON"),
    ],
    ids=["cut", "followed", "not compressed", "bomb", "of a wide window", "empty"],
)
def test_a_compressed_listing_is_opened_with_care(setup: Setup, coded: bytes, named: str) -> None:
    """Whole, and up to the size that a listing may have."""
    headers = {"Content-Encoding": "zstd"}
    setup.logger.snapshot = lambda _headers: Scripted(coded, headers=headers)
    assert named in setup.refusal()


def test_a_listing_may_be_coded_anew_on_its_way(setup: Setup) -> None:
    """A proxy does it as a stream, which does not say how long it will be."""
    coded = _streamed(listing(GOOD), window_log=23)
    headers = {"Content-Encoding": "zstd"}
    setup.logger.snapshot = lambda _headers: Scripted(coded, headers=headers)
    assert setup.function.request("POST").json()["result"] == "created"


def test_a_coding_that_was_not_asked_for_is_refused(setup: Setup) -> None:
    """A gzip is not JSON: whoever unpacks whatever comes can be made to unpack too much."""
    headers = {"Content-Encoding": "gzip"}
    setup.logger.snapshot = lambda _headers: Scripted(b"\x1f\x8b\x08" + bytes(20), headers=headers)
    assert "JSON" in setup.refusal()


@pytest.mark.parametrize("status", [200, 302])
def test_an_oversized_listing_is_cut_off(setup: Setup, status: int) -> None:
    """More than 64 MiB are not read to their end, also of what only leads elsewhere."""
    elsewhere = {"Location": f"{setup.logger.url}/elsewhere"}
    body = b" " * (64 * 1024 * 1024 + 1)
    setup.logger.snapshot = lambda _headers: Scripted(body, status, elsewhere)
    assert "more than 67108864 bytes" in setup.refusal()


@pytest.mark.parametrize("part", ["listing", "file"])
def test_an_answer_that_breaks_off_is_no_answer(setup: Setup, part: str) -> None:
    """A body shorter than announced is never taken for a whole one."""
    if part == "listing":
        setup.logger.snapshot = lambda _headers: Scripted(listing(GOOD) + b" " * 50, cut_to=-50)
    else:
        setup.logger.file = lambda _path: Scripted(frame(CONTENT) + b" ", cut_to=-1)
    assert "did not answer" in setup.refusal()


@pytest.mark.parametrize("status", [302, 401, 404, 500])
def test_a_file_that_is_refused_fails_the_backup(setup: Setup, status: int) -> None:
    """A logger that shows a file and does not give it is broken, and somebody must look."""
    elsewhere = {"Location": f"{setup.logger.url}/elsewhere"}
    setup.logger.file = lambda _path: Scripted(frame(CONTENT), status, elsewhere)
    message = setup.refusal()
    assert "/snapshot/files/prices.csv" in message
    assert str(status) in message
    assert "/elsewhere" not in setup.logger.heard


WrongFrame = Callable[[], bytes]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (lambda: frame(CONTENT)[:-1], "not a whole zstd frame"),
        (lambda: frame(CONTENT)[:20] + b"!" + frame(CONTENT)[21:], EXPECTED),
        (lambda: frame(CONTENT) + b"!", "not a whole zstd frame"),
        (lambda: frame(CONTENT) * 2, "not a whole zstd frame"),
        (lambda: CONTENT, "not a whole zstd frame"),
        (lambda: b"", "not a whole zstd frame"),
        (lambda: frame(CONTENT[:-1]), EXPECTED),
        (
            lambda: frame(CONTENT[:-1] + b"!"),
            EXPECTED,
        ),
        (lambda: frame(CONTENT + b"!"), "at most 1000 expected"),
        (lambda: _bomb(8 * 1024 * 1024), "at most 1000 expected"),
        (lambda: bytes(5 * 1024 * 1024), "answered with more than"),
    ],
    ids=[
        "cut",
        "corrupt",
        "followed",
        "twice",
        "raw",
        "empty",
        "short",
        "other",
        "long",
        "bomb",
        "oversized",
    ],
)
def test_wrong_bytes_are_never_stored(setup: Setup, body: WrongFrame, said: str) -> None:
    """The file is left out and named, with what was wrong; none of its bytes earn a name."""
    content = body()
    setup.logger.file = lambda _path: Scripted(content)
    answer = setup.function.request("POST")
    assert setup.storage.objects("bucket") == {}
    report = answer.json()
    assert list(report["changed"]) == ["prices.csv"]
    assert said in report["changed"]["prices.csv"]
    assert any("prices.csv" in warning for warning in report["warnings"])


def test_one_bad_file_does_not_keep_the_others_from_being_backed_up(setup: Setup) -> None:
    """What is good is committed; the bad one is named."""
    other = b"good\n"
    files = (GOOD, whole_file(other, "other.csv"))
    setup.logger.snapshot = lambda _headers: Scripted(listing(*files))
    setup.logger.file = lambda path: Scripted(frame(other) if path == "other.csv" else b"bad")
    report = setup.function.request("POST").json()
    assert (report["result"], report["files"], list(report["changed"])) == (
        "created",
        1,
        ["prices.csv"],
    )


def test_a_snapshot_beyond_the_settings_limit_is_refused(
    function_folder: Path, tmp_path: Path
) -> None:
    """Before a byte of it is fetched: somebody else pays for what is stored."""
    huge = {"path": "huge.csv", "size": 3 * 4194304, "mtime_ns": 1, "chunks": [DIGEST] * 3}
    settings = {"LOCAL_BACKUP_DIR": str(tmp_path), "MAX_SNAPSHOT_GB": "0.01"}
    with ScriptedLogger() as logger:
        logger.snapshot = lambda _headers: Scripted(listing(GOOD, huge))
        with running_function(function_folder, logger.url, **settings) as function:
            answer = function.request("POST")
    assert answer.status_code == 502
    told = answer.json()
    assert (told["error"], told["name"]) == ("SourceRefused", "huge.csv")
    assert "12,583,912 bytes, at most 10,000,000 expected" in told["message"]
    assert "huge.csv alone has 12,582,912" in told["message"]
    assert "MAX_SNAPSHOT_GB" in told["hint"]
    assert logger.heard == ["/snapshot"]
    assert not any(tmp_path.iterdir())
