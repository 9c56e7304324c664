"""Every limit of Playhead and every constant of the credit rule, named once. Units come last in the names."""

from typing import Final

# --- What a batch may hold: past any of these it is refused as a whole and nothing is stored.

BODY_BYTES: Final = 64 * 1024
SECTIONS_PER_BATCH: Final = 200
EVENTS_PER_BATCH: Final = 500
EVENT_TEXT: Final = 500
"""Characters in a text field of an event."""
INTEGER_MAX: Final = 2**53
"""The largest integer a browser keeps exact. Whatever is sent lies within ±INTEGER_MAX."""

# --- Tickets.

TICKET_BYTES: Final = 4 * 1024
TICKET_LIFETIME_S: Final = 12 * 3600
TICKET_FIELD_CHARS: Final = 200
TICKET_SECRET_BYTES: Final = 32
"""The least a signing secret may have: HS256 wants a key as long as its hash (RFC 7518 section 3.2)."""

# --- Videos and rates. Rates are in thousandths: 1000 is normal speed.

VIDEO_MS: Final = 24 * 3600 * 1000
"""The longest video, and the duration a claim is clamped to while the real one is unknown."""
RATE_NORMAL: Final = 1000
RATE_MIN: Final = 250
RATE_MAX: Final = 4000
RATE_POLICY_DEFAULT: Final = 2000
THRESHOLD_PERCENT_DEFAULT: Final = 95

# --- The tracker's pace.

BEAT_MS: Final = 10_000

# --- The credit rule (core/credit.py).

CLOCK_TOLERANCE_MS: Final = 2_000
"""How far the server's own clock may step back, and how far ahead of the receive time a claim may be paid from."""
DRIFT_RATE: Final = 1001
"""Clocks drift: the maximum rate counts a thousandth more (in thousandths)."""
PACE_SLACK_MS: Final = 500
TIMER_ERROR_MS: Final = 120
"""Both edges of a claim may be 60 ms off the wall: the price forgives that much."""
CLAIM_EARLY_MS: Final = 10_000
"""A claim may be mapped onto the server's clock this much too early and is still paid."""
CLAIM_DRIFT_DIVISOR: Final = 1_000
"""... and a thousandth of its age more, for a clock that drifts."""
PAYABLE_MS: Final = 13 * 3600 * 1000
"""Time older than this, before the receive time, pays for nothing: a ticket's life and an hour."""
SPENT_MEMORY_MS: Final = 14 * 3600 * 1000
"""How long spent time is remembered: longer than it could be asked for again."""
SPENT_SNAP_MS: Final = 250
"""A gap shorter than this next to a stretch just paid is spent as well, so that rounding leaves no dust."""
SPENT_INTERVALS: Final = 4_096
COVERAGE_INTERVALS: Final = 4_096

# --- Progress.

EFFECTIVE_CUT_MS: Final = 1_000
EFFECTIVE_CUT_PERCENT: Final = 5
"""Players stop short and providers round up: the last second, or 5 % of a short video, is not asked for."""
NO_SKIP_SLACK_MS: Final = 2_000

# --- What leaves and what enters beside batches.

CALLBACK_BODY_BYTES: Final = 20_000
CALLBACK_TIMEOUT_S: Final = 15
CALLBACK_REDIRECTS: Final = 0
UPLOAD_BYTES: Final = 50 * 1024**3

# --- The recorder and the collector.

QUEUE_OPERATIONS: Final = 4_096
"""How many batches may wait for the disk; over it the answer is 503."""
GROUP_OPERATIONS: Final = 256
"""How many go into one transaction at most."""
TICKETS_CACHED: Final = 50_000
VIEWERS_CACHED: Final = 20_000
"""How many viewers' rows the sole writer of a file keeps in memory (about 3 kB each)."""
RUN_GAP_MS: Final = 15_000
"""A run of playing begins at the first section after this long without one."""
RUNS: Final = 8
"""How many playbacks of one viewer are watched for playing at the same time; the oldest are forgotten."""
ROLLUP_ROWS: Final = 256
"""How many journal rows the follower sums up in one turn: a few milliseconds of the recorder's thread."""
ROLLUP_REST: Final = 9
"""After a turn the follower rests this many times as long as the turn took: it gets a tenth of the time at most."""
ROLLUP_PAUSE_S: Final = 1.0
"""How long it rests where nothing waits for it."""
ROLLUP_TAIL_ROWS: Final = 5_000
"""How many journal rows a page sums up itself, when the follower has not come to them yet."""
RESUME_END_MS: Final = 5_000
"""Whoever stopped this close to the end starts again from the beginning."""
BATCHES_AT_ONCE: Final = 600
"""What one ticket may bring at once: an hour and a half of kept beats. Over it, 429."""
BATCHES_A_SECOND: Final = 20
"""How fast that allowance comes back: a queue of twelve hours drains in minutes."""
