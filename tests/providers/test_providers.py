"""Each provider against its stand-in: uploads that are cut, metadata, deletions, and every refusal in words."""

import hashlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from playhead.callbacks.addresses import Rules
from playhead.core.errors import Conflict, Invalid, Missing, PlayheadError, TooMany, Unavailable
from playhead.providers import cloudinary, kollus, vimeo
from playhead.providers.cloudinary import Cloudinary, context, signature
from playhead.providers.door import Door
from playhead.providers.kollus import Kollus
from playhead.providers.provider import Provider, Stage, Ticket, Wish
from playhead.providers.vimeo import Vimeo
from tests.providers.standins import Answer, CloudinaryStandIn, KollusStandIn, StandIn, VimeoStandIn, context_of

HERE = Rules(local=True)
FILM = bytes(range(256)) * 400
WISH = Wish("Waves & tides = a|b", "All of it", "waves.mp4", len(FILM))
CLIENT = httpx.Client(verify=False, trust_env=False)  # one for all: making one takes longer than most tests
GIVEN = {VimeoStandIn: "vimeo-token", CloudinaryStandIn: "cloudinary-secret", KollusStandIn: "kollus-token"}


def opened(stand_in: StandIn, *, secret: str | None = None, rules: Rules = HERE, **more: Any) -> Provider:
    secret = GIVEN[type(stand_in)] if secret is None else secret
    if isinstance(stand_in, VimeoStandIn):
        door = Door(vimeo.NAME, rules, vimeo.said, reset="X-RateLimit-Reset", is_full=vimeo.is_full, **more)
        return Vimeo(door, token=secret, privacy="unlisted", home=stand_in.home)
    if isinstance(stand_in, CloudinaryStandIn):
        door = Door(cloudinary.NAME, rules, cloudinary.said, reset=cloudinary.RESET, **more)
        return Cloudinary(door, cloud="school", api_key="123456", api_secret=secret, home=stand_in.home)
    door = Door(kollus.NAME, rules, kollus.said, **more)
    return Kollus(door, token=secret, channel="chan1", home=stand_in.home)


@pytest.fixture
def vimeo_there() -> Iterator[VimeoStandIn]:
    with VimeoStandIn() as running:
        yield running


@pytest.fixture
def cloudinary_there() -> Iterator[CloudinaryStandIn]:
    with CloudinaryStandIn() as running:
        yield running


@pytest.fixture
def kollus_there() -> Iterator[KollusStandIn]:
    with KollusStandIn() as running:
        yield running


@pytest.fixture(params=[VimeoStandIn, CloudinaryStandIn, KollusStandIn], ids=["vimeo", "cloudinary", "kollus"])
def any_there(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    with request.param() as running:
        yield running


def by_tus(ticket: Ticket, film: bytes, *, part: int) -> int:
    """As any client of tus does it: ask how far it is, go on from there; returns how often it was broken off."""
    broken = 0
    while True:
        offset = int(CLIENT.head(ticket.url).headers["Upload-Offset"])
        if offset == len(film):
            return broken
        sent = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        try:
            CLIENT.patch(ticket.url, content=film[offset : offset + part], headers=sent)
        except httpx.TransportError:
            broken += 1


def by_pieces(ticket: Ticket, film: bytes, *, part: int) -> httpx.Response:
    """As Cloudinary wants it; a piece whose connection broke is sent again."""
    first = 0
    while True:
        piece = film[first : first + part]
        told = {"Content-Range": f"bytes {first}-{first + len(piece) - 1}/{len(film)}", "X-Unique-Upload-Id": "u1"}
        try:
            answer = CLIENT.post(ticket.url, data=dict(ticket.fields), files={"file": piece}, headers=told)
        except httpx.TransportError:
            continue
        first += part
        if first >= len(film) or answer.is_error:
            return answer


def by_form(ticket: Ticket, film: bytes) -> httpx.Response:
    return CLIENT.post(ticket.url, data=dict(ticket.fields), files={ticket.file_field: film})


# --- Vimeo


def test_a_file_reaches_vimeo_whole_over_a_connection_that_breaks(vimeo_there: VimeoStandIn) -> None:
    provider = opened(vimeo_there)

    remote_id, ticket = provider.begin(WISH)
    vimeo_there.cut_after = 10_001
    assert by_tus(ticket, FILM, part=30_000) == 1

    assert hashlib.sha256(vimeo_there.files[remote_id]).digest() == hashlib.sha256(FILM).digest()
    assert vimeo_there.videos[remote_id].privacy == "unlisted"
    assert provider.read(remote_id).stage == Stage.TRANSCODING
    vimeo_there.videos[remote_id].transcoded, vimeo_there.videos[remote_id].duration = "complete", 65
    facts = provider.read(remote_id)
    assert (facts.stage, facts.duration_ms, facts.title) == (Stage.READY, 65_000, WISH.title)
    assert facts.url == f"https://player.vimeo.com/video/{remote_id}?h=abcdef1234"


def test_a_client_that_forgets_where_it_was_is_noticed(vimeo_there: VimeoStandIn) -> None:
    """The planted bug: going on from the start after a cut. That must not pass for the rest of the file."""
    _remote_id, ticket = opened(vimeo_there).begin(WISH)
    vimeo_there.cut_after = 10_000
    sent = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    with pytest.raises(httpx.TransportError):
        CLIENT.patch(ticket.url, content=FILM, headers=sent)

    assert CLIENT.patch(ticket.url, content=FILM, headers=sent).status_code == 409


def test_an_upload_that_was_broken_off_goes_on_at_its_own_address(vimeo_there: VimeoStandIn) -> None:
    provider = opened(vimeo_there)
    remote_id, ticket = provider.begin(WISH)

    assert provider.read(remote_id).stage == Stage.UPLOADING
    assert provider.again(remote_id, WISH) == (remote_id, ticket)


def test_what_vimeo_could_not_transcode_has_failed(vimeo_there: VimeoStandIn) -> None:
    assert opened(vimeo_there).read(vimeo_there.put("Bad", transcoded="error")).stage == Stage.FAILED


def test_a_full_account_is_no_wrong_token(vimeo_there: VimeoStandIn) -> None:
    vimeo_there.full = True

    with pytest.raises(Conflict, match=r"no room left\. It says: Your account is out of storage") as refused:
        opened(vimeo_there).begin(WISH)
    assert refused.value.code == "provider_full"


# --- Cloudinary


def test_a_file_reaches_cloudinary_in_signed_pieces(cloudinary_there: CloudinaryStandIn) -> None:
    provider = opened(cloudinary_there)

    remote_id, ticket = provider.begin(WISH)
    cloudinary_there.cut_after = 9_000
    assert by_pieces(ticket, FILM, part=40_000).json()["done"]

    assert bytes(cloudinary_there.files[remote_id]) == FILM
    facts = provider.read(remote_id)
    assert (facts.stage, facts.title, facts.description) == (Stage.READY, WISH.title, WISH.description)
    assert facts.duration_ms == 12_500
    assert facts.thumbnail == facts.url.replace(".mp4", ".jpg")
    assert "cloudinary-secret" not in str(ticket)


def test_a_form_that_was_changed_on_the_way_is_refused(cloudinary_there: CloudinaryStandIn) -> None:
    """The planted bug twice: another name under the same signature, and a value that would pass for two parameters."""
    _remote_id, ticket = opened(cloudinary_there).begin(WISH)
    for change in ({"public_id": "somebody/elses"}, {"context": "caption=x&public_id=y"}):
        told = Ticket(ticket.way, ticket.url, {**ticket.fields, **change})
        assert by_pieces(told, FILM, part=len(FILM)).status_code == 401
    smuggled = signature({"a": "1&b=2"}, "s")
    assert smuggled != signature({"a": "1", "b": "2"}, "s")
    assert not cloudinary_there.videos


def test_the_signature_is_that_of_the_reference() -> None:
    """The worked example of Cloudinary's page on signatures."""
    params = {"eager": "w_400,h_300,c_pad|w_260,h_200,c_crop", "public_id": "sample_image", "timestamp": "1315060510"}

    assert signature(params, "abcd") == "bfd09f95f331f558cbd1320e67aa8d488770583e"


@pytest.mark.parametrize("title", ["plain", "a=b", "a|b", "a&b=c|d=e", ""])
def test_texts_come_through_as_they_are(title: str) -> None:
    assert context_of(context(title, "x=y|z")) == {"caption": title, "alt": "x=y|z"}


# --- Kollus


def test_a_file_reaches_kollus_by_an_address_that_works_once(kollus_there: KollusStandIn) -> None:
    provider = opened(kollus_there)

    remote_id, ticket = provider.begin(WISH)
    with pytest.raises(Missing):
        provider.read(remote_id)
    assert by_form(ticket, FILM).json()["error"] == 0
    assert by_form(ticket, FILM).json()["error"] == 1

    assert bytes(kollus_there.files[remote_id]) == FILM
    assert kollus_there.videos[remote_id].title == WISH.title
    assert provider.read(remote_id).stage == Stage.TRANSCODING
    again, other = provider.again(remote_id, WISH)
    assert again != remote_id
    assert other.url != ticket.url


def test_what_kollus_has_transcoded_is_put_into_the_channel_and_then_ready(kollus_there: KollusStandIn) -> None:
    provider = opened(kollus_there)
    remote_id, ticket = provider.begin(WISH)
    by_form(ticket, FILM)
    kollus_there.videos[remote_id].stage = 21

    assert provider.read(remote_id).stage == Stage.TRANSCODING
    facts = provider.read(remote_id)

    assert (facts.stage, facts.duration_ms) == (Stage.READY, 65_000)
    assert facts.url == f"https://v.kr.kollus.com/mc{remote_id[-6:]}"


# --- all of them


def put(there: StandIn, title: str) -> str:
    if isinstance(there, CloudinaryStandIn):
        provider = opened(there)
        remote_id, ticket = provider.begin(Wish(title, "", "x.mp4", 3))
        by_pieces(ticket, b"abc", part=3)
        return remote_id
    assert isinstance(there, VimeoStandIn | KollusStandIn)
    return there.put(title)


def test_it_is_found_described_and_deleted(any_there: StandIn) -> None:
    provider = opened(any_there)
    ids = [put(any_there, title) for title in ("One", "Two", "Two and a half")]

    assert provider.check()
    assert [one.title for one in provider.listed().videos] == ["Two and a half", "Two", "One"]
    assert {one.remote_id for one in provider.listed(named="two").videos} == set(ids[1:])
    provider.write(ids[0], title="Öne & more", description="So")
    facts = provider.read(ids[0])
    assert facts.title == "Öne & more"
    assert facts.description == ("So" if provider.keeps_description else None)
    provider.delete(ids[0])
    with pytest.raises(Missing) as gone:
        provider.read(ids[0])
    assert gone.value.code == "provider_gone"


def test_a_wrong_token_is_said_and_never_shown(any_there: StandIn) -> None:
    with pytest.raises(Conflict) as refused:
        opened(any_there, secret="wrong-secret").check()

    assert refused.value.code == "provider_token"
    assert "does not let this account in" in refused.value.detail
    assert "wrong-secret" not in str(refused.value)


ANSWERS: list[tuple[Answer, type[PlayheadError], str]] = [
    (Answer(500), Unavailable, "provider_away"),
    (Answer(400, {"error": "no", "message": "no"}), Invalid, "provider_refused"),
    (Answer(402, {"error": "pay"}), Conflict, "provider_full"),
    (Answer(302, {}, {"Location": "http://169.254.169.254/latest/meta-data/"}), Invalid, "provider_refused"),
]


@pytest.mark.parametrize(("answer", "kind", "code"), ANSWERS, ids=["500", "400", "402", "a redirect"])
def test_refusals_are_told_apart(any_there: StandIn, answer: Answer, kind: type[PlayheadError], code: str) -> None:
    any_there.next_answers = [answer]

    with pytest.raises(kind) as refused:
        opened(any_there).check()
    assert refused.value.code == code
    assert len(any_there.asked) == 1


def test_busy_says_for_how_long(any_there: StandIn) -> None:
    later = datetime.now(UTC) + timedelta(seconds=90)
    said = {
        VimeoStandIn: ("X-RateLimit-Reset", later.isoformat()),
        CloudinaryStandIn: (cloudinary.RESET, format_datetime(later)),
    }
    name, value = said.get(type(any_there), ("Retry-After", "90"))
    waits = []
    for status, headers in (
        (429, {"Retry-After": "17"}),
        (429, {name: value}),
        (420, {}),
        (429, {"Retry-After": "9999999"}),
    ):
        any_there.next_answers = [Answer(status, {"error": "slow down"}, headers)]
        with pytest.raises(TooMany) as busy:
            opened(any_there).check()
        waits.append(busy.value.retry_after_s)

    assert waits[0] == 17
    assert 17 < waits[1] <= 90
    assert waits[2:] == [60, 3600]


def test_requests_go_nowhere_inside(any_there: StandIn) -> None:
    """Neither by an address that says so, nor by a name that leads there."""
    with pytest.raises(Invalid) as plain:
        opened(any_there, rules=Rules()).check()
    assert plain.value.code == "url_invalid"
    any_there.home = "https://api.provider.example"
    with pytest.raises(Invalid) as led:
        opened(any_there, rules=Rules(), resolve=lambda _host, _port: ["10.0.0.7"]).check()
    assert led.value.code == "provider_blocked"
    assert not any_there.asked


def test_one_that_never_ends_is_left(any_there: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playhead.core.limits.PROVIDER_ANSWER_BYTES", 1000)
    any_there.next_answers = [Answer(200, "x" * 2000)]

    with pytest.raises(Unavailable, match="larger than any should be"):
        opened(any_there).check()


def test_one_that_does_not_answer_is_left(any_there: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(any_there, "_answer", lambda *_: time.sleep(0.6))

    with pytest.raises(Unavailable):
        opened(any_there, timeout_s=0.3).check()
