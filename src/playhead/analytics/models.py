"""The sums. All of them may be dropped: `playhead rebuild` makes them again from ledger and journal.

They lie in the tracking database and are written by the recorder's thread, like everything there.
"""

from django.db import models


class Cursor(models.Model):
    """One row: everything in the journal up to `journal_id` is in the sums, and nothing after it."""

    id = models.SmallIntegerField(primary_key=True)
    journal_id = models.BigIntegerField()
    rolled_at = models.BigIntegerField()  # epoch ms


class SecondCounts(models.Model):
    """Of one video, for each second: how many viewers saw it, how often it was seen, and how often they paused there.

    Packed differences from one second to the next (`analytics.tally`). `kind` is the ledger's: what was imported is
    counted for itself.
    """

    pk = models.CompositePrimaryKey("video", "kind")
    video = models.CharField(max_length=200)
    kind = models.CharField(max_length=8)
    viewers = models.BinaryField(default=b"")
    views = models.BinaryField(default=b"")
    pauses = models.BinaryField(default=b"")


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
