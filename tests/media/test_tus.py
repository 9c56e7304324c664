"""Uploads by tus 1.0: every byte once, in its order, whatever the connection and the server do."""

import asyncio
import hashlib
import random
from typing import Any

import httpx
import pytest
from django.utils import timezone

from playhead.core.errors import Invalid, PlayheadError, TooLarge
from playhead.media import uploads
from playhead.media.models import Asset, State, Upload
from playhead.media.packer import incoming
from playhead.media.tus import Uploads

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

CONTENT = random.Random(7).randbytes(3_000_000)
PIECE = "application/offset+octet-stream"


def begun(content: bytes = CONTENT) -> tuple[Asset, str]:
    return uploads.begin(organisation_id=1, shelf="c", title="", name="a film.mp4", size_bytes=len(content))


def asked(method: str, address: str, content: bytes = b"", headers: dict[str, Any] | None = None) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=Uploads())
        async with httpx.AsyncClient(transport=transport, base_url="http://school") as client:
            told = {
                "tus-resumable": "1.0.0",
                **{name.replace("_", "-"): value for name, value in (headers or {}).items()},
            }
            return await client.request(method, address, content=content, headers=told)

    return asyncio.run(ask())


def sent(address: str, content: bytes, at: int) -> httpx.Response:
    return asked("PATCH", address, content, {"content_type": PIECE, "upload_offset": str(at)})


def offset(address: str) -> int:
    return int(asked("HEAD", address).headers["upload-offset"])


def broken_off(address: str, content: bytes, at: int) -> None:
    """The connection is cut after `content`, which was to be only the beginning of a piece."""

    async def cut() -> None:
        pieces: list[dict[str, Any]] = [
            {"type": "http.request", "body": content, "more_body": True},
            {"type": "http.disconnect"},
        ]
        messages = iter(pieces)

        async def receive() -> dict[str, Any]:
            return next(messages)

        async def send(_message: Any) -> None:
            """Nobody listens any more."""

        told = {"tus-resumable": "1.0.0", "content-type": PIECE, "upload-offset": str(at)}
        headers = [(name.encode(), value.encode()) for name, value in told.items()]
        await Uploads()({"type": "http", "method": "PATCH", "path": address, "headers": headers}, receive, send)

    asyncio.run(cut())


def test_all_of_it_in_pieces_then_it_waits() -> None:
    asset, address = begun()
    at, pieces = 0, random.Random(1)
    while at < len(CONTENT):
        size = pieces.randint(1, 900_000)
        answer = sent(address, CONTENT[at : at + size], at)
        at = min(len(CONTENT), at + size)
        assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(at))
    asset.refresh_from_db()

    assert asset.state == State.WAITING
    assert incoming(asset).read_bytes() == CONTENT
    assert asset.title == "a film"


def test_what_arrived_before_the_cut_is_kept() -> None:
    asset, address = begun()
    at, cuts = 0, 0
    while cuts < 10:
        broken_off(address, CONTENT[at : at + 250_000], at)
        at, cuts = offset(address), cuts + 1
    sent(address, CONTENT[at:], at)

    assert hashlib.sha256(incoming(asset).read_bytes()).digest() == hashlib.sha256(CONTENT).digest()
    assert Upload.objects.get().finished_at is not None


def test_a_server_that_died_after_the_last_byte_says_so_when_asked() -> None:
    asset, address = begun()
    incoming(asset).write_bytes(CONTENT)

    assert offset(address) == len(CONTENT)
    asset.refresh_from_db()
    assert asset.state == State.WAITING


def test_the_same_piece_again_changes_nothing() -> None:
    asset, address = begun()
    sent(address, CONTENT[:1000], 0)

    assert sent(address, CONTENT[:1000], 0).status_code == 409
    assert sent(address, CONTENT[2000:3000], 2000).status_code == 409
    assert incoming(asset).read_bytes() == CONTENT[:1000]


def test_more_than_was_announced_is_refused_and_not_written() -> None:
    asset, address = begun(CONTENT[:1000])

    assert sent(address, CONTENT[:1001], 0).status_code == 413
    assert incoming(asset).read_bytes() == b""


def test_a_finished_upload_takes_nothing_more() -> None:
    _asset, address = begun(b"all of it")
    sent(address, b"all of it", 0)

    assert sent(address, b"", 9).status_code == 409
    assert offset(address) == 9


def test_given_up_it_is_gone() -> None:
    asset, address = begun()
    sent(address, CONTENT[:1000], 0)

    assert asked("DELETE", address).status_code == 204
    assert not Asset.objects.filter(pk=asset.pk).exists()
    assert not incoming(asset).exists()
    assert asked("HEAD", address).status_code == 404


@pytest.mark.parametrize("path", ["x", "", "../../etc/passwd", "%2e%2e%2fsite.sqlite3", "a" * 5000])
def test_an_address_nobody_was_given(path: str) -> None:
    begun()

    for method in ("HEAD", "PATCH", "DELETE", "GET", "POST"):
        headers = {"content_type": PIECE, "upload_offset": "0"}
        assert asked(method, f"/uploads/{path}", b"", headers).status_code == 404


def test_too_late() -> None:
    _asset, address = begun()
    Upload.objects.update(expires_at=timezone.now())

    assert asked("HEAD", address).status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"tus_resumable": "0.2.1"}, 412),
        ({"content_type": "video/mp4"}, 415),
        ({"upload_offset": "-1"}, 400),
        ({"upload_offset": "1e3"}, 400),
        ({"upload_offset": "٣"}, 400),
        ({"upload_offset": "99999999999999999999"}, 409),
    ],
)
def test_what_is_not_tus(headers: dict[str, str], status: int) -> None:
    asset, address = begun()
    told = {"content_type": PIECE, "upload_offset": "0", **headers}
    encoded = {name: value.encode() if not value.isascii() else value for name, value in told.items()}

    assert asked("PATCH", address, CONTENT, encoded).status_code == status
    assert incoming(asset).read_bytes() == b""


def test_what_it_can_do_it_says() -> None:
    answer = asked("OPTIONS", "/uploads/anything")

    assert (answer.status_code, answer.headers["tus-version"]) == (204, "1.0.0")
    assert answer.headers["tus-extension"] == "creation,expiration,termination"


def test_a_way_around_proxies_that_know_no_patch() -> None:
    asset, address = begun()
    headers = {"x_http_method_override": "PATCH", "content_type": PIECE, "upload_offset": "0"}

    assert asked("POST", address, CONTENT[:100], headers).status_code == 204
    assert incoming(asset).read_bytes() == CONTENT[:100]


@pytest.mark.parametrize("name", ["../film.mp4", "a/b.mp4", "..", "", " ", "a\0.mp4", "c:\\film.mp4", "\u202egpm.4"])
def test_names_that_want_to_be_paths(name: str) -> None:
    with pytest.raises(Invalid, match="bad_name"):
        uploads.begin(organisation_id=1, shelf="c", title="", name=name, size_bytes=10)
    assert not Asset.objects.exists()


@pytest.mark.parametrize(("size", "kind"), [(0, Invalid), (-1, Invalid), (51 * 1024**3, TooLarge)])
def test_sizes_that_make_no_sense(size: int, kind: type[PlayheadError]) -> None:
    with pytest.raises(kind):
        uploads.begin(organisation_id=1, shelf="c", title="", name="film.mp4", size_bytes=size)


def test_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10, 9, 1))
    with pytest.raises(PlayheadError, match="no_room"):
        uploads.begin(organisation_id=1, shelf="c", title="", name="film.mp4", size_bytes=10)


def test_two_pieces_at_once_are_one_after_the_other() -> None:
    """The file is locked while a piece arrives: the second is told to come again."""
    asset, address = begun()

    async def together() -> list[int]:
        transport = httpx.ASGITransport(app=Uploads())
        async with httpx.AsyncClient(transport=transport, base_url="http://school") as client:
            headers = {"tus-resumable": "1.0.0", "content-type": PIECE, "upload-offset": "0"}
            pieces = [client.patch(address, content=CONTENT[:800_000], headers=headers) for _ in range(4)]
            return sorted([answer.status_code for answer in await asyncio.gather(*pieces)])

    answers = asyncio.run(together())

    assert answers[0] == 204
    assert set(answers[1:]) <= {409, 429}
    assert incoming(asset).read_bytes() == CONTENT[:800_000]
