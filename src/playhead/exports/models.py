"""Sinks and how far each of them is; exports that are made again and again, and how each run went.

These are tables of the site. Instants are integer epoch milliseconds, as in the recorder's.
"""

import secrets

from django.db import models


def _sink_key() -> str:
    return "k_" + secrets.token_hex(8)


def _schedule_key() -> str:
    return "x_" + secrets.token_hex(8)


class Sink(models.Model):
    """Another store that gets what was sealed. `position`: every journal row up to this id is in it."""

    key = models.CharField(max_length=40, unique=True, default=_sink_key)
    name = models.CharField(max_length=60, unique=True)
    shown = models.CharField(max_length=2000)  # the address without its password
    address = models.TextField()  # the whole of it, sealed
    created_at = models.BigIntegerField()
    active = models.BooleanField(default=True)
    position = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    # How it goes: `failures` in a row, the last of them `last_error`; nothing is tried before `next_at`.
    last_ok_at = models.BigIntegerField(null=True)
    failing_since = models.BigIntegerField(null=True)
    failures = models.IntegerField(default=0)
    last_error = models.CharField(max_length=500, default="")
    next_at = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Schedule(models.Model):
    """A table that is exported again and again. `course` is a course's key; empty: all of the organisation."""

    key = models.CharField(max_length=40, unique=True, default=_schedule_key)
    organisation_id = models.BigIntegerField()
    table = models.CharField(max_length=20)
    course = models.CharField(max_length=64, default="", blank=True)
    format = models.CharField(max_length=8)
    every = models.CharField(max_length=8)  # hour, day, week
    created_at = models.BigIntegerField()
    active = models.BooleanField(default=True)
    next_at = models.BigIntegerField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.key


class Run(models.Model):
    """One time that a scheduled export was made: `file` is what was written, or `error` why nothing was."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="runs")
    at = models.BigIntegerField()
    took_ms = models.IntegerField()
    file = models.CharField(max_length=300, default="")
    rows = models.BigIntegerField(default=0)
    error = models.CharField(max_length=500, default="")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.file or self.error
