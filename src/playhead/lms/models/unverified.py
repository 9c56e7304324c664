"""What pages with a client of their own say that players did. Nobody stands for it, and nothing is credited by it."""

from django.db import models

from playhead.lms.models.people import Organisation


class UnverifiedEvent(models.Model):
    """One event, as a page told it: no ticket, no viewer, no clock of ours."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    integration = models.CharField(max_length=64, blank=True)  # by the page's origin; empty for pages of nobody's
    name = models.CharField(max_length=64)
    percent = models.PositiveSmallIntegerField(null=True)
    session = models.CharField(max_length=100, blank=True)
    page = models.CharField(max_length=500, blank=True)
    told = models.TextField(default="{}")  # JSON: the rest of what was sent
    received_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return self.name
