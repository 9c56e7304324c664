"""The sums. All of them may be dropped: `playhead rebuild` makes them again from ledger and journal.

They lie in the tracking database and are written by the recorder's thread, like everything there.
"""

from django.db import models


class Cursor(models.Model):
    """One row: everything in the journal up to `journal_id` is in the sums, and nothing after it."""

    id = models.SmallIntegerField(primary_key=True)
    journal_id = models.BigIntegerField()
    rolled_at = models.BigIntegerField()  # epoch ms


def _packed() -> "models.BinaryField[bytes, bytes]":
    return models.BinaryField(default=b"", db_default=b"")


class SecondCounts(models.Model):
    """Of one video, for each second: how many viewers saw it, how often it was seen, how often they paused there,
    chose a higher or a lower speed, and had to wait for data.

    Packed differences from one second to the next (`analytics.tally`). `kind` is the ledger's: what was imported is
    counted for itself.
    """

    pk = models.CompositePrimaryKey("video", "kind")
    video = models.CharField(max_length=200)
    kind = models.CharField(max_length=8)
    viewers = models.BinaryField(default=b"")
    views = models.BinaryField(default=b"")
    pauses = models.BinaryField(default=b"")
    faster = _packed()
    slower = _packed()
    waits = _packed()


class DayCounts(models.Model):
    """The same of what was credited on one day of receipt (UTC, ISO 8601), packed for few differences: sums over days
    are sums over any stretch of time. A viewer counts on the day on which they first saw a second."""

    pk = models.CompositePrimaryKey("video", "day")
    video = models.CharField(max_length=200)
    day = models.CharField(max_length=10)
    viewers = _packed()
    views = _packed()
    pauses = _packed()
    faster = _packed()
    slower = _packed()
    waits = _packed()


class PlaybackSums(models.Model):
    """What one playback adds up to (`analytics.playback_sums`, where the columns are explained by what fills them)."""

    playback_id = models.BigIntegerField(primary_key=True)
    viewer_id = models.BigIntegerField(db_index=True)
    video = models.CharField(max_length=200)
    opened_at = models.BigIntegerField()
    duration_ms = models.BigIntegerField(null=True)
    # Where it was opened; empty where that is not known.
    device = models.CharField(max_length=100)
    browser = models.CharField(max_length=100)
    os = models.CharField(max_length=100)
    network = models.CharField(max_length=100)
    country = models.CharField(max_length=100)
    # Its claims: when the first and the last came, how many, and how many took exactly as long as the one before.
    first_at = models.BigIntegerField()
    last_at = models.BigIntegerField()
    claims = models.BigIntegerField()
    even_claims = models.BigIntegerField()
    claim_ms = models.BigIntegerField()
    watched_ms = models.BigIntegerField()
    paid_ms = models.BigIntegerField()
    contested_ms = models.BigIntegerField()  # not credited, because another playback had spent the time
    # Pauses, and the longest time that was paid for without one.
    pauses = models.BigIntegerField()
    run_ms = models.BigIntegerField()
    longest_run_ms = models.BigIntegerField()
    # The start, by the playback's clock, and waiting for data after it.
    asked_t = models.BigIntegerField(null=True)
    shown_t = models.BigIntegerField(null=True)
    waits = models.BigIntegerField()
    waited_ms = models.BigIntegerField()
    waiting_t = models.BigIntegerField(null=True)
    seeking = models.BooleanField()
    rate = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["video", "opened_at"], name="playbacksums_video_opened")]


class EventCounts(models.Model):
    """How often each event was told of one video, by day of receipt (UTC, ISO 8601)."""

    pk = models.CompositePrimaryKey("video", "day", "type")
    video = models.CharField(max_length=200)
    day = models.CharField(max_length=10)
    type = models.CharField(max_length=40)
    times = models.BigIntegerField()


class ArchivePart(models.Model):
    """A stretch of the journal, sealed: all rows with ids above `after` up to `upto`, in one file of the archive.

    The parts follow one another without a gap, so the highest `upto` is how far the journal is sealed. `bodies_left`
    says that the rows' bodies are in the file alone.
    """

    after = models.BigIntegerField(primary_key=True)
    upto = models.BigIntegerField()
    path = models.CharField(max_length=200)  # within the archive
    rows = models.BigIntegerField()
    bytes = models.BigIntegerField()
    digest = models.CharField(max_length=64)  # SHA-256 of the file
    last_received_at = models.BigIntegerField()
    sealed_at = models.BigIntegerField()
    bodies_left = models.BooleanField(default=False)


class LakeFile(models.Model):
    """A file of the lake that counts. One that is not in this table was never finished, or was replaced."""

    path = models.CharField(max_length=200, primary_key=True)  # within the lake
    dataset = models.CharField(max_length=16)  # events, sections, playbacks
    day = models.CharField(max_length=10)
    rows = models.BigIntegerField()
    bytes = models.BigIntegerField()
