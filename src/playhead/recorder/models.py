"""The tracking tables. Only the recorder writes them; pages read them.

Instants are integer epoch milliseconds; lengths and positions are integer milliseconds and end in `_ms`; section sets
are packed (`core.sections.Sections.pack`). Rows refer to one another without database constraints: the recorder is
the only writer, and a check on every insert would be paid by every viewer.
"""

from django.db import models


class Viewer(models.Model):
    """A person known by an opaque key. Everything else of that person hangs off the lock on this row."""

    key = models.CharField(max_length=200, unique=True)
    organisation_id = models.BigIntegerField(default=1)
    spent = models.BinaryField(default=b"")
    # Which playbacks play: packed triples (playback id, run began at, newest section's end), newest run last.
    runs = models.BinaryField(default=b"")


class Playback(models.Model):
    """One opening of one video by one viewer, with the terms it was opened under: fixed, and in the journal."""

    key = models.CharField(max_length=64, unique=True)
    organisation_id = models.BigIntegerField(default=1)
    viewer = models.ForeignKey(Viewer, models.CASCADE, db_constraint=False, db_index=False)
    video = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, default="live")  # live, imported, kept
    session = models.CharField(max_length=64, null=True)
    opened_at = models.BigIntegerField()
    duration_ms = models.BigIntegerField(null=True)
    max_rate = models.IntegerField()
    threshold_percent = models.IntegerField()
    no_skip = models.BooleanField()
    delivery_is_evidence = models.BooleanField()
    needs_visible = models.BooleanField()
    part_start_ms = models.BigIntegerField(null=True)
    part_end_ms = models.BigIntegerField(null=True)
    window_from = models.BigIntegerField(null=True)
    window_until = models.BigIntegerField(null=True)
    preview = models.BooleanField(default=False)
    seeking = models.CharField(max_length=8, default="free")  # free, covered, none
    concurrent = models.CharField(max_length=8, default="newest")  # newest, oldest
    positions_inferred = models.BooleanField(default=False)
    presence_every_s = models.IntegerField(null=True)
    presence_seed = models.CharField(max_length=32, default="")
    # What changes while it is open.
    ticket_expires_at = models.BigIntegerField()
    closed_at = models.BigIntegerField(null=True)
    closed_reason = models.CharField(max_length=16, null=True)
    delivered = models.BinaryField(default=b"")
    first_credit_at = models.BigIntegerField(null=True)
    prompt_asked = models.IntegerField(default=0)
    prompt_asked_at = models.BigIntegerField(default=0)
    prompt_answered = models.IntegerField(default=0)
    # Who hears of it (`recorder.listeners`).
    integration = models.CharField(max_length=64, null=True)
    progress_every_s = models.IntegerField(null=True)
    external_viewer = models.CharField(max_length=200, default="")
    environment = models.TextField(default="")  # JSON
    reported_at = models.BigIntegerField(null=True)
    untold = models.BinaryField(default=b"")
    section_start_ms = models.BigIntegerField(null=True)
    section_end_ms = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["viewer", "video"], name="playback_viewer_video")]


class Progress(models.Model):
    """What one viewer has watched of one video: derived from the ledger, kept so that no page computes a union."""

    pk = models.CompositePrimaryKey("viewer_id", "video")
    viewer = models.ForeignKey(Viewer, models.CASCADE, db_constraint=False, db_index=False)
    video = models.CharField(max_length=200, db_index=True)
    coverage = models.BinaryField(default=b"")
    again = models.BinaryField(default=b"")  # credited more than once
    refused = models.BinaryField(default=b"")  # claimed, and at least once not credited
    covered_ms = models.BigIntegerField(default=0)
    watched_ms = models.BigIntegerField(default=0)
    counted_ms = models.BigIntegerField(default=0)
    refused_ms = models.BigIntegerField(default=0)
    refusals = models.TextField(default="{}")  # JSON {reason: ms}
    # From the newest playback: what the numbers above are measured against.
    duration_ms = models.BigIntegerField(null=True)
    threshold_percent = models.IntegerField()
    no_skip = models.BooleanField()
    part_start_ms = models.BigIntegerField(null=True)
    part_end_ms = models.BigIntegerField(null=True)
    progress = models.IntegerField(null=True)  # percent; null while the duration is unknown
    completed_at = models.BigIntegerField(null=True)
    evidence = models.CharField(max_length=16, default="")  # inferred, clock, clock+delivery, imported, or none yet
    position_ms = models.BigIntegerField(default=0)
    position_at = models.BigIntegerField(default=0)
    last_seen_at = models.BigIntegerField(default=0)
    # Brought in from elsewhere; shown beside, never mixed in.
    imported = models.BinaryField(default=b"")
    imported_ms = models.BigIntegerField(default=0)
    imported_watched_ms = models.BigIntegerField(default=0)


class Journal(models.Model):
    """What happened, append-only: the source of truth. Batches exactly as received, and every other change."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=16)  # opened, batch, delivered, closed, imported, kept
    viewer = models.ForeignKey(Viewer, models.CASCADE, db_constraint=False, db_index=False)
    playback = models.ForeignKey(Playback, models.CASCADE, db_constraint=False, db_index=False)
    seq = models.BigIntegerField(null=True)
    received_at = models.BigIntegerField()
    rule_version = models.IntegerField()
    body = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["playback", "seq"], name="journal_playback_seq")]


class LedgerLine(models.Model):
    """Who earned which seconds when, with what time, and why not: one line per claim, append-only.

    One viewer's lines are found by way of the journal (`recorder.ledger`): an index by viewer would dirty one more
    page with every batch.
    """

    pk = models.CompositePrimaryKey("journal_id", "idx")
    journal = models.ForeignKey(Journal, models.CASCADE, db_constraint=False, db_index=False)
    idx = models.IntegerField()
    kind = models.CharField(max_length=8)  # credit, imported
    viewer = models.ForeignKey(Viewer, models.CASCADE, db_constraint=False, db_index=False)
    video = models.CharField(max_length=200)
    playback = models.ForeignKey(Playback, models.CASCADE, db_constraint=False, db_index=False)
    received_at = models.BigIntegerField()
    # The claim: playback wall time, media time, rate in thousandths.
    t0 = models.BigIntegerField()
    t1 = models.BigIntegerField()
    m0 = models.BigIntegerField()
    m1 = models.BigIntegerField()
    rate = models.BigIntegerField()  # as claimed: a cheat claims what it likes
    credit = models.BinaryField()  # media ms
    fresh = models.BinaryField()  # media ms, never credited before
    paid = models.BinaryField()  # epoch ms
    credit_ms = models.BigIntegerField()
    fresh_ms = models.BigIntegerField()
    paid_ms = models.BigIntegerField()
    lateness_ms = models.BigIntegerField()
    reasons = models.CharField(max_length=500)  # JSON [[reason, ms], ...], empty when nothing was cut


class Integration(models.Model):
    """Another system that is joined to this one: see `recorder.integrations`."""

    key = models.CharField(max_length=64, unique=True)
    organisation_id = models.BigIntegerField(default=1)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, default="playhead")  # playhead, kollus
    origins = models.JSONField(default=list)
    progress_every_s = models.IntegerField(default=10)
    playback_keys = models.JSONField(default=list)  # [{kid, secret (sealed), created_at, retired_at}]
    active = models.BooleanField(default=True)
    created_at = models.BigIntegerField()


class Outbox(models.Model):
    """What other systems are to be told, in the order in which it became true. Rows never change."""

    id = models.BigAutoField(primary_key=True)
    organisation_id = models.BigIntegerField(default=1)
    integration = models.CharField(max_length=64, null=True)
    viewer = models.CharField(max_length=200, null=True)
    type = models.CharField(max_length=40)
    message_id = models.CharField(max_length=40)
    created_at = models.BigIntegerField()
    body = models.BinaryField()
