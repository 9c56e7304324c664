"""What was delivered everywhere leaves; what somebody still needs never does."""

from typing import Any

import pytest

from playhead.callbacks import resending
from playhead.callbacks.fan_out import fan_out
from playhead.callbacks.models import Attempt, Delivery
from playhead.callbacks.pruning import DAY_MS, Pruner, prune
from playhead.recorder.models import Outbox
from tests.callbacks.conftest import Post
from tests.callbacks.receivers import Receiver, Request, says, takes, wait_for

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])


def left() -> tuple[int, int, int]:
    """Messages, deliveries, attempts."""
    return Outbox.objects.count(), Delivery.objects.count(), Attempt.objects.count()


def pruned(post: Post, *, days: int = 30) -> int:
    return sum(prune(before_ms=post.clock.now_ms() - days * DAY_MS))


def test_what_was_delivered_leaves_with_its_trail_after_the_time_and_not_before(post: Post) -> None:
    with Receiver(takes) as receiver:
        post.endpoint(receiver.url)
        for n in range(3):
            post.announce(n=n)
        post.run(until_ms=post.clock.now_ms() + 1_000)
    assert left() == (3, 3, 3)
    post.clock.forward(29 * DAY_MS)
    assert (pruned(post), left()) == (0, (3, 3, 3))
    post.clock.forward(2 * DAY_MS)
    assert (pruned(post), left()) == (6, (0, 0, 0))
    assert post.announce(n=4) is not None
    assert post.turn() == 1, "the place in the outbox is still known"


def test_what_another_endpoint_still_waits_for_stays(post: Post) -> None:
    with Receiver(takes) as good, Receiver(says("500 Oops")) as bad:
        post.endpoint(good.url)
        down = post.endpoint(bad.url)
        told = post.announce()
        post.turn()
        post.clock.forward(31 * DAY_MS)
        pruned(post)
    assert list(Outbox.objects.values_list("message_id", flat=True)) == [told]
    assert [one.endpoint_id for one in Delivery.objects.all()] == [down.pk]


def test_what_was_given_up_can_be_sent_a_year_later_and_leaves_once_it_was_taken(post: Post) -> None:
    answers = ["500 Oops"]

    def behave(receiver: Receiver, connection: Any, request: Request) -> None:
        receiver.answer(connection, request, answers[0])

    with Receiver(behave) as receiver:
        endpoint = post.endpoint(receiver.url)
        told = post.announce()
        post.run(until_ms=post.clock.now_ms() + 4 * DAY_MS)
        assert Delivery.objects.get().state == Delivery.FAILED
        post.clock.forward(365 * DAY_MS)
        assert pruned(post) == 0
        answers[0] = "200 OK"
        resending.resend_failed(endpoint, now_ms=post.clock.now_ms())
        post.turn()
        assert [request.headers["webhook-id"] for request in receiver.taken] == [told]
    post.clock.forward(31 * DAY_MS)
    pruned(post)
    assert left() == (0, 0, 0)


def test_what_was_not_handed_over_yet_stays_however_old(post: Post) -> None:
    with Receiver(takes) as receiver:
        post.endpoint(receiver.url)
        post.announce()
        post.clock.forward(40 * DAY_MS)
        assert pruned(post) == 0
        post.turn()
        assert len(receiver.taken) == 1


def test_more_than_a_slice_leaves_in_slices_and_what_waits_between_stays(post: Post) -> None:
    post.endpoint("http://localhost:9/hook")
    now_ms = post.clock.now_ms()
    Outbox.objects.bulk_create(
        Outbox(type="content.ready", message_id=f"msg_{n}", created_at=now_ms, body=b"{}") for n in range(1_100)
    )
    while fan_out(post.store, now_ms=now_ms):
        pass
    Delivery.objects.exclude(message_id="msg_700").update(state=Delivery.DONE, done_at=now_ms)
    post.clock.forward(31 * DAY_MS)
    pruned(post)
    assert list(Outbox.objects.values_list("message_id", flat=True)) == ["msg_700"]
    assert list(Delivery.objects.values_list("message_id", flat=True)) == ["msg_700"]


def test_the_worker_prunes_by_itself_and_not_where_everything_is_kept(post: Post) -> None:
    with Receiver(takes) as receiver:
        post.endpoint(receiver.url)
        post.announce()
        post.turn()
    post.clock.forward(31 * DAY_MS)
    with Pruner(days=0, clock=post.clock):
        pass
    assert left() == (1, 1, 1)
    with Pruner(days=30, clock=post.clock):
        wait_for(lambda: left() == (0, 0, 0))
