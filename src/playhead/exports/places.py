"""Where files go: a folder of this machine, or a bucket that speaks S3. A file is there whole, or not."""

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from playhead.analytics.parquet import sync_folder
from playhead.core.errors import Invalid, PlayheadError

UNFINISHED: Final = ".unfinished"
_CONNECT_S: Final = 10
_READ_S: Final = 60


class Place(Protocol):
    def put(self, name: str, file: Path) -> None:
        """Keep a copy; when this returns it is whole and safe. One of the same name is replaced."""
        ...

    def fetch(self, name: str, into: Path) -> None: ...

    def names(self, below: str) -> Iterator[str]:
        """Every name that begins with `below/`."""
        ...


class Folder:
    """A folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, name: str, file: Path) -> None:
        final = self.root / name
        final.parent.mkdir(parents=True, exist_ok=True)
        draft = final.with_name(f"{final.name}.{secrets.token_hex(4)}{UNFINISHED}")
        try:
            with file.open("rb") as source, draft.open("wb") as copy:
                shutil.copyfileobj(source, copy)
                copy.flush()
                os.fsync(copy.fileno())
            draft.replace(final)
            sync_folder(final.parent)
        finally:
            draft.unlink(missing_ok=True)

    def fetch(self, name: str, into: Path) -> None:
        shutil.copyfile(self.root / name, into)

    def names(self, below: str) -> Iterator[str]:
        found = (path for path in (self.root / below).rglob("*") if path.is_file() and path.suffix != UNFINISHED)
        return (path.relative_to(self.root).as_posix() for path in found)

    def sweep(self, below: str) -> None:
        """Remove what was broken off here; only for the one who writes."""
        for path in (self.root / below).glob(f"*{UNFINISHED}"):
            path.unlink(missing_ok=True)


class Bucket:
    """`s3://key:secret@bucket/prefix?endpoint=https://...&region=...`; without keys, those that boto3 finds."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._bucket, self._prefix = parts.netloc.rpartition("@")[2], parts.path.strip("/")
        self._client = _client(address)

    def put(self, name: str, file: Path) -> None:
        with file.open("rb") as content:
            self._client.put_object(Bucket=self._bucket, Key=self._key(name), Body=content)

    def fetch(self, name: str, into: Path) -> None:
        self._client.download_file(self._bucket, self._key(name), str(into))

    def names(self, below: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=self._key(below) + "/"):
            for found in page.get("Contents", []):
                yield str(found["Key"]).removeprefix(self._prefix + "/") if self._prefix else str(found["Key"])

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name


def _client(address: str) -> Any:
    try:
        import boto3
        from botocore.config import Config
    except ImportError as missing:
        raise PlayheadError("extra_missing", "A bucket needs an extra: pip install 'playhead[s3]'.") from missing
    parts = urlsplit(address)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    given = {"aws_access_key_id": parts.username, "aws_secret_access_key": parts.password}
    keys = {name: unquote(value) for name, value in given.items() if value}
    return boto3.client(
        "s3",
        endpoint_url=asked.get("endpoint"),
        region_name=asked.get("region"),
        config=Config(connect_timeout=_CONNECT_S, read_timeout=_READ_S, retries={"max_attempts": 1}),
        **keys,
    )


def place_at(address: str) -> Place:
    """A bucket for `s3://...`, a folder for an absolute path or `file:///...`. Raises Invalid for anything else."""
    if address.startswith("s3://"):
        if not urlsplit(address).netloc.rpartition("@")[2]:
            raise Invalid("address_invalid", "A bucket is written s3://bucket/prefix.")
        return Bucket(address)
    path = Path(unquote(address.removeprefix("file://")))
    if "://" in str(address).removeprefix("file://") or not path.is_absolute():
        raise Invalid("address_invalid", "A folder is written as an absolute path, a bucket as s3://bucket/prefix.")
    return Folder(path)
