"""The credit rule by example: the design's own figures, Kollus's three, and every reason there is."""

from collections.abc import Iterable

import pytest

from playhead.core import limits
from playhead.core.credit import Claim, Line, Reason, Standing, Terms, credit_claims
from playhead.core.sections import EMPTY, Sections

OPENED = 1_790_000_000_000
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
TERMS = Terms(opened_at=OPENED, duration_ms=HOUR_MS, max_rate=2000)


def judge(
    *claims: Claim,
    terms: Terms = TERMS,
    received_at: int | None = None,
    standing: Standing | None = None,
    delivered: Sections = EMPTY,
    present_until_ms: int | None = None,
) -> tuple[Standing, list[Line]]:
    """The claims in one batch, received as soon as the last of them is over unless said otherwise."""
    if received_at is None:
        received_at = terms.opened_at + max(claim.t1 for claim in claims)
    return credit_claims(
        standing or Standing(),
        claims,
        terms=terms,
        received_at=received_at,
        delivered=delivered,
        present_until_ms=present_until_ms,
    )


def only(lines: Iterable[Line]) -> Line:
    (line,) = lines
    return line


# --- Kollus's three examples (its LMS integration page; half-open milliseconds here, so its "start 11" is 10,000).


def test_kollus_watching_0_to_20_s_without_a_break() -> None:
    standing, first = judge(Claim(0, 10_000, 0, 10_000))
    standing, second = judge(Claim(10_000, 20_000, 10_000, 20_000), standing=standing)
    assert [only(first).credit, only(second).credit] == [Sections([0, 10_000]), Sections([10_000, 20_000])]
    assert standing.coverage == Sections([0, 20_000])
    assert standing.watched_ms == 20_000


def test_kollus_watching_10_to_13_s_then_jumping_to_20_s() -> None:
    standing, _ = judge(Claim(0, 3_000, 10_000, 13_000))
    standing, _ = judge(Claim(3_400, 8_400, 20_000, 25_000), standing=standing)
    assert standing.coverage == Sections([10_000, 13_000, 20_000, 25_000])
    assert not standing.coverage & Sections([13_000, 20_000])


def test_kollus_at_double_speed_counts_positions_in_the_video() -> None:
    standing, lines = judge(Claim(0, 10_000, 0, 20_000, rate=2000))
    assert standing.coverage == Sections([0, 20_000])
    assert only(lines).paid.length == 9_991  # 20,000 / 2.002: ten seconds of the viewer's time
    assert only(lines).reasons == ()


# --- The design's figures.


@pytest.mark.parametrize("claimed_ms", [4_004, 60_000, HOUR_MS, limits.INTEGER_MAX])
def test_forged_right_after_opening_earns_at_most_4_004_ms(claimed_ms: int) -> None:
    for t1 in (1, 2_000, claimed_ms // 2, claimed_ms, limits.INTEGER_MAX):
        standing, _ = judge(Claim(0, t1, 0, claimed_ms), received_at=OPENED)
        assert standing.watched_ms <= 4_004
    standing, _ = judge(Claim(0, HOUR_MS // 2, 0, HOUR_MS), received_at=OPENED)
    assert standing.watched_ms >= 4_000


def test_a_hundred_forged_batches_at_once_earn_no_more() -> None:
    standing = Standing()
    for i in range(100):
        claim = Claim(0, HOUR_MS // 2, i * 20_000, HOUR_MS)
        standing, _ = judge(claim, received_at=OPENED, standing=standing)
    assert standing.watched_ms <= 4_004


def test_five_tabs_earn_what_one_tab_earns() -> None:
    length_ms = 30 * MINUTE_MS
    beats = [Claim(t, t + 10_000, 2 * t, 2 * t + 20_000, rate=2000) for t in range(0, length_ms, 10_000)]

    def watch(tabs: int) -> int:
        spent, coverages, watched_ms = EMPTY, [EMPTY] * tabs, 0
        for beat in beats:
            for tab in range(tabs):
                standing, _ = judge(beat, standing=Standing(spent, coverages[tab], 0))
                spent, coverages[tab] = standing.spent, standing.coverage
                watched_ms += standing.watched_ms
        return watched_ms

    assert watch(1) == 2 * length_ms
    bound_ms = (length_ms + limits.CLOCK_TOLERANCE_MS) * 2002 // 1000
    assert 2 * length_ms <= watch(5) <= bound_ms


def test_sixteen_times_earns_twice() -> None:
    standing, lines = judge(Claim(0, 10_000, 0, 160_000, rate=16_000))
    assert standing.watched_ms == 10_000 * 2002 // 1000 + 500
    assert only(lines).reasons == ((Reason.TOO_FAST, 160_000 - 20_520),)


def test_an_hour_without_a_network_loses_nothing() -> None:
    beats = [Claim(t, t + 10_000, t, t + 10_000) for t in range(0, HOUR_MS, 10_000)]
    standing, lines = judge(*reversed(beats[:200]), received_at=OPENED + HOUR_MS)
    standing, more = judge(*beats[200:], received_at=OPENED + HOUR_MS, standing=standing)
    assert standing.coverage == Sections([0, HOUR_MS])
    assert not any(line.reasons for line in lines + more)


def test_watching_again_is_watched_and_not_covered() -> None:
    standing, lines = judge(Claim(0, 10_000, 0, 10_000), Claim(10_000, 20_000, 5_000, 15_000))
    assert [line.fresh for line in lines] == [Sections([0, 10_000]), Sections([10_000, 15_000])]
    assert standing.coverage == Sections([0, 15_000])
    assert standing.watched_ms == 20_000


# --- Every reason, with the milliseconds of media it refused and the time it spent.


@pytest.mark.parametrize(
    ("claim", "reason", "refused_ms"),
    [
        (Claim(-1, 10_000, 0, 10_000), Reason.BEFORE_OPEN, 10_000),
        (Claim(-5, -4, 10, 5), Reason.BEFORE_OPEN, 0),
        (Claim(5, 5, 0, 10_000), Reason.MALFORMED, 10_000),
        (Claim(6, 5, 0, 10_000), Reason.MALFORMED, 10_000),
        (Claim(0, 10_000, 7, 7), Reason.MALFORMED, 0),
        (Claim(0, 10_000, 8, 7), Reason.MALFORMED, 0),
        (Claim(5, 5, -limits.INTEGER_MAX, limits.INTEGER_MAX), Reason.MALFORMED, limits.VIDEO_MS),
        (Claim(0, 10_000, HOUR_MS, HOUR_MS + 10_000), Reason.OUT_OF_RANGE, 10_000),
        (Claim(0, 10_000, -10_000, 0), Reason.OUT_OF_RANGE, 10_000),
        (Claim(0, 10_000, HOUR_MS, limits.INTEGER_MAX), Reason.OUT_OF_RANGE, limits.VIDEO_MS),
    ],
)
def test_claims_that_make_no_sense(claim: Claim, reason: Reason, refused_ms: int) -> None:
    standing, lines = judge(claim, received_at=OPENED + MINUTE_MS)
    assert only(lines).reasons == ((reason, refused_ms),)
    assert not only(lines).credit
    assert standing == Standing()


def test_out_of_range_keeps_what_lies_in_the_video() -> None:
    _, lines = judge(Claim(0, 10_000, HOUR_MS - 9_976, HOUR_MS + 24))
    assert only(lines).credit == Sections([HOUR_MS - 9_976, HOUR_MS])
    assert only(lines).reasons == ((Reason.OUT_OF_RANGE, 24),)


def test_the_part_that_is_allowed() -> None:
    terms = Terms(OPENED, HOUR_MS, 2000, part=(5_000, 8_000))
    _, lines = judge(Claim(0, 10_000, 0, 10_000), terms=terms)
    assert only(lines).credit == Sections([5_000, 8_000])
    assert only(lines).reasons == ((Reason.NOT_ALLOWED, 7_000),)


@pytest.mark.parametrize(
    ("window", "allowed"),
    [
        ((OPENED, OPENED + 10_000), True),
        ((OPENED + 1, OPENED + MINUTE_MS), False),
        ((OPENED - MINUTE_MS, OPENED + 9_999), False),
    ],
)
def test_the_window_of_time_that_is_allowed(window: tuple[int, int], allowed: bool) -> None:
    _, lines = judge(Claim(0, 10_000, 0, 10_000), terms=Terms(OPENED, HOUR_MS, 2000, window=window))
    assert bool(only(lines).credit) == allowed
    assert only(lines).reasons == (() if allowed else ((Reason.NOT_ALLOWED, 10_000),))


def test_a_window_of_time_is_not_paid_for_with_the_hours_after_it() -> None:
    terms = Terms(OPENED, HOUR_MS, 2000, window=(OPENED, OPENED + MINUTE_MS))
    claims = [Claim(0, MINUTE_MS, i * MINUTE_MS, (i + 1) * MINUTE_MS) for i in range(10)]
    standing, lines = judge(*claims, terms=terms, received_at=OPENED + HOUR_MS)
    assert standing.watched_ms <= MINUTE_MS * 2002 // 1000
    assert lines[-1].reasons == ((Reason.NO_TIME_LEFT, MINUTE_MS),)


@pytest.mark.parametrize(
    ("visible", "pip", "seen"), [(True, False, True), (False, True, True), (True, True, True), (False, False, False)]
)
def test_not_visible_where_the_policy_asks_for_it(visible: bool, pip: bool, seen: bool) -> None:
    claim = Claim(0, 10_000, 0, 10_000, visible=visible, pip=pip)
    _, lines = judge(claim, terms=Terms(OPENED, HOUR_MS, 2000, needs_visible=True))
    assert only(lines).reasons == (() if seen else ((Reason.NOT_VISIBLE, 10_000),))
    _, lines = judge(claim)
    assert only(lines).credit.length == 10_000


def test_not_present_until_the_prompt_is_answered() -> None:
    standing, lines = judge(Claim(0, 10_000, 0, 10_000), present_until_ms=9_999)
    assert only(lines).reasons == ((Reason.NOT_PRESENT, 10_000),)
    assert not standing.spent
    _, lines = judge(Claim(0, 10_000, 0, 10_000), present_until_ms=10_000)
    assert only(lines).credit.length == 10_000


def test_too_fast_keeps_the_first() -> None:
    _, lines = judge(Claim(0, 1_000, 0, 10_000))
    assert only(lines).credit == Sections([0, 2_502])
    assert only(lines).reasons == ((Reason.TOO_FAST, 7_498),)


def test_not_delivered_and_cuts_keep_the_lowest_of_the_pieces() -> None:
    terms = Terms(OPENED, HOUR_MS, 2000, delivery_is_evidence=True)
    delivered = Sections([0, 1_000, 2_000, 3_000, 4_000, 20_000])
    standing, lines = judge(Claim(0, 10_000, 500, 9_500), terms=terms, delivered=delivered)
    assert only(lines).credit == Sections([500, 1_000, 2_000, 3_000, 4_000, 9_500])
    assert only(lines).reasons == ((Reason.NOT_DELIVERED, 2_000),)
    assert standing.coverage == only(lines).credit
    # two seconds of the clock's tolerance are left, for a price of 9,880 and 7,000 ms: floor(7000 * 2000 / 9880)
    spent = Sections([OPENED, OPENED + 10_000])
    _, lines = judge(Claim(0, 10_000, 500, 9_500), terms=terms, delivered=delivered, standing=Standing(spent))
    assert only(lines).credit == Sections([500, 1_000, 2_000, 2_917])
    assert only(lines).reasons == ((Reason.NOT_DELIVERED, 2_000), (Reason.NO_TIME_LEFT, 7_000 - 1_417))


def test_all_delivered_is_cut_nowhere() -> None:
    terms = Terms(OPENED, HOUR_MS, 2000, delivery_is_evidence=True, part=(0, HOUR_MS))
    _, lines = judge(Claim(0, 10_000, 0, 10_000), terms=terms, delivered=Sections([0, 12_000]))
    assert only(lines).credit == Sections([0, 10_000])
    assert only(lines).reasons == ()


def test_nothing_delivered_spends_no_time() -> None:
    standing, lines = judge(Claim(0, 10_000, 0, 10_000), terms=Terms(OPENED, HOUR_MS, 2000, delivery_is_evidence=True))
    assert only(lines).reasons == ((Reason.NOT_DELIVERED, 10_000),)
    assert not only(lines).paid
    assert standing == Standing()


def test_too_old() -> None:
    limit = OPENED + 10_000 + limits.PAYABLE_MS
    _, lines = judge(Claim(0, 10_000, 0, 10_000), received_at=limit)
    assert only(lines).reasons == ()
    _, lines = judge(Claim(0, 10_000, 0, 10_000), received_at=limit + 1)
    assert only(lines).reasons == ((Reason.TOO_OLD, 10_000),)


def test_in_future() -> None:
    t0 = 100_000  # may be mapped 10,100 ms early, and is paid from up to 2 s after now
    _, lines = judge(Claim(t0, t0 + 1_000, 0, 1_000), received_at=OPENED + t0 - 12_100)
    assert only(lines).reasons == ((Reason.IN_FUTURE, 1_000),)
    _, lines = judge(Claim(t0, t0 + 1_000, 0, 1_000), received_at=OPENED + t0 - 12_099)
    assert only(lines).credit.length == 1


def test_no_time_left() -> None:
    standing, _ = judge(Claim(0, 10_000, 0, 10_000))
    again, lines = judge(Claim(0, 10_000, 0, 10_000), standing=standing, received_at=OPENED + 10_000)
    assert only(lines).paid == Sections([OPENED + 9_880, OPENED + 12_000])
    assert only(lines).credit == Sections([0, 10_000 * 2_120 // 9_880])
    assert only(lines).reasons == ((Reason.NO_TIME_LEFT, 10_000 - 2_145),)
    assert again.spent == Sections([OPENED, OPENED + 12_000])


def test_what_is_not_enough_for_a_millisecond_is_spent_all_the_same() -> None:
    spent = Sections([OPENED, OPENED + 11_999])
    standing, lines = judge(Claim(0, 10_000, 0, 100), standing=Standing(spent), received_at=OPENED + 10_000)
    assert not only(lines).credit
    assert only(lines).paid == Sections([OPENED + 11_999, OPENED + 12_000])
    assert standing.spent == Sections([OPENED, OPENED + 12_000])


def fragments(count: int) -> Sections:
    return Sections.of((20 * i, 20 * i + 10) for i in range(count))


def test_too_fragmented_spends_no_time() -> None:
    full = Standing(coverage=fragments(limits.COVERAGE_INTERVALS))
    beyond = 20 * limits.COVERAGE_INTERVALS + 100
    standing, lines = judge(Claim(0, 1_000, beyond, beyond + 1_000), standing=full)
    assert only(lines).reasons == ((Reason.TOO_FRAGMENTED, 1_000),)
    assert standing == full
    standing, lines = judge(Claim(0, 1_000, 10, 1_000), standing=full)
    assert only(lines).reasons == ()
    assert len(standing.coverage) < limits.COVERAGE_INTERVALS


def test_a_cut_must_not_leave_more_pieces_than_there_may_be() -> None:
    # whole, the claim would join two intervals; cut short, it would be one more
    coverage = fragments(limits.COVERAGE_INTERVALS - 1) | Sections([200_000, 210_000])
    full = Standing(Sections([OPENED, OPENED + 11_000]), coverage)
    standing, lines = judge(Claim(0, 10_000, 190_000, 200_000), standing=full, received_at=OPENED + 10_000)
    assert [reason for reason, _ in only(lines).reasons] == [Reason.NO_TIME_LEFT, Reason.TOO_FRAGMENTED]
    assert sum(refused_ms for _, refused_ms in only(lines).reasons) == 10_000
    assert not only(lines).paid
    assert standing == full


# --- Spent time.


def test_small_gaps_beside_what_was_paid_are_spent_and_not_on_the_line() -> None:
    spent = Sections([OPENED, OPENED + 5_000, OPENED + 10_000, OPENED + 20_000])
    # a price of 4,631 ms, to be paid from 10,015 ms (ten seconds, and 15 of drift) before the claim
    claim = Claim(15_249, 20_000, 0, 4_751)
    standing, lines = judge(claim, standing=Standing(spent), received_at=OPENED + 20_000)
    assert only(lines).paid == Sections([OPENED + 5_234, OPENED + 9_865])
    assert standing.spent == Sections([OPENED, OPENED + 20_000])


def test_a_gap_of_250_ms_stays() -> None:
    spent = Sections([OPENED, OPENED + 4_984])
    claim = Claim(15_249, 20_000, 0, 4_751)
    standing, lines = judge(claim, standing=Standing(spent), received_at=OPENED + 20_000)
    assert standing.spent == Sections([OPENED, OPENED + 4_984, OPENED + 5_234, OPENED + 9_865])
    assert only(lines).credit.length == 4_751


def test_what_is_spent_is_forgotten_after_14_hours() -> None:
    old = Sections([OPENED - 15 * HOUR_MS, OPENED - 13 * HOUR_MS])
    standing, _ = judge(Claim(0, 10_000, 0, 10_000), standing=Standing(old))
    assert standing.spent.bounds[0] == OPENED + 10_000 - 14 * HOUR_MS


def test_spent_time_stays_within_its_number_of_intervals() -> None:
    # every gap is 300 ms but two of 260
    starts = [OPENED - 10 * HOUR_MS + 400 * i - (40 if i > 7 else 0) - (40 if i > 3 else 0) for i in range(4_096)]
    spent = Sections.of((start, start + 100) for start in starts)
    standing, _ = judge(Claim(0, 10_000, 0, 10_000), standing=Standing(spent))
    assert len(standing.spent) == limits.SPENT_INTERVALS
    assert standing.spent - spent == Sections([starts[3] + 100, starts[4], OPENED, OPENED + 9_880])


# --- The rest of the line.


def test_lateness_is_measured_from_the_end_of_the_claim() -> None:
    _, lines = judge(Claim(0, 10_000, 0, 10_000), received_at=OPENED + 25_000)
    assert only(lines).lateness_ms == 15_000
    _, lines = judge(Claim(0, 10_000, 5, 5), received_at=OPENED + 9_000)
    assert only(lines).lateness_ms == -1_000


def test_no_claims_change_nothing() -> None:
    standing = Standing(Sections([OPENED, OPENED + 1]), Sections([0, 10]), 10)
    assert credit_claims(standing, [], terms=TERMS, received_at=OPENED + 1) == (standing, [])


def test_the_rate_that_is_claimed_decides_nothing() -> None:
    for rate in (0, 250, 4_000, limits.INTEGER_MAX):
        standing, _ = judge(Claim(0, 10_000, 0, 10_000, rate=rate, muted=True))
        assert standing.coverage == Sections([0, 10_000])
