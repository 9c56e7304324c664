"""What another system that is joined to this one may do here, and how it calls our people.

The systems themselves are the recorder's (`recorder.models.Integration`) and lie in the tracking tables: here they are
named by their keys.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from playhead.lms.models.courses import Course
from playhead.lms.models.people import Organisation, User


class ApiKey(models.Model):
    """Lets a program in as an integration, with some scopes. Of the key only a hash is kept, and its first letters."""

    integration = models.CharField(max_length=40, db_index=True)
    organisation = models.ForeignKey(Organisation, models.CASCADE)
    name = models.CharField(max_length=100)
    token_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=16)
    scopes = models.JSONField(default=list)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    # Set when another takes its place: until then both are good.
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    requests = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @property
    def is_good(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())


class CourseGrant(models.Model):
    """A course that an integration may see and change; with `course` empty, every course of the school."""

    integration = models.CharField(max_length=40)
    course = models.ForeignKey(Course, models.CASCADE, null=True, related_name="grants")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["integration", "course"], name="grant_once"),
            models.UniqueConstraint(fields=["integration"], condition=Q(course=None), name="grant_of_all_once"),
        ]

    def __str__(self) -> str:
        return f"{self.integration} · {self.course or '*'}"


class Outsider(models.Model):
    """What an integration calls one of our people."""

    integration = models.CharField(max_length=40)
    external_id = models.CharField(max_length=200)
    user = models.ForeignKey(User, models.CASCADE, related_name="called")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["integration", "external_id"], name="outsider_once"),
            models.UniqueConstraint(fields=["integration", "user"], name="outsider_one_name"),
        ]

    def __str__(self) -> str:
        return f"{self.integration} · {self.external_id}"


class UsedToken(models.Model):
    """A playback token with a `jti` that has opened a playback, and the browser it opened it in: hashes of both."""

    integration = models.CharField(max_length=40)
    jti_hash = models.CharField(max_length=64)
    device_hash = models.CharField(max_length=64, blank=True)  # empty for a browser that keeps no name
    forget_at_s = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "jti_hash"], name="used_token_once")]

    def __str__(self) -> str:
        return f"{self.integration} · {self.jti_hash[:8]}"


class KeptAnswer(models.Model):
    """What a POST with an idempotency key was answered, for who sends it again. Written in the transaction of what it
    did; the body is sealed, since it may hold a ticket."""

    integration = models.CharField(max_length=40)
    idempotency_key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)  # of method, path and body
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    made_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "idempotency_key"], name="kept_answer_once")]

    def __str__(self) -> str:
        return self.idempotency_key
