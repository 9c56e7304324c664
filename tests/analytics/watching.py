"""A few viewers who watch this and that, for whoever counts it."""

from random import Random

from tests.world import Opening, World, section


def watch_a_lot(world: World, random: Random, *, batches: int) -> None:
    """A few viewers, honest and not, some in preview, with events."""
    openings: list[Opening] = [
        world.open(viewer, video, duration_ms=60_000, preview=viewer == "alice")
        for viewer in ("bob", "dora", "emil", "alice")
        for video in ("film", "song")
    ]
    for _batch in range(batches):
        opening = random.choice(openings)
        t0, m0 = world.clock.now_ms() - opening.opened_at, random.randrange(60_000)
        wall_ms = world.clock.forward(random.randrange(300, 9_000)) - opening.opened_at - t0
        length_ms = wall_ms * random.choice((1, 1, 2, 6))
        events = [{"type": random.choice(("play", "pause", "seeked")), "t": t0, "m": m0}]
        world.send(opening, section(t0, t0 + wall_ms, m0, m0 + length_ms), events=events)
