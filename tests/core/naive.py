"""The algebra and the credit rule once more, as slow and as plain as can be: sets of single milliseconds.

Written from the design's text and not from the code, for the code to be compared with.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from hypothesis import strategies as st

from playhead.core.credit import Claim, Reason, Terms
from playhead.core.sections import Sections

DAY_MS = 24 * 3600 * 1000


def milliseconds(sections: Sections) -> set[int]:
    return {ms for start, end in sections.pairs() for ms in range(start, end)}


def sections_of(found: Iterable[int]) -> Sections:
    return Sections.of((ms, ms + 1) for ms in found)


def small_sections(low: int = -40, high: int = 80, *, most: int = 8) -> st.SearchStrategy[Sections]:
    """Sets of intervals close enough to touch, overlap and leave small gaps."""
    return st.lists(small_pairs(low, high), max_size=most).map(Sections.of)


def small_pairs(low: int = -40, high: int = 80) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(low, high - 1), st.integers(1, 15)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@dataclass
class NaiveViewer:
    """State of one viewer and one video, and the rule applied to it claim by claim."""

    spent: set[int] = field(default_factory=set)
    coverage: set[int] = field(default_factory=set)
    watched_ms: int = 0

    def judge(self, claim: Claim, terms: Terms, *, now: int, delivered: set[int], present: bool) -> "Judgement":
        """One claim, not too long a one; the state moves on."""
        judgement = Judgement(claim, terms, now)
        judgement.cut_media(delivered, present=present)
        judgement.pay(self.spent)
        self.coverage |= judgement.left
        self.watched_ms += len(judgement.left)
        self.spent = _snapped(self.spent, judgement.paid)
        return judgement


@dataclass
class Judgement:
    """Credit (`left`), time paid and reasons of one claim."""

    claim: Claim
    terms: Terms
    now: int
    left: set[int] = field(default_factory=set)
    paid: set[int] = field(default_factory=set)
    reasons: list[tuple[Reason, int]] = field(default_factory=list)

    def keep(self, kept: set[int], reason: Reason) -> None:
        if len(kept) < len(self.left):
            self.reasons.append((reason, len(self.left) - len(kept)))
        self.left = kept

    @property
    def speed(self) -> Fraction:
        return Fraction(self.terms.max_rate * 1001, 10**6)

    def cut_media(self, delivered: set[int], *, present: bool) -> None:
        """Steps 1 to 3."""
        claim, terms = self.claim, self.terms
        t0, t1, m0, m1 = claim[:4]
        if t0 < 0 or t0 >= t1 or m0 >= m1:
            self.reasons.append((Reason.BEFORE_OPEN if t0 < 0 else Reason.MALFORMED, max(0, m1 - m0)))
            return
        self.left = set(range(m0, m1))
        self.keep({ms for ms in self.left if 0 <= ms < terms.duration_ms}, Reason.OUT_OF_RANGE)
        self.keep({ms for ms in self.left if self._allowed(ms)}, Reason.NOT_ALLOWED)
        seen = claim.visible or claim.pip or not terms.needs_visible
        self.keep(self.left if seen else set(), Reason.NOT_VISIBLE)
        self.keep(self.left if present else set(), Reason.NOT_PRESENT)
        self.keep(set(sorted(self.left)[: floor((t1 - t0) * self.speed) + 500]), Reason.TOO_FAST)
        if terms.delivery_is_evidence:
            self.keep(self.left & delivered, Reason.NOT_DELIVERED)

    def _allowed(self, ms: int) -> bool:
        start, end = self.terms.part or (ms, ms + 1)
        begun, over = self.terms.opened_at + self.claim.t0, self.terms.opened_at + self.claim.t1
        from_ms, until_ms = self.terms.window or (begun, over)
        return start <= ms < end and from_ms <= begun and over <= until_ms

    def pay(self, spent: set[int]) -> None:
        """Steps 4 to 6."""
        if not self.left:
            return None
        (t0, t1), opened_at, oldest = self.claim[:2], self.terms.opened_at, self.now - 13 * 3600 * 1000
        start = max(opened_at + max(0, t0 - 10_000 - t0 // 1000), oldest)
        if opened_at + t1 < oldest:
            return self.keep(set(), Reason.TOO_OLD)
        if start >= self.now + 2000:
            return self.keep(set(), Reason.IN_FUTURE)
        from_ms, until_ms = self.terms.window or (start, self.now + 2000)
        price = max(ceil(len(self.left) / self.speed), t1 - t0 - 120)
        payable = [ms for ms in range(start, self.now + 2000) if from_ms <= ms < until_ms and ms not in spent]
        self.paid = set(payable[:price])
        if len(self.paid) < price:
            enough = floor(min(Fraction(len(self.left) * len(self.paid), price), len(self.paid) * self.speed))
            self.keep(set(sorted(self.left)[:enough]), Reason.NO_TIME_LEFT)
        return None


def _snapped(spent: set[int], paid: set[int]) -> set[int]:
    """Spent time and what was paid, with gaps under 250 ms beside what was paid closed."""
    pairs = sections_of(spent | paid).pairs()
    for (_, end), (start, _) in pairwise(pairs):
        if start - end < 250 and (end - 1 in paid or start in paid):
            spent = spent | set(range(end, start))
    return spent | paid
