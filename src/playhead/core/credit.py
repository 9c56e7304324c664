"""The credit rule: what of a claim is credited, and which of the viewer's time pays for it.

A viewer's real time is the currency. A claimed section has a price in it; the price is paid from time this viewer has
not spent yet, earliest first; what is paid for is credited. A claim goes through `STEPS` in order, and each step may
cut it: every cut has a `Reason` and is counted in milliseconds of media.

Pure and exact: integers only, no clock. Journal rows name the `RULE_VERSION` they were made under; an old version
stays here as long as such rows exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from playhead.core import limits
from playhead.core.sections import EMPTY, Sections

RULE_VERSION: Final = 1
_new = tuple.__new__  # of a named tuple, with all its values: in half the time that calling it takes


class Reason(StrEnum):
    """Why milliseconds were not credited: a closed set, in the order in which the rule looks."""

    BEFORE_OPEN = "before_open"
    MALFORMED = "malformed"
    OUT_OF_RANGE = "out_of_range"
    NOT_ALLOWED = "not_allowed"
    NOT_VISIBLE = "not_visible"
    NOT_PRESENT = "not_present"
    TOO_FRAGMENTED = "too_fragmented"
    TOO_FAST = "too_fast"
    NOT_DELIVERED = "not_delivered"
    TOO_OLD = "too_old"
    IN_FUTURE = "in_future"
    NO_TIME_LEFT = "no_time_left"


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed when the playback was opened; it does not change while it lasts.

    `opened_at` and `window` are epoch milliseconds, `max_rate` thousandths, `part` media milliseconds.
    A video of unknown duration has `duration_ms=limits.VIDEO_MS`.
    """

    opened_at: int
    duration_ms: int
    max_rate: int
    delivery_is_evidence: bool = False
    part: tuple[int, int] | None = None
    window: tuple[int, int] | None = None
    needs_visible: bool = False
    speed: int = field(init=False)
    """The media that time may show, in millionths: the maximum rate, drift included."""
    plain: bool = field(init=False)
    """Whether nothing beyond the duration and the rate is asked of a claim."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "speed", self.max_rate * limits.DRIFT_RATE)
        asked = self.delivery_is_evidence or self.needs_visible or self.part is not None or self.window is not None
        object.__setattr__(self, "plain", not asked)


class Claim(NamedTuple):
    """A section as the tracker claims it: `t0`, `t1` in wall ms of the playback, `m0`, `m1` in media ms.

    `rate` (thousandths) and `muted` are kept for the charts and never decide anything: a cheat claims what it likes.
    """

    t0: int
    t1: int
    m0: int
    m1: int
    rate: int = limits.RATE_NORMAL
    visible: bool = True
    muted: bool = False
    pip: bool = False


class Standing(NamedTuple):
    """Where a viewer stands: `spent` (epoch ms) over all videos; `coverage` and `watched_ms` of this one."""

    spent: Sections = EMPTY
    coverage: Sections = EMPTY
    watched_ms: int = 0


class Line(NamedTuple):
    """A line of the ledger: what a claim earned (media ms), what of it is new, and the time that paid (epoch ms).

    `reasons` lists every cut as (reason, refused media ms), in the order of the steps.
    """

    claim: Claim
    credit: Sections
    fresh: Sections
    paid: Sections
    lateness_ms: int
    reasons: tuple[tuple[Reason, int], ...]


def credit_claims(
    standing: Standing,
    claims: Iterable[Claim],
    *,
    terms: Terms,
    received_at: int,
    delivered: Sections = EMPTY,
    present_until_ms: int | None = None,
) -> tuple[Standing, list[Line]]:
    """The standing after a batch received at `received_at` (epoch ms), and a ledger line a claim, in array order.

    `delivered` is the media fetched by this playback, where its terms make that evidence; claims that end after
    `present_until_ms` (playback wall ms) are refused: a presence prompt waits. Raises nothing: whatever a claim says,
    it earns something or has a reason.
    """
    lines: list[Line] = []
    for claim in claims:
        present = present_until_ms is None or claim.t1 <= present_until_ms
        credited = _uncut(standing, claim, terms, received_at) if present else None
        if credited is None:
            case = Case(claim, terms, received_at, delivered, standing.spent, standing.coverage, present=present)
            line = _through_steps(case)
            credited = _after(standing, line), line
        standing, line = credited
        lines.append(line)
    return _remembered(standing, received_at), lines


def _after(standing: Standing, line: Line) -> Standing:
    if not line.paid:
        return standing
    spent = standing.spent.close_gaps(limits.SPENT_SNAP_MS, around=line.paid)
    return Standing(spent, standing.coverage | line.fresh, standing.watched_ms + line.credit.length)


def _through_steps(case: Case) -> Line:
    for step in STEPS.values():
        step(case)
        if not case.left_ms:
            break
    lateness_ms = case.received_at - (case.terms.opened_at + case.claim.t1)
    return Line(case.claim, case.left, case.left - case.coverage, case.paid, lateness_ms, tuple(case.reasons))


class Case:
    """One claim on its way through the steps: what is `left` of it, its price, who pays, and what was cut and why."""

    __slots__ = (
        "claim",
        "coverage",
        "delivered",
        "left",
        "left_ms",
        "paid",
        "present",
        "price_ms",
        "reasons",
        "received_at",
        "spent",
        "terms",
    )

    def __init__(
        self,
        claim: Claim,
        terms: Terms,
        received_at: int,
        delivered: Sections,
        spent: Sections,
        coverage: Sections,
        *,
        present: bool,
    ) -> None:
        self.claim = claim
        self.terms = terms
        self.received_at = received_at
        self.delivered = delivered
        self.present = present
        self.spent = spent
        self.coverage = coverage
        self.left = self.paid = EMPTY
        self.left_ms = self.price_ms = 0
        self.reasons: list[tuple[Reason, int]] = []

    def keep(self, kept: Sections, otherwise: Reason) -> None:
        """Cut down to `kept`; what is lost by it is counted."""
        kept_ms = kept.length
        if kept_ms < self.left_ms:
            self.reasons.append((otherwise, min(self.left_ms - kept_ms, limits.VIDEO_MS)))
            self.left, self.left_ms = kept, kept_ms

    def refuse(self, reason: Reason) -> None:
        self.keep(EMPTY, reason)


def shape(case: Case) -> None:
    """A claim is an interval of media and an interval of time, after the opening."""
    t0, t1, m0, m1 = case.claim[:4]
    if t0 >= 0 and t0 < t1 and m0 < m1:
        case.left, case.left_ms = Sections.one(m0, m1), m1 - m0
    else:
        reason = Reason.BEFORE_OPEN if t0 < 0 else Reason.MALFORMED
        case.reasons.append((reason, min(max(0, m1 - m0), limits.VIDEO_MS)))


def clamp(case: Case) -> None:
    """Inside the video."""
    if case.claim.m0 < 0 or case.claim.m1 > case.terms.duration_ms:
        case.keep(case.left.clip(0, case.terms.duration_ms), Reason.OUT_OF_RANGE)


def allow(case: Case) -> None:
    """Inside the part of the video, and the window of time, that the policy allows.

    A claim that sticks out of the window of time is refused whole: which of its media was played inside is not known.
    """
    terms, claim = case.terms, case.claim
    allowed = case.left if terms.part is None else case.left.clip(*terms.part)
    if terms.window is not None:
        start, until = terms.window
        if terms.opened_at + claim.t0 < start or terms.opened_at + claim.t1 > until:
            allowed = EMPTY
    if allowed is not case.left:
        case.keep(allowed, Reason.NOT_ALLOWED)


def attend(case: Case) -> None:
    """Seen, where the policy asks for it, on a visible page or in picture-in-picture; and no prompt left unanswered."""
    if case.terms.needs_visible and not (case.claim.visible or case.claim.pip):
        case.refuse(Reason.NOT_VISIBLE)
    elif not case.present:
        case.refuse(Reason.NOT_PRESENT)


def hold_together(case: Case) -> None:
    """Coverage stays within its number of intervals."""
    if len(case.coverage) + len(case.left) > limits.COVERAGE_INTERVALS:
        joined = case.coverage | case.left
        if len(joined) > limits.COVERAGE_INTERVALS:
            case.refuse(Reason.TOO_FRAGMENTED)
            case.paid = EMPTY


def hold_together_after_cuts(case: Case) -> None:
    """Coverage again: a claim cut short can leave more pieces than the whole of it would have."""
    if case.reasons:
        hold_together(case)


def pace(case: Case) -> None:
    """No more media than the time claimed for it can show at the maximum rate."""
    claim = case.claim
    showable_ms = _media_ms(claim.t1 - claim.t0, case.terms) + limits.PACE_SLACK_MS
    if case.left_ms > showable_ms:
        case.keep(case.left.first(showable_ms), Reason.TOO_FAST)


def deliver(case: Case) -> None:
    """Only what was fetched, where fetching is evidence."""
    if case.terms.delivery_is_evidence:
        case.keep(case.left & case.delivered, Reason.NOT_DELIVERED)


def price(case: Case) -> None:
    """What it took, less the timers' error, and never less than top speed would take."""
    case.price_ms = _price_ms(case.left_ms, case.claim.t1 - case.claim.t0, case.terms)


def pay(case: Case) -> None:
    """Time after the claim can have begun (mapped early, drifted) and before now pays, unless it is spent already."""
    terms = case.terms
    start, end = _payable(terms, case.claim.t0, case.received_at)
    if terms.opened_at + case.claim.t1 < case.received_at - limits.PAYABLE_MS:
        case.refuse(Reason.TOO_OLD)
    elif end <= start:
        case.refuse(Reason.IN_FUTURE)
    else:
        if terms.window is not None:
            # else one claim inside the window, sent again and again, would be paid from the hours after it
            start, end = max(start, terms.window[0]), min(end, terms.window[1])
        case.paid = earliest_first(case.spent, start, end, case.price_ms)


def afford(case: Case) -> None:
    """What the time paid is enough for: in proportion to the price, and never faster than the maximum rate."""
    paid_ms = case.paid.length
    if paid_ms < case.price_ms:
        affordable_ms = min(case.left_ms * paid_ms // case.price_ms, _media_ms(paid_ms, case.terms))
        case.keep(case.left.first(affordable_ms), Reason.NO_TIME_LEFT)


def earliest_first(spent: Sections, start: int, end: int, price_ms: int) -> Sections:
    """The first `price_ms` of `[start, end)` not spent yet; all that there is, where there is less."""
    return spent.first_gaps(start, end, price_ms)


STEPS: Final[dict[str, Callable[[Case], None]]] = {
    "shape": shape,
    "clamp": clamp,
    "allow": allow,
    "attend": attend,
    "hold_together": hold_together,
    "pace": pace,
    "deliver": deliver,
    "price": price,
    "pay": pay,
    "afford": afford,
    "hold_together_after_cuts": hold_together_after_cuts,
}
"""The rule, in order; a claim with nothing left goes no further.

Coverage is looked at twice: before anything is paid, since what is refused there must spend no time, and after cuts.
"""


def _uncut(standing: Standing, claim: Claim, terms: Terms, received_at: int) -> tuple[Standing, Line] | None:
    """The standing and the line after a claim that none of the steps would cut, without going through them one by one;
    None for every other claim.

    Most claims are of that kind. What the steps would say of it is the same (a property test), only later: this runs
    for every batch, and so it calls little and searches each set once.
    """
    t0, t1, m0, m1 = claim[:4]
    wall_ms, media_ms = t1 - t0, m1 - m0
    if not (
        terms.plain
        and 0 <= t0 < t1
        and 0 <= m0 < m1 <= terms.duration_ms
        and media_ms <= _media_ms(wall_ms, terms) + limits.PACE_SLACK_MS
    ):
        return None
    spent, coverage, watched_ms = standing
    start, end = _payable(terms, t0, received_at)
    price_ms = _price_ms(media_ms, wall_ms, terms)
    spent, paid = spent.filled(start, end, price_ms, reach_ms=limits.SPENT_SNAP_MS)
    credit = Sections.one(m0, m1)
    coverage, fresh = coverage.grown(credit)
    late_ms = received_at - (terms.opened_at + t1)
    if late_ms > limits.PAYABLE_MS or paid.length < price_ms or len(coverage) > limits.COVERAGE_INTERVALS:
        return None
    after = _new(Standing, (spent, coverage, watched_ms + media_ms))
    return after, _new(Line, (claim, credit, fresh, paid, late_ms, ()))


def _payable(terms: Terms, t0: int, received_at: int) -> tuple[int, int]:
    """The time that may pay for a claim from `t0` on: not before it can have begun, nor too old; until now."""
    start, oldest = terms.opened_at, received_at - limits.PAYABLE_MS
    begun_ms = t0 - limits.CLAIM_EARLY_MS - t0 // limits.CLAIM_DRIFT_DIVISOR
    if begun_ms > 0:
        start += begun_ms
    return start if start > oldest else oldest, received_at + limits.CLOCK_TOLERANCE_MS


def _price_ms(media_ms: int, claimed_ms: int, terms: Terms) -> int:
    """What it took, less the timers' error, and never less than top speed would take."""
    least_ms, took_ms = -(-media_ms * 10**6 // terms.speed), claimed_ms - limits.TIMER_ERROR_MS
    return least_ms if least_ms > took_ms else took_ms


def _media_ms(wall_ms: int, terms: Terms) -> int:
    """The most media that `wall_ms` can show, drift included."""
    return wall_ms * terms.speed // 10**6


def _remembered(standing: Standing, received_at: int) -> Standing:
    """With spent time as it is kept: what is too old to be asked for again is forgotten, too many gaps are closed."""
    spent = standing.spent.recent(received_at - limits.SPENT_MEMORY_MS, limits.SPENT_INTERVALS)
    return standing if spent is standing.spent else standing._replace(spent=spent)
