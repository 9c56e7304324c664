"""Videos at providers as a library holds them: brought, taken in, described, let go of, and what is heard of them.

Pages and API call these, and the worker (`providers.sync`); no other writes the table.
"""

from datetime import timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from playhead.core import limits
from playhead.core.errors import Conflict, Invalid, Missing, TooLarge
from playhead.providers.accounts import provider_of
from playhead.providers.models import UNDECIDED, Account, RemoteVideo, State
from playhead.providers.provider import Facts, Stage, Ticket, Wish

_STATES: Final = {stage: State(stage.value) for stage in Stage}


def begin(account: Account, wish: Wish, *, shelf: str, made_by: str = "") -> tuple[RemoteVideo, Ticket]:
    """Agree with the provider on an upload. Raises what it refuses with, and Invalid or TooLarge before it is asked."""
    if wish.size_bytes <= 0:
        raise Invalid("empty", "The file is empty: it has 0 bytes.")
    if wish.size_bytes > limits.UPLOAD_BYTES:
        raise TooLarge("file_too_large", f"A file may have at most {limits.UPLOAD_BYTES >> 30} GiB.")
    remote_id, ticket = provider_of(account).begin(wish)
    made = RemoteVideo.objects.create(
        account=account,
        remote_id=remote_id,
        shelf=shelf,
        title=wish.title,
        description=wish.description,
        name=wish.name,
        size_bytes=wish.size_bytes,
        made_by=made_by,
        next_at=timezone.now() + timedelta(seconds=limits.PROVIDER_SOON_S),
    )
    return made, ticket


def again(remote: RemoteVideo) -> Ticket:
    """For an upload that broke off. Raises Conflict once it has arrived."""
    if remote.state != State.UPLOADING:
        raise Conflict("arrived", "This upload has arrived already.")
    wish = Wish(remote.title, remote.description, remote.name, remote.size_bytes)
    remote.remote_id, ticket = provider_of(remote.account).again(remote.remote_id, wish)
    remote.save(update_fields=["remote_id"])
    return ticket


def arrived(remote: RemoteVideo) -> None:
    """Whoever sent it says so: its provider is asked at once. May be repeated, and is not believed beyond that."""
    RemoteVideo.objects.filter(pk=remote.pk).update(next_at=timezone.now())


def adopt(account: Account, remote_id: str, *, shelf: str, made_by: str = "") -> RemoteVideo:
    """Take in a video that is at the provider already. Raises Missing, and Conflict for the second time."""
    facts = provider_of(account).read(remote_id)
    try:
        with transaction.atomic():
            made = RemoteVideo.objects.create(
                account=account, remote_id=facts.remote_id, shelf=shelf, ours=False, title="", made_by=made_by
            )
    except IntegrityError:
        raise Conflict("there_already", "This video is in this library already.") from None
    return learn(made, facts) or made


def describe(remote: RemoteVideo, *, title: str, description: str) -> None:
    """What is said about it here; the worker says it there."""
    remote.title, remote.description, remote.untold = title, description, True
    remote.next_at = timezone.now()
    remote.save(update_fields=["title", "description", "untold", "next_at"])


def learn(remote: RemoteVideo, facts: Facts) -> RemoteVideo | None:
    """Take over what the provider tells; returns the row where something changed.

    What is said about it here stays while it is not told there yet, or so lately that an answer may be from before."""
    with transaction.atomic():
        held = _locked(remote)
        before = _kept(held)
        if not held.untold and not _just_told(held):
            held.title = facts.title[:200] or held.title or facts.remote_id
            if facts.description is not None:
                held.description = facts.description
        held.state, held.reason = _STATES[facts.stage], facts.reason[:500]
        held.duration_ms = facts.duration_ms or held.duration_ms
        held.url = facts.url or held.url
        held.thumbnail = facts.thumbnail or held.thumbnail
        _looked_at(held)
        return held if _kept(held) != before else None


def not_there(remote: RemoteVideo) -> RemoteVideo | None:
    """The provider knows no such video: deleted there, or an upload that has not arrived yet. Returns the row where
    that is new."""
    with transaction.atomic():
        held = _locked(remote)
        before = held.state
        if held.state != State.UPLOADING:
            held.state = State.GONE
        elif _age(held) > timedelta(days=limits.UPLOAD_LIFE_DAYS):
            held.state, held.reason = State.FAILED, "It never arrived."
        _looked_at(held)
        return held if held.state != before else None


def told_there(remote: RemoteVideo) -> None:
    """What the row says is said at its provider now, unless somebody changed it meanwhile."""
    same = RemoteVideo.objects.filter(pk=remote.pk, title=remote.title, description=remote.description)
    same.update(untold=False, told_at=timezone.now())


def refused(remote: RemoteVideo, why: str) -> None:
    """Its provider refuses; it is asked again after a while."""
    later = timezone.now() + timedelta(seconds=limits.PROVIDER_WAIT_S)
    RemoteVideo.objects.filter(pk=remote.pk).update(trouble=why[:500], next_at=later)


def _locked(remote: RemoteVideo) -> RemoteVideo:
    return RemoteVideo.objects.select_for_update().get(pk=remote.pk)


def _looked_at(held: RemoteVideo) -> None:
    """Keep what is known now, and look again: soon where it is under way, now and then where nothing is."""
    wait_s = limits.PROVIDER_LOOK_S
    if held.state in UNDECIDED:
        wait_s = min(max(round(_age(held).total_seconds() / 20), limits.PROVIDER_SOON_S), wait_s)
    now = timezone.now()
    held.checked_at, held.trouble = now, ""
    if not held.untold:
        held.next_at = now + timedelta(seconds=wait_s)
    held.save()


def _just_told(held: RemoteVideo) -> bool:
    settle = timedelta(seconds=limits.PROVIDER_SETTLE_S)
    return held.told_at is not None and timezone.now() - held.told_at < settle


def _age(held: RemoteVideo) -> timedelta:
    return timezone.now() - held.created_at


def find(shelf: str, key: str) -> RemoteVideo:
    """Raises Missing for what is not in this library."""
    found = RemoteVideo.objects.select_related("account").filter(shelf=shelf, key=key)
    remote = found.exclude(state=State.DELETED).first()
    if remote is None:
        raise Missing("no_such_remote", "There is no such video in this library.")
    return remote


def let_go(remote: RemoteVideo) -> None:
    """From now on it waits to be deleted; what could not be had back anyway does not wait. May be repeated."""
    if remote.delete_after is not None:
        return
    waits = remote.state in {State.TRANSCODING, State.READY}
    remote.delete_after = timezone.now() + timedelta(days=limits.REMOVED_DAYS if waits else 0)
    remote.next_at = remote.delete_after
    remote.save(update_fields=["delete_after", "next_at"])


def have_back(remote: RemoteVideo) -> None:
    """Raises Conflict once it is deleted."""
    if remote.state == State.DELETED:
        raise Conflict("gone", "It is deleted for good.")
    remote.delete_after, remote.next_at = None, timezone.now()
    remote.save(update_fields=["delete_after", "next_at"])


def deleted(remote: RemoteVideo) -> None:
    remote.state = State.DELETED
    remote.save(update_fields=["state"])


def transcoded(account: Account, remote_id: str, *, good: bool, url: str = "") -> RemoteVideo | None:
    """What a provider's callback tells. Ready is what can be played; where no address is known, it is asked for."""
    held = RemoteVideo.objects.filter(account=account, remote_id=remote_id)
    remote = held.filter(state__in=[*UNDECIDED, State.READY]).first()
    if remote is None:
        return None
    remote.url = url or remote.url
    if not good:
        remote.state, remote.reason = State.FAILED, "It could not be transcoded."
    else:
        remote.state = State.READY if remote.url else State.TRANSCODING
    remote.next_at = timezone.now()  # for its length, and its picture
    remote.save(update_fields=["url", "state", "reason", "next_at"])
    return remote


def _kept(remote: RemoteVideo) -> tuple[object, ...]:
    return (remote.title, remote.description, remote.state, remote.reason, remote.duration_ms, remote.url)
