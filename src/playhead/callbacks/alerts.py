"""Telling the admins, by e-mail where it is set up, that another system does not hear us. The callbacks page says the
same."""

import logging
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _

from playhead.callbacks.models import Endpoint
from playhead.callbacks.sending import Answer

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Alert:
    """`reason` is why: gone, failing (both: switched off), or trouble."""

    endpoint: Endpoint
    reason: str
    answer: Answer


def tell_admins(alert: Alert) -> None:
    """After the commit, so that nothing is told that is not so. A mail server that is away is written to the log."""
    logger.error("callbacks to %s (%s): %s, %s", alert.endpoint.name, alert.endpoint.url, alert.reason, alert.answer)
    transaction.on_commit(lambda: _send(alert))


def _send(alert: Alert) -> None:
    admins = get_user_model().objects.filter(
        is_superuser=True, is_active=True, organisation_id=alert.endpoint.organisation_id
    )
    to = [address for address in admins.values_list("email", flat=True) if address]
    try:
        send_mail(_subject(alert), _text(alert), None, to)
    except Exception:  # whatever a mail server does must not stop the callbacks
        logger.exception("the alert about %s could not be sent", alert.endpoint.name)


def _subject(alert: Alert) -> str:
    if alert.reason == "trouble":
        return _("Callbacks to “%(name)s” do not get through") % {"name": alert.endpoint.name}
    return _("Callbacks to “%(name)s” are switched off") % {"name": alert.endpoint.name}


def _text(alert: Alert) -> str:
    why = {
        "gone": _("The other system answered 410: it wants no more of them."),
        "failing": _("Nothing got through for five days."),
        "trouble": _("They are tried again, ten times over three days."),
    }[alert.reason]
    lines = [
        why,
        _("Address: %(url)s") % {"url": alert.endpoint.url},
        _("Last answer: %(outcome)s %(status)s %(said)s")
        % {"outcome": alert.answer.outcome, "status": alert.answer.status or "", "said": alert.answer.said},
        _("What waits is kept. The callbacks page tells firewall, name, certificate and answer apart, and resends."),
    ]
    return "\n\n".join(lines)
