"""The rules of viewing in words."""

from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from playhead.lms.clock import clock
from playhead.lms.models import Concurrent, Seeking, ViewingRules


def moment_text(moment: datetime | None) -> str:
    return formats.date_format(timezone.localtime(moment), "j F Y, H:i") if moment else _("no date")


def rules_text(one: ViewingRules) -> str:
    """What is said here, for people: `no seeking · plays 2 times at most`."""
    parts = [
        _("seeking: %(how)s") % {"how": Seeking(one.seeking).label} if one.seeking else "",
        _("speeds %(rates)s") % {"rates": ", ".join(f"{rate / 1000:g}×" for rate in one.rates)} if one.rates else "",
        _part_text(one),
        _("open from %(moment)s") % {"moment": moment_text(one.opens_at)} if one.opens_at else "",
        _("open until %(moment)s") % {"moment": moment_text(one.closes_at)} if one.closes_at else "",
        _number_text(one.plays, _("as often as one likes"), _("%(n)d plays")),
        _("in two places: %(how)s") % {"how": Concurrent(one.concurrent).label} if one.concurrent else "",
        _number_text(one.devices, _("any number of devices"), _("%(n)d devices")),
        "" if one.watermark is None else _("name over the picture") if one.watermark else _("no name over the picture"),
        _number_text(one.presence_minutes, _("not asked whether they are there"), _("asked every %(n)d minutes")),
    ]
    return " · ".join(filter(None, parts))


def _part_text(one: ViewingRules) -> str:
    if one.part_start_ms is None and one.part_end_ms is None:
        return ""
    end = clock(one.part_end_ms) if one.part_end_ms else _("the end")
    return _("only %(start)s to %(end)s") % {"start": clock(one.part_start_ms or 0), "end": end}


def _number_text(number: int | None, none: str, some: str) -> str:
    return "" if number is None else some % {"n": number} if number else none
