"""Every limit of Playhead and every constant of the credit rule, named once. Units come last in the names."""

from typing import Final

# --- What a batch may hold: past any of these it is refused as a whole and nothing is stored.

BODY_BYTES: Final = 64 * 1024
SECTIONS_PER_BATCH: Final = 200
EVENTS_PER_BATCH: Final = 500
UNVERIFIED_EVENTS_A_DAY: Final = 100_000
"""What an organisation is told at most in a day by pages without tickets."""
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

WATCH_TOKEN_S: Final = 24 * 3600
"""How long another system's playback address may be good for."""
WATCH_TOKEN_EARLY_S: Final = 60
"""How far the clock of the system that signed it may be ahead of ours."""
KOLLUS_TOKEN_S: Final = 7 * 24 * 3600
"""The same in Kollus's dialect, which has no time of issue to count from."""
KOLLUS_MEDIA: Final = 20

# --- Videos and rates. Rates are in thousandths: 1000 is normal speed.

VIDEO_MS: Final = 24 * 3600 * 1000
"""The longest video, and the duration a claim is clamped to while the real one is unknown."""
RATE_NORMAL: Final = 1000
RATE_MIN: Final = 250
RATE_MAX: Final = 4000
RATE_POLICY_DEFAULT: Final = 2000
RATES_OFFERED: Final = 16
"""How many speeds a rule may list."""
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
ASK_TIMEOUT_MS: Final = 5_000
"""The longest that a viewer who presses play waits for another system's word."""
PROGRESS_EVERY_S: Final = 10
"""How often another system hears of progress, unless it asks for another interval."""
REPORT_EARLY_MS: Final = 1_000
"""A beat may arrive this much before the interval is over and still bring its message."""
SECTION_GAP_MS: Final = 250
"""Credits this close follow on one another: one section in a message."""
SECTIONS_PER_MESSAGE: Final = 400
"""New sections in one message; what a long queue brings beyond that goes into the next: 400 keep under 20 kB."""
KEY_OVERLAP_MS: Final = 7 * 24 * 3600 * 1000
"""How long a secret stays good beside the one that replaces it."""
UPLOAD_BYTES: Final = 50 * 1024**3

# --- Uploaded videos.

UPLOAD_LIFE_DAYS: Final = 7
"""How long a broken-off upload may be taken up again."""
REMOVED_DAYS: Final = 30
"""How long a removed video can be had back; then its files go."""
UPLOAD_PART_BYTES: Final = 8 * 1024**2
"""How much the page sends at once: what a lost connection costs at most."""
PACKAGING_MEMORY_BYTES: Final = 8 * 1024**3
PACKAGING_TRIES: Final = 3
PACKAGING_LEASE_S: Final = 20
"""Whoever packages says so more often than this; else another takes the video over."""
PACKAGING_LEAST_S: Final = 600
PACKAGING_TIMES: Final = 30
"""Packaging may take this many times as long as the video lasts, and `PACKAGING_LEAST_S` at least."""
HEADER_LIE_MS: Final = 5_000
"""A file may say that it is this much longer than what is in it, or a twentieth."""
HOLE_MS: Final = 10 * 60 * 1000
"""The longest stretch without picture or sound in an uploaded file: slides stand still that long, lies are longer."""
SEGMENT_S: Final = 4
SEGMENTS_A_KEY: Final = 8
FRAME_RATE_MOST: Final = 60
STILLS: Final = 5
BOARD_COLUMNS: Final = 10
BOARD_TILES: Final = 200
CAPTIONS_BYTES: Final = 2 * 1024**2
CHAPTERS: Final = 200

# --- Providers, where videos lie elsewhere.

PROVIDER_TIMEOUT_S: Final = 15
PROVIDER_ANSWER_BYTES: Final = 2 * 1024**2
PROVIDER_PAUSE_S: Final = 1.0
"""Between two requests to one account: Kollus asks for no more than one a second."""
PROVIDER_SOON_S: Final = 5
"""How soon a video that is under way is asked about again; ever later, up to ..."""
PROVIDER_LOOK_S: Final = 600
"""... how often one is asked about where nothing is under way."""
PROVIDER_SETTLE_S: Final = 60
"""For so long after something was said there, an answer may still tell what was said before."""
PROVIDER_WAIT_S: Final = 300
"""How long an account that is not let in is left alone."""
PROVIDER_WAIT_MOST_S: Final = 3600
"""The longest that a provider which takes no more requests is left alone, whatever it says."""
KOLLUS_UPLOAD_S: Final = 21_600
"""How long an address for an upload is good for: the longest that Kollus gives."""

# --- How fast media leaves.

DELIVERY_AHEAD_MS: Final = 300_000
"""Media that a playback may fetch ahead of its time: a player's buffer, and seeking around."""
DELIVERY_RATE: Final = 1250
"""How fast that allowance comes back, in thousandths of the highest allowed speed: always faster than playing."""
PLAYBACKS_PACED: Final = 20_000

# --- The recorder and the collector.

QUEUE_OPERATIONS: Final = 4_096
"""How many batches may wait for the disk; over it the answer is 503."""
GROUP_OPERATIONS: Final = 256
"""How many go into one transaction at most."""
OWNER_ANSWERS_S: Final = 30
"""How long a process waits for the one that owns the tracking file."""
TRANSACTION_TRIES: Final = 5
"""How often a group is tried where several recorders share a database and one keeps coming first."""
TICKETS_CACHED: Final = 50_000
VIEWERS_CACHED: Final = 20_000
"""How many viewers' rows the sole writer of a file keeps in memory (about 3 kB each)."""
PRESENCE_ANSWER_MS: Final = 60_000
"""How long a question whether anybody is there may stay unanswered before claims are refused."""
PRESENCE_MINUTES: Final = 240
"""The longest time between two such questions that a rule may ask for."""
RUN_GAP_MS: Final = 15_000
"""A run of playing begins at the first section after this long without one."""
RUNS: Final = 8
"""How many playbacks of one viewer are watched for playing at the same time; the oldest are forgotten."""
ROLLUP_ROWS: Final = 64
"""How many journal rows the follower sums up in one turn: a few milliseconds of the recorder's thread."""
ROLLUP_REST: Final = 9
"""After a turn the follower rests this many times as long as the turn took: it gets a tenth of the time at most."""
ROLLUP_PAUSE_S: Final = 1.0
"""How long it rests where nothing waits for it."""
ROLLUP_TAIL_ROWS: Final = 5_000
"""How many journal rows a page sums up itself, when the follower has not come to them yet."""
PLAYBACKS_READ: Final = 5_000
"""How many playbacks of a video its page looks at, the newest first."""
SEAL_ROWS: Final = 20_000
"""How many journal rows the sealer puts into one part of the archive."""
SEAL_AFTER_S: Final = 900
"""How old the oldest row may be that is not sealed, unless the operator says otherwise."""
SEAL_PAUSE_S: Final = 10.0
"""How long the sealer rests where nothing waits for it."""
SEAL_REST: Final = 4
"""While it turns rows into files, it rests this many times as long as it worked."""
LAKE_FILES_A_DAY: Final = 12
"""How many files of one table the lake keeps for the day that still goes on; of a day that is over, one."""
LAKE_GRACE_S: Final = 900.0
"""How long a file that was joined to others stays, for those who are still reading it."""
EXPORTS_AT_ONCE: Final = 2
"""How many exports one process makes at a time: each keeps a thread of the site busy."""
SINK_ROWS: Final = 1_000
"""How many journal rows another store gets at once, where it has transactions or keys."""
SINK_PAUSE_S: Final = 10.0
SINK_RETRY_S: Final = 5
"""How long after its first failure a sink is tried again; twice as long after each further one, ..."""
SINK_RETRY_MOST_S: Final = 600
"""... up to this."""
DIFFERENCES_NAMED: Final = 5
"""How many journal rows `verify` names of each difference between archive and lake."""
DAY_MS: Final = 86_400_000
PLAY_GOES_ON_MS: Final = 30 * 60 * 1000
"""What is opened so soon after the last report of a play goes on with it, where plays are counted."""
RESUME_END_MS: Final = 5_000
"""Whoever stopped this close to the end starts again from the beginning."""
BATCHES_AT_ONCE: Final = 600
"""What one ticket may bring at once: an hour and a half of kept beats. Over it, 429."""
BATCHES_A_SECOND: Final = 20
"""How fast that allowance comes back: a queue of twelve hours drains in minutes."""
