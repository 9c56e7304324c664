"""The worker's part: what is said here is told there, what changes there is learnt here, and what is to go is deleted.

A thread for each account, so that one whose provider is slow, or takes no requests for a while, holds up no other.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.db import close_old_connections, connections
from django.db.models import QuerySet
from django.utils import timezone

from playhead.core import limits
from playhead.core.errors import Missing, PlayheadError, Retryable
from playhead.providers import remotes
from playhead.providers.accounts import failed, provider_of, well
from playhead.providers.models import Account, RemoteVideo, State
from playhead.providers.provider import Provider
from playhead.recorder.errand import Errand

logger = logging.getLogger(__name__)
Told = Callable[[RemoteVideo], None]
_LOOK_EVERY_S: Final = 1.0
_LEAVE_BEHIND_S: Final = 5.0


class Sync(Errand):
    """Runs from entering to leaving. `told` hears of every video of which something changed; `before` is done when it
    begins, for what an earlier one had no time to tell."""

    def __init__(
        self, told: Told, *, before: Callable[[], None] | None = None, pause_s: float = limits.PROVIDER_PAUSE_S
    ) -> None:
        super().__init__("providers")
        self._told = told
        self._before = before
        self._pause_s = pause_s
        self._asking: dict[int, threading.Thread] = {}

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        until = time.monotonic() + _LEAVE_BEHIND_S
        for thread in self._asking.values():
            thread.join(max(until - time.monotonic(), 0))

    def take(self) -> float:
        """Start a round for each account of which something is due."""
        if self._before is not None:
            self._before()
            self._before = None
        now = timezone.now()
        for account in Account.objects.filter(active=True, next_at__lte=now):
            thread = self._asking.get(account.pk)
            if (thread is None or not thread.is_alive()) and due(account).exists():
                thread = threading.Thread(target=self._ask, args=[account], name=f"account {account.key}", daemon=True)
                self._asking[account.pk] = thread
                thread.start()
        return _LOOK_EVERY_S

    def _ask(self, account: Account) -> None:
        try:
            work_off(account, self._told, over=self._over.is_set, rest=lambda: self._over.wait(self._pause_s))
        except Exception:
            logger.exception("keeping step with account %s stumbled; it is tried again", account.key)
            _wait(account, limits.PROVIDER_WAIT_S)
        finally:
            close_old_connections()
            connections.close_all()


def due(account: Account) -> QuerySet[RemoteVideo]:
    found = RemoteVideo.objects.filter(account=account, next_at__lte=timezone.now())
    return found.exclude(state=State.DELETED).order_by("next_at")


def work_off(
    account: Account,
    told: Told,
    *,
    over: Callable[[], bool] = lambda: False,
    rest: Callable[[], object] = lambda: None,
) -> int:
    """One round: everything that is due, one after the other; returns how many. A provider that is away, or takes no
    requests, is left alone for as long as it says."""
    done = 0
    for pk in list(due(account).values_list("pk", flat=True)):
        if over():
            break
        remote = RemoteVideo.objects.select_related("account").get(pk=pk)
        try:
            settle(remote, provider_of(account), told)
            well(account)
            done += 1
        except PlayheadError as error:
            wait_s = _account_waits_s(error)
            if wait_s is not None:
                failed(account, error)
                _wait(account, wait_s)
                break
            remotes.refused(remote, error.detail)
        rest()
    return done


def _account_waits_s(error: PlayheadError) -> int | None:
    """For how long nothing is asked of the account; None where it is this one video that is refused."""
    if isinstance(error, Retryable):
        return error.retry_after_s
    return limits.PROVIDER_WAIT_S if error.code in {"provider_token", "provider_blocked"} else None


def settle(remote: RemoteVideo, provider: Provider, told: Told) -> None:
    """Bring one video into step. Raises what its provider refuses with."""
    if remote.delete_after is not None and remote.delete_after <= timezone.now():
        _delete(remote, provider)
        told(remote)
        return
    try:
        if remote.untold:
            provider.write(remote.remote_id, title=remote.title, description=remote.description)
            remotes.told_there(remote)
        changed = remotes.learn(remote, provider.read(remote.remote_id))
    except Missing:
        changed = remotes.not_there(remote)
    if changed is not None:
        told(changed)


def _delete(remote: RemoteVideo, provider: Provider) -> None:
    if remote.ours and remote.state != State.GONE:
        try:
            provider.delete(remote.remote_id)
        except Missing:
            logger.info("%s was deleted at its provider already", remote.key)
    remotes.deleted(remote)


def _wait(account: Account, seconds: int) -> None:
    Account.objects.filter(pk=account.pk).update(next_at=timezone.now() + timedelta(seconds=seconds))
