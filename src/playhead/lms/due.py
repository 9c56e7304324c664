"""When a video is due, in words."""

from datetime import datetime
from typing import NamedTuple

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SOON_DAYS = 7


class Due(NamedTuple):
    state: str  # overdue, soon, later
    text: str


def due(due_at: datetime, *, now: datetime | None = None) -> Due:
    """By the calendar of the site's time zone: what is due tomorrow at 8 is due tomorrow, not in 14 hours."""
    now = now or timezone.now()
    there, here = timezone.localtime(due_at), timezone.localtime(now)
    days = (there.date() - here.date()).days
    time = formats.date_format(there, "H:i")
    if due_at <= now:
        return Due("overdue", _overdue(-days, time))
    if days == 0:
        return Due("soon", _("due today at %(time)s") % {"time": time})
    if days == 1:
        return Due("soon", _("due tomorrow at %(time)s") % {"time": time})
    if days < SOON_DAYS:
        weekday = formats.date_format(there, "l")
        text = ngettext("due in %(days)d day, %(weekday)s", "due in %(days)d days, %(weekday)s", days)
        return Due("soon", text % {"days": days, "weekday": weekday})
    pattern = "j F" if there.year == here.year else "j F Y"
    return Due("later", _("due %(date)s") % {"date": formats.date_format(there, pattern)})


def _overdue(days: int, time: str) -> str:
    if days == 0:
        return _("overdue since %(time)s today") % {"time": time}
    return ngettext("overdue by %(days)d day", "overdue by %(days)d days", days) % {"days": days}
