"""A few viewers who watch this and that, for whoever counts it."""

from contextlib import closing
from random import Random

from playhead.recorder.databases import open_store
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


def watch_in_every_way(world: World, random: Random, *, batches: int) -> None:
    """The same with every event that a query asks for, on several devices."""
    watch_a_lot(world, random, batches=batches)
    devices = ('{"device":"phone","browser":"Safari","os":"iOS","country":"ES"}', '{"device":"desktop"}', "")
    with closing(open_store(world.database)) as store:
        store.begin()
        placed = [(device, number) for number, device in enumerate(devices)]
        store.many("UPDATE recorder_playback SET environment = ? WHERE id - id / 4 * 4 = ?", placed)
        store.commit()
    for viewer in ("dora", "fred"):
        opening = world.open(viewer, "film", duration_ms=60_000)
        for _batch in range(batches // 4):
            m = random.randrange(60_000)
            t = world.clock.now_ms() - opening.opened_at
            told = [
                {"type": "playing", "t": t, "m": m},
                {"type": "ratechange", "t": t + 5, "m": m, "rate": random.choice((750, 1000, 1500, 2000))},
                {"type": "seeked", "t": t + 6, "m": m, "from_ms": random.randrange(60_000), "to_ms": m},
                {"type": "waiting", "t": t + 7, "m": m},
                {"type": "pause", "t": t + 8, "m": m, "scrubbing": random.random() < 0.5},
                {"type": "stalled", "t": t + 9, "m": -1},
            ]
            world.clock.forward(1_000)
            world.send(opening, section(t, t + 1_000, m, m + 1_000), events=random.sample(told, 3))
