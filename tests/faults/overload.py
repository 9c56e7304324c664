"""Ten times what it can take: some is accepted in time, the rest refused with Retry-After, and all of it comes later.

On a disk whose sync takes half a second, so that the generator, on the same processors, can really ask ten times as
much. Its rate is what 64 connections get, as many as there is room for in the queue; then 500 connections ask in a
closed loop. At last the viewers come back one after the other, as the tracker's queue does, and the ledger holds every
batch once.
"""

from bench.kit.rows import Row
from bench.load.generator import Load, Outcome
from tests.faults.kit.place import Place, caught, number, place, zero

SECONDS = number("OVERLOAD_S", 10)
_CONNECTIONS, _QUEUE = 500, 64
_TIMES = 10
_MEMORY_MB = 60


def measure() -> list[Row]:
    with place(bug="slow_disk", viewers=1000, PLAYHEAD_QUEUE=str(_QUEUE)) as broken:
        rated, outcome, grown_mb = overload(broken, SECONDS)
        waiting = broken.settle()
        broken.server.stop()
        truth, verified = broken.truth(), broken.verify()
    with place(bug="no_limit", viewers=1000, PLAYHEAD_QUEUE=str(_QUEUE)) as planted:
        _rated, unlimited, _grown = overload(planted, 2)
    offered = sum(outcome.statuses.values()) / outcome.elapsed_s
    # Everybody else at the door once, twice over; then the group on its way, and one's own (Little's law).
    bound_ms = 1000 * (2 * _CONNECTIONS / offered + 2 * _QUEUE / outcome.rate)
    p99_ms = outcome.latency_ms(99)
    others = sum(outcome.statuses.values()) - outcome.statuses[200] - outcome.statuses[503]
    return [
        Row("answered with room in the queue", round(rated), "/s", peer="64 connections"),
        Row(
            "asked meanwhile",
            round(offered / rated, 1),
            "x that",
            f">= {_TIMES}",
            offered >= _TIMES * rated,
            f"{offered:,.0f}/s, {outcome.rate:,.0f}/s of it accepted: {dict(outcome.statuses)}",
        ),
        Row("p99 of what was accepted", round(p99_ms), "ms", f"<= {bound_ms:,.0f}", p99_ms <= bound_ms),
        Row("refused", outcome.statuses[503], "answers", ">= 1", outcome.statuses[503] >= 1),
        zero("refused without Retry-After, or otherwise than by 503", outcome.without_retry_after + others, "answers"),
        Row("memory grown meanwhile", round(grown_mb), "MB", f"<= {_MEMORY_MB}", grown_mb <= _MEMORY_MB),
        zero("batches never delivered afterwards", waiting),
        zero("batches missing or stored twice", truth.missing + truth.doubled),
        zero("viewers whose numbers differ", truth.differing + truth.complaints, "viewers"),
        zero("ledger differs from the journal", int(not verified), ""),
        caught("no_limit", int(unlimited.statuses[503] == 0)),
    ]


def overload(broken: Place, seconds: float) -> tuple[float, Outcome, float]:
    """What it takes with 64 at the door, what came of 500, and how much memory the server needed for that."""
    broken.server.start()
    with Load(broken.port, broken.viewers, connections=_QUEUE) as load:
        load.once()
        rated = load.run(1.0).rate
    before_mb = broken.server.memory_mb()
    with Load(broken.port, broken.viewers, connections=_CONNECTIONS) as load:
        outcome = load.run(seconds)
    return rated, outcome, broken.server.memory_mb() - before_mb
