"""The limits that were agreed, written out once more: changing one is a decision, and not an accident."""

from playhead.core import limits

HOUR_MS = 3_600_000

AGREED = {
    "BODY_BYTES": 65_536,
    "SECTIONS_PER_BATCH": 200,
    "EVENTS_PER_BATCH": 500,
    "TICKET_BYTES": 4_096,
    "TICKET_LIFETIME_S": 43_200,
    "VIDEO_MS": 24 * HOUR_MS,
    "RATE_MIN": 250,
    "RATE_MAX": 4_000,
    "RATE_POLICY_DEFAULT": 2_000,
    "CLOCK_TOLERANCE_MS": 2_000,
    "CALLBACK_BODY_BYTES": 20_000,
    "CALLBACK_TIMEOUT_S": 15,
    "CALLBACK_REDIRECTS": 0,
    "UPLOAD_BYTES": 50 * 2**30,
    # the credit rule
    "DRIFT_RATE": 1_001,
    "PACE_SLACK_MS": 500,
    "TIMER_ERROR_MS": 120,
    "CLAIM_EARLY_MS": 10_000,
    "CLAIM_DRIFT_DIVISOR": 1_000,
    "PAYABLE_MS": 13 * HOUR_MS,
    "SPENT_MEMORY_MS": 14 * HOUR_MS,
    "SPENT_SNAP_MS": 250,
    "SPENT_INTERVALS": 4_096,
    "COVERAGE_INTERVALS": 4_096,
}


def test_the_limits_are_the_agreed_ones() -> None:
    assert {name: getattr(limits, name) for name in AGREED} == AGREED


def test_what_hangs_together() -> None:
    assert limits.SPENT_MEMORY_MS > limits.PAYABLE_MS > limits.TICKET_LIFETIME_S * 1000
    assert limits.CLOCK_TOLERANCE_MS % 1000 == 0, "tickets count in seconds"
    # the last bits of precision: everything that is stored fits in 64 bits, whatever was claimed
    assert 4 * limits.INTEGER_MAX < 2**63
