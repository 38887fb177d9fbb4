"""What is held now, read without the engine: JSON, SHA-256 and zstd are all it takes.

That is what a person would do with a bucket and no software of ours, and what anybody may do
who has the logger's address and its token.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import requests
import zstandard

CHUNK_SIZE = 4 * 1024 * 1024
PATIENCE_SECONDS = 30
Files = Mapping[str, bytes]  # contents by path, of the recorders' files only


class Unreadable(Exception):
    """What should be held cannot be read."""


@dataclass(frozen=True)
class Taken:
    """What one backup covers."""

    logger: str
    at: float  # all that was on that logger's disk then is in it; seconds since 1970


class Archive:
    """The backups in a bucket; `covers` grows with each look."""

    def __init__(self, prefix: str) -> None:
        self.covers: list[Taken] = []
        self._prefix = f"{prefix}/"
        self._seen: set[str] = set()
        self._contents: dict[str, bytes] = {}  # of chunks, by their object's name

    def files(self, objects: Mapping[str, bytes]) -> Files:
        """What the newest backup holds; raises Unreadable."""
        names = sorted(name for name in objects if name.startswith(f"{self._prefix}backups/"))
        for name in names:
            if name not in self._seen:
                self._seen.add(name)
                self._note(json.loads(objects[name]))
        entries = json.loads(objects[names[-1]])["files"] if names else []
        return {
            entry["path"]: b"".join(self._chunk(objects, ref) for ref in entry["chunks"])
            for entry in entries
            if is_recorded(entry["path"])
        }

    def _note(self, manifest: Mapping[str, Any]) -> None:
        if not manifest["partial"]:
            taken = manifest["snapshot"]
            at = datetime.fromisoformat(taken["taken_at"]).timestamp()
            self.covers.append(Taken(taken["instance"], at))

    def _chunk(self, objects: Mapping[str, bytes], ref: str) -> bytes:
        name = f"{self._prefix}chunks/{ref[:2]}/{ref}.zst"
        if name not in objects:
            raise Unreadable(f"the newest backup names {name}, which is not there")
        if name not in self._contents:
            self._contents[name] = opened(objects[name], ref[:64], name)
        return self._contents[name]


class Live:
    """The running logger, behind its public address."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token
        self._contents: dict[str, bytes] = {}  # of chunks, by digest

    def files(self) -> Files:
        """What it shows; raises Unreadable."""
        listed = json.loads(self._get("/snapshot"))["files"]
        recorded = [entry for entry in listed if is_recorded(entry["path"])]
        return {entry["path"]: self._content(entry) for entry in recorded}

    def _content(self, entry: Mapping[str, Any]) -> bytes:
        return b"".join(
            self._chunk(entry, number * CHUNK_SIZE, digest)
            for number, digest in enumerate(entry["chunks"])
        )

    def _chunk(self, entry: Mapping[str, Any], offset: int, digest: str) -> bytes:
        if digest not in self._contents:
            length = min(CHUNK_SIZE, entry["size"] - offset)
            query = f"offset={offset}&length={length}&chunk={digest}"
            frame = self._get(f"/snapshot/files/{entry['path']}?{query}")
            self._contents[digest] = opened(frame, digest, entry["path"])
        return self._contents[digest]

    def _get(self, path: str) -> bytes:
        with requests.Session() as session:  # a kept connection would stay with an old instance
            session.trust_env = False
            headers = {"Authorization": f"Bearer {self._token}", "Connection": "close"}
            try:
                answer = session.get(self._url + path, headers=headers, timeout=PATIENCE_SECONDS)
            except requests.RequestException as error:
                raise Unreadable(f"{path}: {error}") from error
        if answer.status_code != 200:
            raise Unreadable(f"{path}: {answer.status_code} {answer.text[:200]}")
        return answer.content


def is_recorded(path: str) -> bool:
    """Whether it is a recorder's file."""
    return path.startswith("BTC-USD/") and path.endswith(".csv")


def opened(frame: bytes, digest: str, name: str) -> bytes:
    """What a zstd frame holds, if it is what its name says."""
    content = zstandard.ZstdDecompressor().decompressobj().decompress(frame)
    if sha256(content).hexdigest() != digest:
        raise Unreadable(f"{name} is not what its digest says")
    return content
