"""The credit rule under Hypothesis: against a naive twin, and the invariants of the design that are pure.

Every property is checked to be able to fail: with a bug planted in one step, it must.
"""

from dataclasses import dataclass, field
from fractions import Fraction

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from playhead.core import credit, limits
from playhead.core.credit import Case, Claim, Line, Standing, Terms, credit_claims
from playhead.core.sections import EMPTY, Sections
from tests.core.naive import NaiveViewer, milliseconds, small_sections

HOUR_MS = 3_600_000

anything = st.integers(-limits.INTEGER_MAX, limits.INTEGER_MAX)
flags = st.booleans()


# --- Against the naive twin: everything small enough to be counted one by one.


@st.composite
def small_claims(draw: st.DrawFn) -> Claim:
    t0 = draw(st.integers(-50, 6_000) | st.integers(10_000, 16_000))
    m0 = draw(st.integers(-100, 1_200))
    return Claim(
        t0,
        t0 + draw(st.integers(-5, 1_500)),
        m0,
        m0 + draw(st.integers(-5, 900) | st.integers(0, 5_000)),
        visible=draw(flags),
        pip=draw(flags),
    )


@st.composite
def small_terms(draw: st.DrawFn) -> Terms:
    return Terms(
        opened_at=draw(st.integers(0, 3_000)),
        duration_ms=draw(st.integers(1, 1_500)),
        max_rate=draw(st.sampled_from([250, 1000, 1500, 2000, 4000])),
        delivery_is_evidence=draw(flags),
        part=draw(st.none() | st.tuples(st.integers(0, 500), st.integers(0, 1_500))),
        window=draw(st.none() | st.tuples(st.integers(0, 2_000), st.integers(0, 20_000))),
        needs_visible=draw(flags),
    )


small_batches = st.lists(
    st.tuples(st.lists(small_claims(), max_size=4), st.integers(0, 12_000), small_sections(0, 1_500), flags),
    max_size=4,
)


@settings(max_examples=60)
@given(small_terms(), small_batches)
def test_the_rule_and_its_naive_twin_agree(
    terms: Terms, batches: list[tuple[list[Claim], int, Sections, bool]]
) -> None:
    twin, standing = NaiveViewer(), Standing()
    for claims, received_at, delivered, present in batches:
        standing, lines = credit_claims(
            standing,
            claims,
            terms=terms,
            received_at=received_at,
            delivered=delivered,
            present_until_ms=None if present else -1_000_000,
        )
        for line in lines:
            before = set(twin.coverage)
            expected = twin.judge(
                line.claim, terms, now=received_at, delivered=milliseconds(delivered), present=present
            )
            assert milliseconds(line.credit) == expected.left
            assert milliseconds(line.fresh) == expected.left - before
            assert milliseconds(line.paid) == expected.paid
            assert list(line.reasons) == expected.reasons
        assert milliseconds(standing.spent) == twin.spent
        assert milliseconds(standing.coverage) == twin.coverage
        assert standing.watched_ms == twin.watched_ms


# --- Invariants, over whatever a client may send.


@dataclass
class Tab:
    """A playback of Bob's, who may have several at once."""

    terms: Terms
    video: int
    delivered: Sections = EMPTY
    last_received_at: int | None = None
    lines: list[Line] = field(default_factory=list)


@st.composite
def wild_claims(draw: st.DrawFn) -> Claim:
    t0 = draw(st.integers(-100, 2 * HOUR_MS) | st.integers(0, 60_000) | anything)
    m0 = draw(st.integers(-100, HOUR_MS) | st.integers(0, 30_000) | anything)
    length_ms = draw(st.integers(0, 60_000) | st.integers(0, 20 * HOUR_MS) | anything)
    media_ms = draw(st.integers(0, 120_000) | st.integers(0, 2 * HOUR_MS) | anything)
    return Claim(t0, t0 + length_ms, m0, m0 + media_ms, visible=draw(flags), pip=draw(flags))


@dataclass(frozen=True)
class Batch:
    """Sent from one of the tabs, so long after the batch before (the clock may step back)."""

    tab: int
    later_ms: int
    claims: list[Claim]
    delivered: tuple[int, int] | None


wild_batches = st.lists(
    st.builds(
        Batch,
        tab=st.integers(0, 2),
        later_ms=st.integers(-2_000, 60_000) | st.integers(0, 15 * HOUR_MS),
        claims=st.lists(wild_claims(), max_size=3),
        delivered=st.none() | st.tuples(st.integers(0, HOUR_MS), st.integers(1, HOUR_MS)),
    ),
    min_size=1,
    max_size=8,
)

START = 1_790_000_000_000


def three_tabs(*, max_rate: int, duration_ms: int) -> list[Tab]:
    """Two of the same video, one of another that is hosted here."""
    return [
        Tab(Terms(START, duration_ms, max_rate), video=0),
        Tab(Terms(START + 5_000, duration_ms, max_rate), video=0),
        Tab(Terms(START + 30_000, duration_ms, max_rate, delivery_is_evidence=True), video=1),
    ]


def play(tabs: list[Tab], batches: list[Batch]) -> dict[int, Standing]:
    """Bob's standings after all of it, each invariant checked on the way."""
    spent, standings, now = EMPTY, {0: Standing(), 1: Standing()}, START + 30_000
    for batch in batches:
        now += batch.later_ms
        tab = tabs[batch.tab]
        if batch.delivered is not None:
            tab.delivered = tab.delivered.add(batch.delivered[0], sum(batch.delivered))
        before = standings[tab.video]
        standing = Standing(spent, before.coverage, before.watched_ms)
        after, lines = credit_claims(standing, batch.claims, terms=tab.terms, received_at=now, delivered=tab.delivered)
        check_lines(tab, lines, now)
        assert not before.coverage - after.coverage, "I2: coverage never shrinks"
        tab.lines += lines
        tab.last_received_at = max(now, tab.last_received_at or now)
        standings[tab.video], spent = after, after.spent
    return standings


def check_lines(tab: Tab, lines: list[Line], now: int) -> None:
    terms = tab.terms
    for line in lines:
        within = Sections.one(terms.opened_at, max(now + 2_000, terms.opened_at + 1))
        assert not line.paid - within, "I1: paid inside [opened_at, received_at + 2 s)"
        most_ms = Fraction(line.paid.length * terms.max_rate * 1001, 10**6)
        assert line.credit.length <= most_ms, "I1: credit <= paid x M x 1.001"
        assert not line.credit - Sections.one(0, terms.duration_ms), "I2: inside the video"
        assert not line.fresh - line.credit
        assert not terms.delivery_is_evidence or not line.credit - tab.delivered, "I3: credit inside delivered"
        assert all(0 <= refused_ms <= limits.VIDEO_MS for _, refused_ms in line.reasons)
        assert line.reasons or line.credit.length == line.claim.m1 - line.claim.m0, "every cut has a reason"
        for sections in (line.credit, line.fresh, line.paid):
            assert Sections.unpack(sections.pack()) == sections


def check_history(tabs: list[Tab], standings: dict[int, Standing], max_rate: int) -> None:
    lines = [line for tab in tabs for line in tab.lines]
    paid = EMPTY
    for line in lines:
        assert not paid & line.paid, "I1: the paid stretches of one viewer are disjoint"
        paid |= line.paid
    open_time = Sections.of(
        (tab.terms.opened_at, tab.last_received_at + 2_000)
        for tab in tabs
        if tab.last_received_at is not None and tab.last_received_at + 2_000 > tab.terms.opened_at
    )
    watched_ms = sum(standing.watched_ms for standing in standings.values())
    assert watched_ms <= Fraction(open_time.length * max_rate * 1001, 10**6), "I1: in total"
    for video, standing in standings.items():
        of_video = [line for tab in tabs if tab.video == video for line in tab.lines]
        assert sum(line.fresh.length for line in of_video) == standing.coverage.length, "I7: fresh adds up"
        assert sum(line.credit.length for line in of_video) == standing.watched_ms, "I7: credits add up"
        assert len(standing.coverage) <= limits.COVERAGE_INTERVALS


wild_histories = given(
    wild_batches, st.sampled_from([250, 1000, 2000, 4000]), st.sampled_from([1, 20_000, HOUR_MS, limits.VIDEO_MS])
)


def invariants_hold(batches: list[Batch], max_rate: int, duration_ms: int) -> None:
    tabs = three_tabs(max_rate=max_rate, duration_ms=duration_ms)
    check_history(tabs, play(tabs, batches), max_rate)


@settings(max_examples=120)
@wild_histories
def test_clock_union_delivery_and_conservation(batches: list[Batch], max_rate: int, duration_ms: int) -> None:
    invariants_hold(batches, max_rate, duration_ms)


@settings(max_examples=120)
@wild_histories
def test_what_no_step_would_cut_is_the_same_without_the_steps(
    batches: list[Batch], max_rate: int, duration_ms: int
) -> None:
    quick, stepwise = (three_tabs(max_rate=max_rate, duration_ms=duration_ms) for _ in range(2))
    found = play(quick, batches)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(credit, "_uncut", lambda *_given: None)
        assert play(stepwise, batches) == found
    assert [tab.lines for tab in stepwise] == [tab.lines for tab in quick]


# --- I4, the honest floor.


@dataclass(frozen=True)
class Stretch:
    """Bob plays one stretch: after a pause, on one of two devices, at a rate; each device has its own clock and lag."""

    pause_ms: int
    length_ms: int
    rate: int
    device: int
    start_ms: int
    edges_ms: tuple[int, int]
    delay_ms: int


stretches = st.lists(
    st.builds(
        Stretch,
        pause_ms=st.integers(0, 3_000) | st.integers(0, 2 * HOUR_MS // 10),
        length_ms=st.integers(150, 10_000) | st.just(10_000),
        rate=st.sampled_from([250, 500, 1000, 1250, 1500, 2000]),
        device=st.integers(0, 1),
        start_ms=st.integers(0, HOUR_MS - 20_000),
        edges_ms=st.tuples(st.integers(-60, 60), st.integers(-60, 60)),
        delay_ms=st.just(0) | st.integers(0, 20_000) | st.integers(0, 8 * HOUR_MS),
    ),
    min_size=1,
    max_size=25,
)
devices = st.tuples(st.integers(0, 10_000), st.integers(-50, 50))
"""How much earlier than it was a device's claims are mapped (ms), and its clock's drift in hundred-thousandths."""


def honest_batches(
    played: list[Stretch], clocks: list[tuple[int, int]], stepped_back_ms: int
) -> tuple[list[tuple[int, int, Claim]], set[tuple[int, int]]]:
    """What the devices send as (received_at, device, claim) in order of arrival, and the media really played."""
    now, sent, truth = START + 10_000, [], set()
    for stretch in played:
        begin = now + stretch.pause_ms
        now = begin + stretch.length_ms
        lag_ms, drift = clocks[stretch.device]

        def wall_ms(instant: int, lag_ms: int = lag_ms, drift: int = drift) -> int:
            elapsed_ms = instant - START - lag_ms
            return elapsed_ms + elapsed_ms * drift // 100_000

        media_ms = stretch.length_ms * stretch.rate // 1000
        t0 = max(0, wall_ms(begin) + stretch.edges_ms[0])
        t1 = max(t0 + 1, wall_ms(now) + stretch.edges_ms[1])
        claim = Claim(t0, t1, stretch.start_ms, stretch.start_ms + media_ms, rate=stretch.rate)
        truth.add((claim.m0, claim.m1))
        sent.append((now + stretch.delay_ms - stepped_back_ms, stretch.device, claim))
    return sorted(sent, key=lambda item: item[0]), truth


honest_histories = given(stretches, st.tuples(devices, devices).map(list), st.integers(0, 2_000))


@settings(max_examples=200)
@honest_histories
def test_whoever_plays_one_thing_at_a_time_gets_everything(
    played: list[Stretch], clocks: list[tuple[int, int]], stepped_back_ms: int
) -> None:
    honest_viewer_keeps_all(played, clocks, stepped_back_ms)


def honest_viewer_keeps_all(played: list[Stretch], clocks: list[tuple[int, int]], stepped_back_ms: int) -> None:
    batches, truth = honest_batches(played, clocks, stepped_back_ms)
    terms, standing = Terms(START, HOUR_MS, 2000), Standing()
    for received_at, _, claim in batches:
        standing, (line,) = credit_claims(standing, [claim], terms=terms, received_at=received_at)
        assert line.reasons == ()
    assert standing.coverage == Sections.of(truth)


@settings(max_examples=100)
@given(stretches, st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same_coverage(played: list[Stretch], random: object) -> None:
    batches, truth = honest_batches(played, [(0, 0), (0, 0)], 0)
    latest = max(received_at for received_at, _, _ in batches)
    random.shuffle(batches)  # type: ignore[attr-defined]
    standing = Standing()
    for _, _, claim in batches:
        standing, _ = credit_claims(standing, [claim], terms=Terms(START, HOUR_MS, 2000), received_at=latest)
    assert standing.coverage == Sections.of(truth)


# --- Each of them can fail.


def half_price(case: Case) -> None:
    credit.price(case)
    case.price_ms //= 2


def no_delivery_needed(case: Case) -> None:
    pass


def all_is_affordable(case: Case) -> None:
    pass


def nothing_was_spent(spent: Sections, start: int, end: int, price_ms: int) -> Sections:
    return EMPTY.first_gaps(start, end, price_ms)


def latest_first(spent: Sections, start: int, end: int, price_ms: int) -> Sections:
    free = spent.gaps(start, end)
    return free - free.first(max(0, free.length - price_ms))


def from_a_second_before(spent: Sections, start: int, end: int, price_ms: int) -> Sections:
    return spent.first_gaps(start - 1_000, end, price_ms)


def no_clamp(case: Case) -> None:
    pass


PLANTED_STEPS = {
    "price": half_price,
    "afford": all_is_affordable,
    "clamp": no_clamp,
    "deliver": no_delivery_needed,
}
PLANTED_PAYERS = {
    "spent time ignored": (nothing_was_spent, wild_histories(invariants_hold)),
    "paid from before the opening": (from_a_second_before, wild_histories(invariants_hold)),
    "latest first": (latest_first, honest_histories(honest_viewer_keeps_all)),
}
hunt = settings(max_examples=2_000, database=None, derandomize=True, phases=[Phase.generate])


@pytest.mark.parametrize("step", PLANTED_STEPS)
def test_a_bug_planted_in_a_step_is_caught(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credit, "_uncut", lambda *_given: None)
    monkeypatch.setitem(credit.STEPS, step, PLANTED_STEPS[step])
    with pytest.raises(AssertionError):
        hunt(wild_histories(invariants_hold))()


@pytest.mark.parametrize("name", PLANTED_PAYERS)
def test_a_bug_planted_in_the_payment_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bug, property_test = PLANTED_PAYERS[name]
    monkeypatch.setattr(credit, "_uncut", lambda *_given: None)
    monkeypatch.setattr(credit, "earliest_first", bug)
    with pytest.raises(AssertionError):
        hunt(property_test)()
