"""What logout, unenrolment and revocation do to open playbacks."""

from playhead.core import limits
from tests.world import World, section


def test_nothing_is_credited_to_what_arrives_after_the_logout(world: World) -> None:
    opening = world.open()
    world.play(opening, 10_000, 0)
    assert world.close("bob") == 1
    world.clock.forward(10_000)
    answer = world.send(opening, section(10_000, 20_000, 10_000, 20_000))
    assert (answer.status, answer.body["code"]) == (403, "playback_closed")
    assert world.rows("SELECT covered_ms FROM recorder_progress") == [(10_000,)]
    assert world.differences() == []


def test_only_the_session_that_logs_out_is_closed(world: World) -> None:
    opening = world.open()
    assert world.close("bob", session="another") == 0
    assert world.close("bob", session="session-of-bob") == 1
    assert world.close("bob", session="session-of-bob") == 0
    assert world.play(opening, 10_000, 0).status == 403


def test_unenrolling_from_one_video_leaves_the_others(world: World) -> None:
    film, song = world.open(video="film"), world.open(video="song")
    assert world.close("bob", video="film") == 1
    world.clock.forward(10_000)
    assert world.send(film, section(0, 10_000, 0, 10_000)).status == 403
    assert world.send(song, section(0, 10_000, 0, 10_000)).status == 200


def test_closing_for_somebody_unknown_closes_nothing(world: World) -> None:
    assert world.close("nobody") == 0


def test_an_expired_ticket_earns_nothing(world: World) -> None:
    opening = world.open()
    world.play(opening, 10_000, 0)
    world.clock.forward(limits.TICKET_LIFETIME_S * 1000)
    answer = world.send(opening, section(10_000, 20_000, 10_000, 20_000))
    assert (answer.status, answer.body["code"]) == (401, "ticket_expired")


def test_a_ticket_with_its_playback_of_somebody_else_is_refused(world: World) -> None:
    bobs = world.open("bob")
    charlies = world.open("charlie")
    forged = world.ticket("charlie", "film", bobs.playback)
    world.clock.forward(10_000)
    body = b'{"seq":0,"sent":0,"sections":[{"t0":0,"t1":10000,"m0":0,"m1":10000}],"events":[]}'
    assert world.post(forged, body).status == 401
    assert world.post(world.ticket("charlie", "song", charlies.playback), body).status == 401
    assert world.rows("SELECT count(*) FROM recorder_ledgerline") == [(0,)]
