"""What was certified: the figures as they were, and the paper that says so."""

import secrets

from django.db import models

from playhead.lms.models.courses import Course
from playhead.lms.models.people import User


def certificate_key() -> str:
    return "cert_" + secrets.token_urlsafe(12)


class Certificate(models.Model):
    """One student's completion of one course. Written once; withdrawn ones stay, so that their links can say so."""

    key = models.CharField(max_length=40, unique=True, default=certificate_key, editable=False)
    course = models.ForeignKey(Course, models.CASCADE, related_name="certificates")
    user = models.ForeignKey(User, models.CASCADE, related_name="certificates")
    issued_at = models.DateTimeField()
    facts = models.TextField()  # canonical JSON: certificates.facts.Facts
    fingerprint = models.CharField(max_length=64)  # over the facts, with the site's key
    paper = models.BinaryField()  # the PDF
    paper_hash = models.CharField(max_length=64, db_index=True)  # its SHA-256
    withdrawn_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "user"], condition=models.Q(withdrawn_at=None), name="certificate_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.course}"
