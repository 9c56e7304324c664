"""Refused log-ins are counted, and too many make a pause; the same for names that no account has.

Three budgets, none of which lets one person lock another out from elsewhere with ease:
one account from one network (`PLAYHEAD_LOGIN_TRIES`), one network over all accounts (a classroom mistypes too), and
one account over all networks (NIST SP 800-63B allows at most 100 in a row). Only tries that were really checked count.
"""

import math
import unicodedata
from datetime import datetime, timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone

# How many times the tries of one account from one network: 60 and 100 with the default of 5.
NETWORK_SHARE = 12
ACCOUNT_SHARE = 20

# In the order of AXES_LOCKOUT_PARAMETERS.
_SHARES = (1, NETWORK_SHARE, ACCOUNT_SHARE)


def typed_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The name as typed, in one spelling, so that capitals and look-alike code points make no new budget."""
    name = request.POST.get("username") or (credentials or {}).get("username") or ""
    return unicodedata.normalize("NFKC", str(name)).strip().casefold().replace("\0", "")[:150]


class ThreeBudgets(AxesDatabaseHandler):  # type: ignore[misc]
    """django-axes knows one limit for all budgets; the larger ones are counted in fractions."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        attempts = self.get_user_attempts(request, credentials)
        return max(_failures(found) // share for found, share in zip(attempts, _SHARES, strict=True))

    def reset_user_attempts(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """After a login that worked: forget this account in this network, and nothing of the other budgets, else an
        account of one's own would wash away the guesses at others."""
        count, _ = self.filter_user_attempts(request, credentials)[0].delete()
        return int(count)


def minutes_left(request: HttpRequest, credentials: dict[str, Any] | None) -> int:
    """How long the pause lasts, at most, in whole minutes; at least 1."""
    spent = zip(ThreeBudgets().get_user_attempts(request, credentials), _SHARES, strict=True)
    over = [attempts for attempts, share in spent if _failures(attempts) // share >= settings.AXES_FAILURE_LIMIT]
    if not over:
        return 1
    until = max(_last_try(attempts) for attempts in over) + timedelta(minutes=settings.PLAYHEAD_LOGIN_PAUSE_MIN)
    return max(1, math.ceil((until - timezone.now()).total_seconds() / 60))


def _last_try(attempts: QuerySet[AccessAttempt]) -> datetime:
    last: datetime = attempts.aggregate(last=Max("attempt_time"))["last"]
    return last


def _failures(attempts: QuerySet[AccessAttempt]) -> int:
    return int(attempts.aggregate(sum=Sum("failures_since_start"))["sum"] or 0)
