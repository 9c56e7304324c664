"""Packaged videos in a bucket: the same as in a folder, and segments by an address that ends."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from moto.server import ThreadedMotoServer

from playhead.core.errors import Missing
from playhead.media import store
from playhead.media.store import Bucket, Folder, Store, store_at
from tests.media.conftest import Film, packaged


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """Moto, standing in for S3 on a port of its own."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    address = f"s3://lectures/school?endpoint={s3}&region=us-east-1"
    held: Any = store_at(address)
    held._client.create_bucket(Bucket="lectures")
    held.remove("a_one")
    return address


@pytest.fixture(params=["folder", "bucket"])
def held(request: pytest.FixtureRequest, tmp_path: Any) -> Store:
    return Folder(tmp_path) if request.param == "folder" else store_at(request.getfixturevalue("bucket"))


def test_what_is_put_is_read_and_goes_as_a_whole(held: Store) -> None:
    held.put("a_one/64p/0.ts", b"zero")
    held.put("a_one/board-0", b"board")
    held.put("a_two/64p/0.ts", b"another's")

    assert sorted(held.names("a_one")) == ["a_one/64p/0.ts", "a_one/board-0"]
    assert held.read("a_one/64p/0.ts") == b"zero"
    held.remove("a_one")
    assert list(held.names("a_one")) == []
    with pytest.raises(Missing):
        held.read("a_one/64p/0.ts")
    assert held.read("a_two/64p/0.ts") == b"another's"
    held.remove("a_two")


def test_a_bucket_gives_an_address_that_ends(bucket: str) -> None:
    held = store_at(bucket)
    held.put("a_one/64p/0.ts", b"zero")
    link = held.link("a_one/64p/0.ts")

    assert isinstance(held, Bucket)
    assert held.path("a_one/64p/0.ts") is None
    assert ("X-Amz-Expires=60" in link) or ("Expires=" in link)
    assert httpx.get(link).content == b"zero"


@pytest.mark.django_db(transaction=True, databases=["default", "tracking"])
def test_a_film_is_packaged_into_a_bucket(film: Film, bucket: str, settings: Any) -> None:
    settings.PLAYHEAD_STORE = bucket
    store.store.cache_clear()
    asset = packaged(film(10))

    assert len(list(store_at(bucket).names(asset.key))) == 3 + 1 + 5
    store.store().remove(asset.key)
