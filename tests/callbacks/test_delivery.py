"""Every message arrives, once in effect, in order of each viewer, whatever the receivers do; on a clock by hand."""

import json
from itertools import pairwise
from typing import Any

import pytest
from django.core import mail

from playhead.callbacks import endpoints, resending
from playhead.callbacks.models import Attempt, Delivery
from playhead.callbacks.schedule import TRIES, WAITS_MS
from playhead.lms.models import Organisation, User
from playhead.recorder import integrations
from tests.callbacks.agreed import check_agreed
from tests.callbacks.conftest import Post
from tests.callbacks.receivers import Receiver, Request, says, takes

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])
HOUR_MS, DAY_MS = 3_600_000, 24 * 3_600_000


def numbers(requests: list[Request]) -> list[int]:
    return [json.loads(request.body)["data"]["n"] for request in requests]


def test_what_is_told_arrives_signed(post: Post) -> None:
    with Receiver(takes) as receiver:
        post.endpoint(receiver.url)
        told = post.announce()
        assert post.turn() == 1
    [request] = receiver.taken
    assert request.headers["webhook-id"] == told
    assert json.loads(request.body)["type"] == "enrolment.created"
    assert Delivery.objects.get().state == Delivery.DONE
    assert post.turn() == 0


def test_nothing_is_written_or_sent_where_nobody_listens(post: Post) -> None:
    assert post.announce() is None
    assert post.turn() == 0


def test_only_what_is_wanted_is_sent(post: Post) -> None:
    with Receiver(takes) as all_of_it, Receiver(takes) as one_s, Receiver(takes) as completed:
        post.endpoint(all_of_it.url)
        one, two = integrations.create("one"), integrations.create("two")
        post.endpoint(one_s.url, integration=one.key)
        post.endpoint(completed.url, types=["video.completed"])
        post.announce(n=1)
        post.announce(n=2, integration=one.key)
        post.announce("content.ready", viewer=None, n=3)
        post.announce("video.completed", n=4, integration=two.key)
        post.run(until_ms=post.clock.now_ms())
    assert sorted(numbers(all_of_it.taken)) == [1, 2, 3, 4]
    assert sorted(numbers(one_s.taken)) == [2, 3]
    assert numbers(completed.taken) == [4]


def test_ten_tries_over_three_days_then_it_stays_and_can_be_sent_again(post: Post) -> None:
    start = post.clock.now_ms()
    answers = ["500 Oops"]
    with Receiver(lambda r, c, q: r.answer(c, q, answers[0])) as receiver:
        endpoint = post.endpoint(receiver.url)
        told = post.announce()
        post.run(until_ms=start + 4 * DAY_MS)
        tries = list(Attempt.objects.values_list("at", flat=True))
        assert len(tries) == TRIES
        for waited, wait in zip((b - a for a, b in pairwise(tries)), WAITS_MS, strict=True):
            assert wait <= waited <= wait * 1.1 + 1_000
        assert Delivery.objects.get().state == Delivery.FAILED
        assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
        times = [int(request.headers["webhook-timestamp"]) for request in receiver.requests]
        assert times == sorted(set(times)), "the time is the attempt's own"
        answers[0] = "200 OK"
        assert resending.resend_failed(endpoint, now_ms=post.clock.now_ms()) == 1
        post.turn()
    assert [request.headers["webhook-id"] for request in receiver.taken] == [told]


def test_retry_after_is_kept_to(post: Post) -> None:
    with Receiver(says("503 Later", "Retry-After: 7200")) as receiver:
        post.endpoint(receiver.url)
        post.announce()
        post.turn()
        assert Delivery.objects.get().next_at >= post.clock.now_ms() + 2 * HOUR_MS
        post.run(until_ms=post.clock.now_ms() + HOUR_MS)
        assert len(receiver.requests) == 1


def admin() -> User:
    school = Organisation.objects.get_or_create(pk=1, defaults={"name": "School"})[0]
    return User.objects.create_user("root", email="root@school.example", organisation=school, is_superuser=True)


def test_gone_means_never_again_and_the_admins_are_told(post: Post) -> None:
    admin()
    with Receiver(says("410 Gone")) as receiver:
        endpoint = post.endpoint(receiver.url)
        for n in range(3):
            post.announce(n=n)
        post.run(until_ms=post.clock.now_ms() + 5 * DAY_MS)
        assert len(receiver.requests) == 1
    endpoint.refresh_from_db()
    assert (endpoint.active, endpoint.disabled_reason) == (False, "gone")
    assert [letter.to for letter in mail.outbox] == [["root@school.example"]]
    assert "switched off" in mail.outbox[0].subject
    assert post.announce() is None, "nobody listens any more"
    with Receiver(takes) as again:
        endpoints.change(endpoint, url=again.url)
        endpoints.switch_on(endpoint, now_ms=post.clock.now_ms())
        post.run(until_ms=post.clock.now_ms() + 60_000)
        assert numbers(again.taken) == [0, 1, 2], "what waited was kept"


def test_one_that_fails_for_days_is_told_of_after_one_and_switched_off_after_five(post: Post) -> None:
    admin()
    start = post.clock.now_ms()
    with Receiver(says("500 Oops")) as receiver:
        endpoint = post.endpoint(receiver.url)
        for day in range(7):
            post.announce(n=day)
            post.run(until_ms=start + (day + 1) * DAY_MS)
    endpoint.refresh_from_db()
    assert endpoint.disabled_reason == "failing"
    assert ["do not get through" in letter.subject for letter in mail.outbox] == [True, False]


def test_after_the_last_try_the_next_message_of_that_viewer_goes(post: Post) -> None:
    start = post.clock.now_ms()

    def behave(receiver: Receiver, connection: Any, request: Request) -> None:
        receiver.answer(connection, request, "422 No" if numbers([request]) == [0] else "200 OK")

    with Receiver(behave) as receiver:
        post.endpoint(receiver.url)
        post.announce(n=0)
        post.announce(n=1)
        post.announce(n=2, viewer="eve")
        post.run(until_ms=start + 4 * DAY_MS)
    assert numbers(receiver.taken) == [2, 1]


def test_a_secret_replaced_while_messages_wait_loses_nothing(post: Post) -> None:
    from standardwebhooks.webhooks import Webhook

    with Receiver(takes) as receiver:
        endpoint = post.endpoint(receiver.url)
        old = post.secret
        new = endpoints.rotate(endpoint, now_ms=post.clock.now_ms())
        post.announce()
        post.turn()
        post.clock.forward(8 * DAY_MS)
        post.announce()
        post.turn()
    during, after = receiver.taken
    assert len(during.headers["webhook-signature"].split()) == 2
    assert len(after.headers["webhook-signature"].split()) == 1
    hook = Webhook(new)
    for request in (during, after):
        made = hook.sign(request.headers["webhook-id"], _at(request), request.body.decode())
        assert made in request.headers["webhook-signature"].split()
    assert (
        Webhook(old).sign(during.headers["webhook-id"], _at(during), during.body.decode())
        in during.headers["webhook-signature"].split()
    )


def _at(request: Request) -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)


def test_a_test_message_goes_at_once_though_others_wait(post: Post) -> None:
    answers = ["500 Oops"]
    with Receiver(lambda r, c, q: r.answer(c, q, answers[0])) as receiver:
        endpoint = post.endpoint(receiver.url)
        post.announce()
        post.turn()
        answers[0] = "200 OK"
        resending.send_test(endpoint, now_ms=post.clock.now_ms())
        assert post.turn() == 1
    told = json.loads(receiver.taken[0].body)
    assert told["type"] == "callback.test"
    check_agreed(told)


def test_a_message_older_than_the_endpoint_is_not_its_own(post: Post) -> None:
    with Receiver(takes) as first, Receiver(takes) as second:
        post.endpoint(first.url)
        post.announce(n=1)
        post.clock.forward(1_000)
        post.endpoint(second.url)
        post.announce(n=2)
        post.turn()
        post.turn()
    assert (numbers(first.taken), numbers(second.taken)) == ([1, 2], [2])
