"""The delivery door: everything to whom it is for, and not one byte to anybody else."""

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings

from playhead.core import limits
from playhead.core.sections import Sections
from playhead.core.tickets import sign
from playhead.media import keys, store
from playhead.media.hls import Hls
from playhead.media.models import Captions
from playhead.media.packaging import Lock
from playhead.media.shelf import Shelf
from playhead.recorder import service
from playhead.recorder.models import Playback
from playhead.recorder.policy import Policy
from playhead.recorder.recorder import Recorder
from tests.media.conftest import Film, packaged
from tests.world import HandClock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

ALL = ("master.m3u8", "64p.m3u8", "64p/0.ts", "64p/2.ts", "64p/0.key", "poster.jpg", "board-0.jpg", "storyboard.vtt",
       "chapters.vtt", "captions/en.vtt")  # fmt: skip
MEDIA = ("64p/0.ts", "64p/0.key", "poster.jpg", "board-0.jpg")


@dataclass
class House:
    """A door over one packaged film of ten seconds, which is the video `film`."""

    recorder: Recorder
    clock: HandClock
    lock: Lock
    accel: str = ""
    answers: list[httpx.Response] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.door = self.new_door()

    def new_door(self) -> Hls:
        shelf = Shelf({"film": self.lock.asset}.get)
        return Hls(self.recorder, service.ticket_keys(), shelf, store.store(), accel=self.accel)

    def open(self, viewer: str = "bob", video: str = "film", **policy: Any) -> service.Opening:
        terms = Policy(delivery_is_evidence=True, **policy)
        return service.open_playback(viewer=viewer, video=video, duration_ms=10_000, policy=terms, session="s")

    def get(self, ticket: str, name: str, *, method: str = "GET", **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.door)
            async with httpx.AsyncClient(transport=transport, base_url="http://school") as client:
                return await client.request(method, f"/hls/{ticket}/{name}", headers=headers)

        return asyncio.run(ask())

    def delivered(self, playback: str) -> list[tuple[int, int]]:
        return Sections.unpack(bytes(Playback.objects.get(key=playback).delivered)).pairs()


@pytest.fixture
def house(film: Film, recorder: Recorder, clock: HandClock) -> House:
    asset = packaged(film(10))
    asset.chapters = [{"start_ms": 0, "title": "One"}, {"start_ms": 5000, "title": "Two & <b>three</b>"}]
    asset.save()
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"
    Captions.objects.create(asset=asset, language="en", label="English", text=text)
    return House(recorder, clock, Lock(asset.key, keys.master_keys().get(asset.master), bytes(asset.salt)))


def test_a_player_gets_all_it_needs_from_the_first_address_alone(house: House) -> None:
    """As a player does: from the master playlist, by what each answer names, to the pictures."""
    opening = house.open()
    ticket = opening.ticket
    (rendition,) = re.findall(r"^([^#].*)$", house.get(ticket, "master.m3u8").text, re.MULTILINE)
    playlist = house.get(ticket, rendition).text
    clear = b""
    for key, iv, name in re.findall(r'URI="(.*?)",IV=0x(.*)\n#EXTINF.*\n(.*)\n', playlist):
        secret = house.get(ticket, key).content
        assert len(secret) == 16
        clear += decrypted(house.get(ticket, name).content, secret, bytes.fromhex(iv))

    assert playlist.count("#EXTINF:4.000,") == 2
    assert set(clear[: 188 * 100 : 188]) == {0x47}
    assert house.delivered(opening.playback) == [(0, 10_000)]


def decrypted(content: bytes, key: bytes, iv: bytes) -> bytes:
    from cryptography.hazmat.primitives import padding
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    unpadder = padding.PKCS7(128).unpadder()
    return unpadder.update(decryptor.update(content) + decryptor.finalize()) + unpadder.finalize()


def test_texts_and_pictures(house: House) -> None:
    ticket = house.open().ticket

    assert "board-0.jpg#xywh=136,0,136,90" in house.get(ticket, "storyboard.vtt").text
    assert "00:00:05.000 --> 00:00:10.000\nTwo &amp; &lt;b>three&lt;/b>" in house.get(ticket, "chapters.vtt").text
    assert "Hello" in house.get(ticket, "captions/en.vtt").text
    for picture in ("poster.jpg", "board-0.jpg"):
        assert house.get(ticket, picture).content[:3] == b"\xff\xd8\xff"
    for name in ALL:
        answer = house.get(ticket, name)
        assert answer.status_code == 200, name
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_only_what_was_asked_for_counts_as_delivered(house: House) -> None:
    opening = house.open()
    house.get(opening.ticket, "64p/1.ts")

    assert house.delivered(opening.playback) == [(4000, 8000)]
    for name in ("master.m3u8", "64p.m3u8", "64p/0.key", "poster.jpg"):
        house.get(opening.ticket, name)
    assert house.get(opening.ticket, "64p/2.ts", method="HEAD").status_code == 200
    assert house.delivered(opening.playback) == [(4000, 8000)]


def test_ranges(house: House) -> None:
    ticket = house.open().ticket
    whole = house.get(ticket, "64p/0.ts").content

    for asked, part in (("bytes=0-15", whole[:16]), ("bytes=16-", whole[16:]), ("bytes=-16", whole[-16:])):
        answer = house.get(ticket, "64p/0.ts", Range=asked)
        assert (answer.status_code, answer.content) == (206, part)
        assert answer.headers["content-range"].endswith(f"/{len(whole)}")
    assert house.get(ticket, "64p/0.ts", Range=f"bytes={len(whole)}-").status_code == 416
    for odd in ("bytes=5-2", "bytes=-0"):
        assert house.get(ticket, "64p/0.ts", Range=odd).status_code == 416
    for ignored in ("bytes=0-1,4-5", "lines=1-2", "bytes=-", "bytes=a-b"):
        assert house.get(ticket, "64p/0.ts", Range=ignored).content == whole


# --- Not one byte to anybody else.


def nothing(house: House, ticket: str, *statuses: int) -> None:
    """Every address of the video, under this ticket: refused, and no byte of media or key in the answers."""
    names = (*ALL, "64p/1.ts", "240p/0.ts", "64p/9.ts")
    answers = {name: house.get(ticket, name) for name in names}
    assert {answer.status_code for answer in answers.values()} <= set(statuses)
    secrets = [house.lock.segment_key("64p", 0), house.lock.master]
    for name, answer in answers.items():
        assert answer.headers["content-type"] == "application/problem+json", name
        assert not any(secret in answer.content for secret in secrets)
        assert b"\xff\xd8\xff" not in answer.content
        assert len(answer.content) < 500


def test_nobody_without_a_ticket(house: House) -> None:
    for ticket in ("", "x", "a.b.c", "null", "undefined", "..", "%2e%2e", "a" * 5000):
        nothing(house, ticket, 401, 404)


def test_no_ticket_after_its_time(house: House) -> None:
    ticket = house.open().ticket
    house.clock.forward(limits.TICKET_LIFETIME_S * 1000)

    nothing(house, ticket, 401)


@pytest.mark.parametrize("reason", ["logout", "unenrolled", "revoked", "disabled"])
def test_nothing_from_the_moment_it_is_closed(house: House, reason: str) -> None:
    """After everything was fetched once, so that whatever a door may remember is remembered."""
    opening = house.open()
    for name in ALL:
        assert house.get(opening.ticket, name).status_code == 200
    service.close_playbacks(reason=reason, viewer="bob")

    nothing(house, opening.ticket, 403, 404)


def test_a_ticket_is_for_one_video(house: House) -> None:
    nothing(house, house.open(video="another").ticket, 404)


def test_a_ticket_of_another_viewer_opens_nothing_of_this_playback(house: House) -> None:
    """Well signed, but for a playback that is somebody else's."""
    opening = house.open()
    now_s = house.clock.now_ms() // 1000
    told: Any = {
        "video": "film",
        "playback": opening.playback,
        "jti": "j",
        "keys": service.ticket_keys(),
        "now_s": now_s,
    }

    nothing(house, sign(viewer="charlie", **told), 401)
    nothing(house, sign(viewer="bob", **{**told, "playback": "p_made_up"}), 401)
    nothing(house, sign(viewer="bob", **{**told, "video": "another"}), 401, 404)


def test_a_video_outside_its_time(house: House) -> None:
    now_ms = house.clock.now_ms()
    ticket = house.open(window=(now_ms, now_ms + 1000)).ticket
    assert house.get(ticket, "64p/0.key").status_code == 200
    house.clock.forward(1000)

    for name in MEDIA:
        if not name.endswith(".ts"):  # what the recorder says of segments is in its own tests
            assert house.get(ticket, name).status_code == 403


@pytest.mark.parametrize(
    "name",
    [
        *(
            "../../media-keys.json",
            "64p/../../../apart/media-keys.json",
            "..%2f..%2fmedia-keys.json",
            "64p/0.ts/..%2f0.key",
        ),
        *("64p/%2e%2e/0.ts", "//etc/passwd", "64p/0.ts%00.vtt", "64p//0.ts", "64P/0.ts", "64p/-1.ts", "64p/1e0.ts"),
        *("64p/99.key", "audio/0.key", "64p/999999999999.ts", "still-0.jpg", "board-9.jpg", "captions/../en.vtt"),
        *("captions/xx.vtt", "", "/", "64p", "64p/", "64p.m3u8/", "480p.m3u8", ".m3u8", "64p/٠.ts"),
    ],
)
def test_no_way_around(house: House, name: str) -> None:
    answer = house.get(house.open().ticket, name)

    assert answer.status_code in {401, 404}  # 401 where the client has tidied the path, and the ticket away with it
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_it_is_only_read(house: House, method: str) -> None:
    assert house.get(house.open().ticket, "master.m3u8", method=method).status_code == 404


def test_what_lies_behind_the_part_is_not_even_announced(house: House) -> None:
    ticket = house.open(part=(0, 4000)).ticket

    assert house.get(ticket, "64p.m3u8").text.count("#EXTINF") == 1
    assert house.get(ticket, "64p/1.ts").status_code == 403
    assert house.get(ticket, "64p/0.ts").status_code == 200


# --- Pacing.


def test_a_robot_is_held_to_the_pace(house: House) -> None:
    """At rate 16, over and over: what leaves is what could be watched, and what may be ahead."""
    opening, got_ms = house.open(max_rate=2000), 0
    for _ in range(30):  # half a minute
        for number in (0, 1, 0, 1):
            got_ms += 4000 * (house.get(opening.ticket, f"64p/{number}.ts").status_code == 200)
        house.clock.forward(1000)

    refused = [house.get(opening.ticket, "64p/0.ts") for _ in range(2)][-1]
    most = limits.DELIVERY_AHEAD_MS + 30_000 * 2 * limits.DELIVERY_RATE // 1000
    assert got_ms <= most
    assert (refused.status_code, int(refused.headers["retry-after"]) >= 1) == (429, True)


# --- Who sends the bytes.


def test_behind_nginx_the_door_only_says_which_file(house: House) -> None:
    house.accel = "/stored/"
    house.door = house.new_door()
    opening = house.open()
    answer = house.get(opening.ticket, "64p/0.ts")

    assert (answer.status_code, answer.content) == (200, b"")
    named = answer.headers["x-accel-redirect"].removeprefix("/stored/")
    assert (Path(settings.PLAYHEAD_STORE) / named).is_file()
    assert house.delivered(opening.playback) == [(0, 4000)]
    service.close_playbacks(reason="logout", viewer="bob")
    assert "x-accel-redirect" not in house.get(opening.ticket, "64p/0.ts").headers


def test_from_a_bucket_a_segment_comes_by_an_address_that_ends(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.Folder, "link", lambda _self, name: f"https://bucket.example/{name}?X-Amz-Expires=60")
    opening = house.open()
    answer = house.get(opening.ticket, "64p/0.ts")

    named = f"https://bucket.example/{house.lock.asset}/64p/0.ts?X-Amz-Expires=60"
    assert (answer.status_code, answer.headers["location"], answer.content) == (302, named, b"")
    assert answer.headers["cache-control"] == "private, no-store"
    for ours in ("64p.m3u8", "64p/0.key", "poster.jpg"):
        assert house.get(opening.ticket, ours).status_code == 200
    service.close_playbacks(reason="logout", viewer="bob")
    refused = house.get(opening.ticket, "64p/0.ts")
    assert (refused.status_code, "location" in refused.headers) == (403, False)
