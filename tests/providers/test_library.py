"""A course's library and its providers: uploads, both ways of keeping step, deletions, and who is let in.

Against the stand-ins, over HTTP; the worker's rounds are called by hand.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from playhead.lms import elsewhere
from playhead.lms.elsewhere_page import origins
from playhead.lms.models import Source, Video
from playhead.providers import accounts, remotes
from playhead.providers.models import Account, RemoteVideo, State
from playhead.providers.provider import Ticket, Wish
from playhead.providers.sync import Sync, work_off
from playhead.recorder.models import Outbox, Playback
from tests.lms.conftest import School, live_school, password_hash
from tests.providers.standins import Answer, CloudinaryStandIn, KollusStandIn, StandIn, VimeoStandIn, all_three
from tests.providers.test_providers import FILM, by_form, by_pieces, by_tus

__all__ = ["live_school", "password_hash"]  # the cast
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

Three = tuple[VimeoStandIn, CloudinaryStandIn, KollusStandIn]
FILE = {"title": "Waves", "name": "waves.mp4", "size_bytes": len(FILM)}


@pytest.fixture(autouse=True)
def this_machine(settings: Any) -> None:
    settings.PLAYHEAD_CALLBACK_LOCAL = True


@pytest.fixture(scope="module")
def running() -> Iterator[Three]:
    with all_three() as three:
        yield three


@pytest.fixture
def three(running: Three) -> Three:
    for one in running:
        one.asked.clear()
        one.next_answers.clear()
        one.files.clear()
        one.videos.clear()
    running[0].full = False
    return running


def connected(school: School, there: StandIn) -> Account:
    kind, told = {
        VimeoStandIn: ("vimeo", {"token": "vimeo-token"}),
        CloudinaryStandIn: ("cloudinary", {"cloud": "school", "api_key": "123456", "api_secret": "cloudinary-secret"}),
        KollusStandIn: ("kollus", {"token": "kollus-token", "channel": "chan1", "region": "kr"}),
    }[type(there)]
    told |= {"home": there.home, "name": f"Our {kind}"}
    answer = school.client("ada").post(reverse("connect-provider", args=[kind]), told)
    assert answer.status_code == 302
    return Account.objects.latest("pk")


def begun(school: School, account: Account) -> tuple[RemoteVideo, Ticket]:
    address = reverse("begin-elsewhere", args=[school.course.key])
    answer = school.client("alice").post(address, FILE | {"account": account.key})
    assert answer.status_code == 201, answer.content
    return RemoteVideo.objects.get(key=answer.json()["key"]), Ticket(**answer.json()["ticket"])


def sent(ticket: Ticket) -> None:
    if ticket.way == "tus":
        by_tus(ticket, FILM, part=60_000)
    elif ticket.way == "pieces":
        by_pieces(ticket, FILM, part=60_000)
    else:
        by_form(ticket, FILM)


def round_of(account: Account) -> None:
    """The worker's next round, as if the time for everything had come."""
    RemoteVideo.objects.filter(account=account, delete_after=None).update(next_at=timezone.now())
    account.refresh_from_db()
    work_off(account, elsewhere.heard)


def library(client: Client, school: School) -> str:
    return client.get(reverse("library", args=[school.course.key])).content.decode()


def brought(school: School, there: VimeoStandIn) -> tuple[Account, RemoteVideo, Video]:
    """A video uploaded to Vimeo from here, transcoded, and shown in the course."""
    account = connected(school, there)
    remote, ticket = begun(school, account)
    sent(ticket)
    there.videos[remote.remote_id].transcoded, there.videos[remote.remote_id].duration = "complete", 65
    round_of(account)
    remote.refresh_from_db()
    return account, remote, Video.objects.get(key=remote.video)


@pytest.mark.parametrize("which", [0, 1, 2], ids=["vimeo", "cloudinary", "kollus"])
def test_an_upload_becomes_a_video_of_the_course(live_school: School, three: Three, which: int) -> None:
    there = three[which]
    account = connected(live_school, there)
    remote, ticket = begun(live_school, account)
    assert "uploading" in library(live_school.client("alice"), live_school)

    sent(ticket)
    live_school.client("alice").post(reverse("elsewhere-arrived", args=[live_school.course.key, remote.key]))
    if isinstance(there, VimeoStandIn):
        work_off(account, elsewhere.heard)
        assert RemoteVideo.objects.get().state == State.TRANSCODING
        there.videos[remote.remote_id].transcoded, there.videos[remote.remote_id].duration = "complete", 65
    if isinstance(there, KollusStandIn):
        there.videos[remote.remote_id].stage = 21
        round_of(account)
    round_of(account)

    video = Video.objects.get(title="Waves")
    assert (video.source, video.course) == (account.kind, live_school.course)
    assert video.duration_ms == {"cloudinary": 12_500}.get(account.kind, 65_000)
    assert library(live_school.client("alice"), live_school).count("ready") >= 1
    body = {"video": video.key}
    opened = live_school.client("bob").post("/v1/playbacks", body, content_type="application/json").json()
    assert opened["media"]["src"] == video.url
    assert bytes(there.files[remote.remote_id]) == FILM
    assert elsewhere.publish(remote) is None


def test_what_the_page_may_load_is_what_its_accounts_need(live_school: School, three: Three) -> None:
    connected(live_school, three[0])
    policy = (
        live_school.client("alice")
        .get(reverse("library", args=[live_school.course.key]))
        .headers["Content-Security-Policy"]
    )

    assert f"connect-src 'self' {three[0].home};" in policy + ";"


def test_a_change_here_is_told_there_and_one_there_is_learnt_here(live_school: School, three: Three) -> None:
    vimeo = three[0]
    account, remote, video = brought(live_school, vimeo)
    alice, where = live_school.client("alice"), [live_school.course.key, remote.key]

    alice.post(reverse("elsewhere-edit", args=where), {"title": "Waves, anew", "description": "All of it"})
    video.refresh_from_db()
    assert (video.title, video.description) == ("Waves, anew", "All of it")
    assert "are being told there" in library(alice, live_school)
    round_of(account)
    there = vimeo.videos[remote.remote_id]
    assert (there.name, there.description) == ("Waves, anew", "All of it")
    assert not RemoteVideo.objects.get().untold

    RemoteVideo.objects.update(told_at=timezone.now() - timedelta(minutes=2))
    there.name, there.duration = "Waves by Vimeo", 70
    round_of(account)
    video.refresh_from_db()
    assert (video.title, video.duration_ms) == ("Waves by Vimeo", 70_000)


def test_an_answer_from_before_takes_nothing_back(live_school: School, three: Three) -> None:
    """The planted bug: a provider that goes on telling the old title for a while after it took the new one."""
    account, remote, video = brought(live_school, three[0])
    elsewhere.describe(elsewhere.line_of(live_school.course, remote.key), title="New", description="")
    round_of(account)

    three[0].videos[remote.remote_id].name = "Old"
    round_of(account)

    video.refresh_from_db()
    assert video.title == "New"


def test_what_somebody_says_while_the_provider_answers_is_not_lost(
    live_school: School, three: Three, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, remote, _video = brought(live_school, three[0])
    read = three[0].read

    def slowly(*given: Any) -> Any:
        answer = read(*given)
        remotes.describe(RemoteVideo.objects.get(), title="Said meanwhile", description="")
        monkeypatch.setattr(three[0], "read", read)
        return answer

    monkeypatch.setattr(three[0], "read", slowly)
    round_of(account)
    kept = RemoteVideo.objects.get()
    assert (kept.title, kept.untold) == ("Said meanwhile", True)
    round_of(account)
    assert three[0].videos[remote.remote_id].name == "Said meanwhile"


def test_deleted_there_it_is_shown_as_that(live_school: School, three: Three) -> None:
    account, remote, video = brought(live_school, three[0])
    del three[0].videos[remote.remote_id]

    round_of(account)

    page = library(live_school.client("alice"), live_school)
    assert "deleted there" in page
    assert "What was watched of it is kept." in page
    assert Video.objects.filter(key=video.key).exists()


def test_removed_here_it_is_deleted_there_after_some_weeks(live_school: School, three: Three) -> None:
    vimeo, alice = three[0], live_school.client("alice")
    account, remote, video = brought(live_school, vimeo)
    body = {"video": video.key}
    live_school.client("bob").post("/v1/playbacks", body, content_type="application/json")

    def remove() -> None:
        alice.post(reverse("elsewhere-remove", args=[live_school.course.key]), {"remote": remote.key})

    remove()
    assert not Video.objects.filter(key=video.key).exists()
    assert Playback.objects.get().closed_at is not None
    round_of(account)
    assert remote.remote_id in vimeo.videos
    assert alice.post(reverse("elsewhere-restore", args=[live_school.course.key, remote.key])).status_code == 302
    assert Video.objects.filter(key=video.key).exists()
    remove()
    RemoteVideo.objects.update(delete_after=timezone.now(), next_at=timezone.now())
    work_off(account, elsewhere.heard)

    assert remote.remote_id not in vimeo.videos
    assert RemoteVideo.objects.get().state == State.DELETED
    restored = alice.post(reverse("elsewhere-restore", args=[live_school.course.key, remote.key]))
    assert restored.status_code == 404
    assert Outbox.objects.filter(type="content.deleted").count() in {0, 1}  # told where somebody listens


def test_another_course_that_shows_it_keeps_it_there(live_school: School, three: Three) -> None:
    from playhead.lms.copying import copy_course

    account, remote, video = brought(live_school, three[0])
    copy_course(live_school.course, title="Once more", by=live_school.alice)

    elsewhere.remove([elsewhere.line_of(live_school.course, remote.key)], by=live_school.alice)
    RemoteVideo.objects.update(next_at=timezone.now())
    work_off(account, elsewhere.heard)

    assert remote.remote_id in three[0].videos
    assert Video.objects.filter(url=video.url).count() == 1


@pytest.mark.parametrize("which", [0, 1, 2], ids=["vimeo", "cloudinary", "kollus"])
def test_what_was_there_before_is_added_and_stays_there(live_school: School, three: Three, which: int) -> None:
    there, alice = three[which], live_school.client("alice")
    account = connected(live_school, there)
    if isinstance(there, CloudinaryStandIn):
        remote_id, ticket = accounts.provider_of(account).begin(Wish("Old film", "", "old.mp4", 3))
        by_pieces(ticket, b"abc", part=3)
    else:
        assert isinstance(there, VimeoStandIn | KollusStandIn)
        remote_id = there.put("Old film")
    where = reverse("add-elsewhere", args=[live_school.course.key])

    assert "Old film" in alice.get(where, {"account": account.key}).content.decode()
    chosen = {"account": account.key, "remote_id": remote_id}
    assert alice.post(where, chosen).status_code == 302
    assert "in the library" in alice.get(where, {"account": account.key}).content.decode()
    video = Video.objects.get(title="Old film")
    assert video.source == account.kind
    assert bool(video.alias) == (video.source == Source.KOLLUS)
    assert "already" in alice.post(where, chosen, follow=True).content.decode()
    elsewhere.remove([elsewhere.line_of(live_school.course, RemoteVideo.objects.get().key)], by=live_school.alice)
    RemoteVideo.objects.update(delete_after=timezone.now(), next_at=timezone.now())
    work_off(account, elsewhere.heard)
    assert remote_id in there.videos


def called(client: Client, account: Account, *, token: str | None = None, **told: str) -> int:
    token = accounts.callback_token(account) if token is None else token
    return client.post(reverse("provider-callback", args=[account.key, token]), told).status_code


def test_kollus_says_that_it_is_transcoded(live_school: School, three: Three) -> None:
    kollus, nobody = three[2], live_school.client("anonymous")
    account = connected(live_school, kollus)
    remote, ticket = begun(live_school, account)
    sent(ticket)
    told = {"content_provider_key": "school", "filename": "waves.mp4", "upload_file_key": remote.remote_id}

    assert called(nobody, account, token="guessed", transcoding_result="success", **told) == 403
    assert called(nobody, account, transcoding_result="success") == 400
    assert RemoteVideo.objects.get().state == State.UPLOADING
    assert called(nobody, account, transcoding_result="success", **told) == 200
    assert RemoteVideo.objects.get().state == State.TRANSCODING  # nobody could play it: it is in no channel yet
    assert called(nobody, account, media_content_key="mcABCDEF", channel_key="chan1", **told) == 200

    assert RemoteVideo.objects.get().state == State.READY
    video = Video.objects.get(title="Waves")
    assert (video.url, video.alias) == ("https://v.kr.kollus.com/mcABCDEF", "mcABCDEF")
    assert called(nobody, account, transcoding_result="success", **told) == 200
    assert Video.objects.filter(title="Waves").count() == 1
    assert called(nobody, account, transcoding_result="success", upload_file_key="somebody-elses") == 200


def test_kollus_says_that_it_could_not(live_school: School, three: Three) -> None:
    account = connected(live_school, three[2])
    remote, _ticket = begun(live_school, account)

    assert (
        called(live_school.client("anonymous"), account, upload_file_key=remote.remote_id, transcoding_result="fail")
        == 200
    )

    assert "failed: It could not be transcoded." in library(live_school.client("alice"), live_school)


def test_only_kolluss_accounts_are_called_back(live_school: School, three: Three) -> None:
    assert called(live_school.client("anonymous"), connected(live_school, three[0]), upload_file_key="1") == 403


def test_a_provider_that_takes_no_more_requests_is_left_alone(live_school: School, three: Three) -> None:
    account, _remote, _video = brought(live_school, three[0])
    three[0].next_answers = [Answer(429, {"error": "slow down"}, {"Retry-After": "120"})]
    three[0].asked.clear()

    round_of(account)

    account.refresh_from_db()
    assert timedelta(seconds=100) < account.next_at - timezone.now() <= timedelta(seconds=120)
    assert len(three[0].asked) == 1
    assert "takes no more requests for 120 s" in library(live_school.client("alice"), live_school)
    RemoteVideo.objects.update(next_at=timezone.now())
    Sync(told=elsewhere.heard).take()
    assert len(three[0].asked) == 1


def test_a_refusal_of_one_video_holds_up_no_other(live_school: School, three: Three) -> None:
    account, first, _video = brought(live_school, three[0])
    second, _ticket = begun(live_school, account)
    RemoteVideo.objects.filter(pk=first.pk).update(untold=True)
    three[0].next_answers = [Answer(400, {"error": "This name is not allowed."})]

    round_of(account)

    assert "This name is not allowed." in RemoteVideo.objects.get(pk=first.pk).trouble
    assert RemoteVideo.objects.get(pk=second.pk).checked_at is not None


@pytest.mark.parametrize("size", [0, 60 * 1024**3])
def test_what_is_refused_before_the_provider_is_asked(live_school: School, three: Three, size: int) -> None:
    account = connected(live_school, three[0])
    three[0].asked.clear()
    told = FILE | {"account": account.key, "size_bytes": size}

    answer = live_school.client("alice").post(reverse("begin-elsewhere", args=[live_school.course.key]), told)

    assert answer.status_code in {400, 413}
    assert not three[0].asked


def test_a_full_account_says_so_before_the_first_byte(live_school: School, three: Three) -> None:
    account = connected(live_school, three[0])
    three[0].full = True

    address = reverse("begin-elsewhere", args=[live_school.course.key])
    answer = live_school.client("alice").post(address, FILE | {"account": account.key})

    assert (answer.status_code, answer.json()["code"]) == (409, "provider_full")
    assert "out of storage" in answer.json()["detail"]
    assert not RemoteVideo.objects.exists()


def test_one_account_is_for_one_organisation(live_school: School, three: Three) -> None:
    account = connected(live_school, three[0])
    Account.objects.update(organisation_id=account.organisation_id + 1)

    address = reverse("begin-elsewhere", args=[live_school.course.key])
    assert live_school.client("alice").post(address, FILE | {"account": account.key}).status_code == 404
    assert live_school.client("ada").get(reverse("provider", args=[account.key])).status_code == 404


def test_secrets_are_written_and_never_shown(live_school: School, three: Three) -> None:
    account, ada = connected(live_school, three[1]), live_school.client("ada")
    page = reverse("provider", args=[account.key])

    assert "cloudinary-secret" not in Account.objects.get().secrets
    assert "cloudinary-secret" not in ada.get(page).content.decode()
    same = {"name": "Renamed", "cloud": "school", "api_key": "123456", "api_secret": "", "home": three[1].home}
    assert "It works" in ada.post(page, same, follow=True).content.decode()
    wrong = ada.post(page, same | {"api_secret": "guessed"}, follow=True).content.decode()
    assert "does not let this account in" in wrong
    assert "guessed" not in wrong
    assert "in trouble" in ada.get(reverse("providers")).content.decode()


def test_an_address_that_leads_inside_is_refused(live_school: School, settings: Any) -> None:
    settings.PLAYHEAD_CALLBACK_LOCAL = False
    for home in ("http://169.254.169.254", "https://10.0.0.7", "https://api.vimeo.com/;script-src *"):
        told = {"name": "Vimeo", "token": "t", "home": home}
        answer = live_school.client("ada").post(reverse("connect-provider", args=["vimeo"]), told)
        assert (answer.status_code, Account.objects.count()) == (400, 0)


def test_a_picture_says_no_more_than_where_it_is() -> None:
    said = ["https://i.vimeocdn.com/1.jpg", "http://plain.example/1", "https://x;script-src *.evil.example/1", ""]

    assert origins(said) == ["https://i.vimeocdn.com"]


def test_switched_off_nothing_is_asked_and_it_still_plays(live_school: School, three: Three) -> None:
    account, _remote, video = brought(live_school, three[0])
    live_school.client("ada").post(reverse("provider-do", args=[account.key, "off"]))
    three[0].asked.clear()
    RemoteVideo.objects.update(next_at=timezone.now())

    Sync(told=elsewhere.heard).take()

    assert not three[0].asked
    assert live_school.client("bob").get(reverse("watch", args=[video.key])).status_code == 200


def test_the_worker_keeps_step_by_itself(live_school: School, three: Three, until: Callable[..., None]) -> None:
    account = connected(live_school, three[0])
    remote, ticket = begun(live_school, account)
    sent(ticket)
    three[0].videos[remote.remote_id].transcoded = "complete"
    remotes.arrived(remote)

    with Sync(told=elsewhere.heard, pause_s=0.01):
        until(lambda: Video.objects.filter(title="Waves").exists())
