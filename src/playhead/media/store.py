"""Where packaged videos lie: a folder of this machine, or a bucket that speaks S3. Both hold nothing but ciphertext.

A name is `asset/rendition/number.ts` or `asset/board-1`: made by us, never by anybody who asks.
"""

import os
import shutil
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from playhead.core.errors import Missing, PlayheadError

_LINK_LIFE_S: Final = 60


class Store(Protocol):
    def put(self, name: str, content: bytes) -> None:
        """Keep it; when this returns it is whole and safe."""
        ...

    def read(self, name: str) -> bytes:
        """Raises Missing."""
        ...

    def path(self, name: str) -> Path | None:
        """Its place on this machine; None where it lies elsewhere."""
        ...

    def link(self, name: str) -> str:
        """An address that anybody may fetch it from for a minute; empty where there is none."""
        ...

    def remove(self, asset: str) -> None: ...

    def names(self, asset: str) -> Iterator[str]: ...


class Folder:
    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, name: str, content: bytes) -> None:
        place = self.root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(place.name + ".part")
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)

    def read(self, name: str) -> bytes:
        try:
            return (self.root / name).read_bytes()
        except FileNotFoundError:
            raise Missing("no_such_file", "This part of the video is gone from the storage.") from None

    def path(self, name: str) -> Path | None:
        return self.root / name

    def link(self, name: str) -> str:  # noqa: ARG002  a folder of this machine has no address
        return ""

    def remove(self, asset: str) -> None:
        shutil.rmtree(self.root / asset, ignore_errors=True)

    def names(self, asset: str) -> Iterator[str]:
        return (str(path.relative_to(self.root)) for path in (self.root / asset).rglob("*") if path.is_file())


class Bucket:
    """`s3://bucket/prefix?endpoint=https://...&region=...`; the keys come from where boto3 finds them."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self._bucket = parts.netloc
        self._prefix = parts.path.strip("/")
        self._client = _client(asked.get("endpoint"), asked.get("region"))

    def put(self, name: str, content: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=self._key(name), Body=content)

    def read(self, name: str) -> bytes:
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=self._key(name))
        except self._client.exceptions.NoSuchKey:
            raise Missing("no_such_file", "This part of the video is gone from the storage.") from None
        return bytes(found["Body"].read())

    def path(self, name: str) -> Path | None:  # noqa: ARG002  it lies elsewhere
        return None

    def link(self, name: str) -> str:
        where = {"Bucket": self._bucket, "Key": self._key(name)}
        return str(self._client.generate_presigned_url("get_object", Params=where, ExpiresIn=_LINK_LIFE_S))

    def remove(self, asset: str) -> None:
        for name in list(self.names(asset)):
            self._client.delete_object(Bucket=self._bucket, Key=self._key(name))

    def names(self, asset: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=self._key(asset) + "/"):
            for found in page.get("Contents", []):
                yield str(found["Key"]).removeprefix(self._prefix + "/") if self._prefix else str(found["Key"])

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name


def _client(endpoint: str | None, region: str | None) -> Any:
    try:
        import boto3
    except ImportError as missing:
        raise PlayheadError("no_boto3", "PLAYHEAD_STORE is a bucket: pip install 'playhead[s3]'.") from missing
    return boto3.client("s3", endpoint_url=endpoint, region_name=region)


@lru_cache(maxsize=1)
def store() -> Store:
    return store_at(settings.PLAYHEAD_STORE)


def store_at(address: str) -> Store:
    return Bucket(address) if address.startswith("s3://") else Folder(Path(address))
