"""What happens to a viewer's rows when something happened: pure changes on state, the same live and in replay."""

from collections.abc import Sequence
from dataclasses import dataclass

from playhead.core import limits
from playhead.core.credit import Claim, Line, Standing, credit_claims
from playhead.core.sections import EMPTY, Sections
from playhead.recorder.admission import gives_way
from playhead.recorder.state import IMPORTED, STRENGTHS, Playback, Progress, Run, Viewer

_new = tuple.__new__  # of a named tuple, with all its values: in half the time that calling it takes


@dataclass(frozen=True, slots=True)
class Imported:
    """One session of somebody else's record: sections in media ms as they were told, in their order, and when."""

    sections: tuple[tuple[int, int], ...]
    stated_at: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What a viewer keeps of a video's version before: its sections in media ms of this one, disjoint; how well they
    were known; and where playing was last, and when, None where that was not kept. `completed_at` None: it was not."""

    source: str
    sections: tuple[tuple[int, int], ...]
    evidence: str
    position: tuple[int, int] | None = None
    completed_at: int | None = None


def apply_claims(
    viewer: Viewer,
    playback: Playback,
    progress: Progress,
    claims: Sequence[Claim],
    *,
    received_at: int,
    answers: Sequence[str] = (),
) -> list[Line]:
    """Credit a batch's claims. Changes the three rows; the lines belong in the ledger. `answers`: prompts answered."""
    _hear(playback, answers)
    standing, lines = credit_claims(
        _new(Standing, (viewer.spent, progress.coverage, progress.watched_ms)),
        claims,
        terms=playback.terms,
        received_at=received_at,
        delivered=playback.delivered,
        present_until_ms=playback.presence.until_ms(playback.opened_at),
    )
    viewer.spent, progress.coverage, progress.watched_ms = standing
    for line in lines:
        _note_line(playback, progress, line, received_at=received_at)
    if claims:
        _note_position(playback, progress, claims)
        _ask(playback, at=received_at)
    if received_at > progress.last_seen_at:
        progress.last_seen_at = received_at
    progress.follow(received_at)
    return lines


def _hear(playback: Playback, answers: Sequence[str]) -> None:
    if answers:
        playback.presence = playback.presence.heard(playback.policy.presence_seed, answers)


def _ask(playback: Playback, *, at: int) -> None:
    """Only who plays is asked whether they are there."""
    if (every_s := playback.policy.presence_every_s) is not None:
        seed, opened_at = playback.policy.presence_seed, playback.opened_at
        playback.presence = playback.presence.asking(seed, every_s, opened_at=opened_at, now=at)


def _note_line(playback: Playback, progress: Progress, line: Line, *, received_at: int) -> None:
    if line.reasons:
        progress.refuse(line)
    credit, fresh = line.credit, line.fresh
    if not credit:
        return
    progress.covered_ms += fresh.length
    if credit is not fresh and credit != fresh:
        progress.again = (progress.again | (credit - fresh)).limited(limits.COVERAGE_INTERVALS)
        progress.whole = True
    if playback.first_credit_at is None:
        playback.first_credit_at = received_at
    if progress.evidence != playback.evidence:
        progress.evidence = _weaker(progress.evidence, playback.evidence)
        progress.whole = True


def _weaker(known: str, new: str) -> str:
    return new if known in {"", IMPORTED} else min(known, new, key=STRENGTHS.index)


def _note_position(playback: Playback, progress: Progress, claims: Sequence[Claim]) -> None:
    """Where to go on: the end of the section that was played last, however late it arrives."""
    _t0, t1, _m0, m1 = _latest(claims)[:4]
    if (at := playback.opened_at + t1) >= progress.position_at:
        duration_ms = playback.terms.duration_ms
        progress.position_ms, progress.position_at = min(m1, duration_ms) if m1 > 0 else 0, at


def plays_elsewhere(viewer: Viewer, playback: Playback, claims: Sequence[Claim], *, received_at: int) -> bool:
    """Whether another playback of this viewer plays and is the one to go on: the one whose current run of playing began
    last, or first where the policy says so.

    A run begins at the first section after 15 s without one. Batches from a queue say nothing about now.
    """
    if not claims:
        return False
    since, until = playback.opened_at + claims[0].t0, playback.opened_at + _latest(claims).t1
    if not received_at - limits.RUN_GAP_MS <= until <= received_at + limits.CLOCK_TOLERANCE_MS:
        return False
    over, others = since - limits.RUN_GAP_MS, []
    for run in viewer.runs:
        playback_id, began, ended = run
        if ended < over:
            continue
        if playback_id != playback.id:
            others.append(run)
            continue
        since = began
        if ended > until:
            until = ended
    mine = _new(Run, (playback.id, since, until))
    if not others:  # by far the most frequent case
        viewer.runs = [mine]
        return False
    viewer.runs = [*others, mine][-limits.RUNS :]
    return any(gives_way(playback, mine, other) for other in others)


def end_run(viewer: Viewer, playback: Playback) -> None:
    """This playback plays no more: its page was left, and whoever is to wait for it need not wait out the gap."""
    viewer.runs = [run for run in viewer.runs if run.playback_id != playback.id]


def _latest(claims: Sequence[Claim]) -> Claim:
    return claims[0] if len(claims) == 1 else max(claims, key=lambda claim: claim.t1)


def apply_import(progress: Progress, brought: Imported, *, told: Sections, received_at: int) -> list[Line]:
    """Add sections told by somebody else, beside what was earned here: one line a section, nothing paid.

    `told` is what the same session told before: a longer list of it repeats the shorter one, which counts once.
    """
    lines = []
    progress.whole = True
    for start, end in brought.sections:
        span = Sections((start, end)) - told
        if not span:
            continue
        fresh = span - progress.imported
        progress.imported = progress.imported | span
        progress.imported_watched_ms += span.length
        claim = Claim(t0=0, t1=0, m0=start, m1=end)
        lines.append(Line(claim, span, fresh, EMPTY, received_at - brought.stated_at, ()))
    progress.imported_ms = progress.imported.length
    progress.evidence = progress.evidence or IMPORTED
    progress.last_seen_at = max(progress.last_seen_at, brought.stated_at)
    return lines


def apply_kept(progress: Progress, kept: Kept, *, received_at: int) -> list[Line]:
    """Cover what was earned by watching the version before: one line a section, nothing paid a second time."""
    lines = []
    progress.whole = True
    for start, end in kept.sections:
        span = Sections.one(start, end).clip(0, progress.duration_ms or limits.VIDEO_MS)
        after = progress.coverage | span
        if not span or len(after) > limits.COVERAGE_INTERVALS:
            continue
        fresh = span - progress.coverage
        progress.again = (progress.again | (span & progress.coverage)).limited(limits.COVERAGE_INTERVALS)
        progress.coverage = after
        progress.watched_ms += span.length
        lines.append(Line(Claim(t0=0, t1=0, m0=start, m1=end), span, fresh, EMPTY, 0, ()))
    if lines:
        progress.evidence = _weaker(progress.evidence, kept.evidence)
    if kept.position is not None and kept.position[1] > progress.position_at:
        progress.position_ms, progress.position_at = kept.position
    progress.settle(kept.completed_at or received_at)
    return lines
