"""What the tracker is told of a batch that is on disk: see `contract/README.md`."""

import msgspec

from playhead.core import limits
from playhead.recorder.operations import Recorded
from playhead.recorder.state import Stand


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """How much media of a claim, by its place in the batch, earned nothing, and why."""

    section: int
    reason: str
    ms: int


class Told(msgspec.Struct, frozen=True, gc=False):
    """The answer's members, in the order in which they are written."""

    seq: int
    status: str
    credited: list[tuple[int, int]]
    credited_ms: int
    fresh_ms: int
    covered_ms: int
    watched_ms: int
    counted_ms: int
    needed_ms: int | None
    progress: int | None
    completed: bool
    evidence: str
    refusals: list[Refusal]
    playing_elsewhere: bool
    prompt: str | None
    next_beat_ms: int
    received_at: int


assert Told.__struct_fields__[5:11] == Stand._fields  # where the viewer stands is told as it is

encode = msgspec.json.Encoder().encode


def told(outcome: Recorded) -> Told:
    credited: list[tuple[int, int]] = []
    refusals: list[Refusal] = []
    credited_ms = fresh_ms = 0
    for section, earned in enumerate(outcome.lines):
        credited += earned.credit
        credited_ms += earned.credit_ms
        fresh_ms += earned.fresh_ms
        if earned.reasons:
            refusals += [Refusal(section, reason, ms) for reason, ms in earned.reasons]
    return Told(
        outcome.seq,
        "duplicate" if outcome.duplicate else "recorded",
        credited,
        credited_ms,
        fresh_ms,
        *outcome.stand,
        outcome.evidence,
        refusals,
        outcome.playing_elsewhere,
        outcome.prompt,
        limits.BEAT_MS,
        outcome.received_at,
    )
