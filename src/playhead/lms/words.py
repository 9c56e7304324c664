"""Codes as people read them. The codes themselves are `core.credit.Reason` and the evidence levels of the recorder."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Words(NamedTuple):
    short: Promise | str  # in a table
    sentence: Promise | str  # to the student


REASONS = {
    "before_open": Words(_("before opening"), _("It was dated before the video was opened.")),
    "malformed": Words(_("unreadable"), _("The player reported something that makes no sense.")),
    "out_of_range": Words(_("outside the video"), _("It lies outside the video.")),
    "not_allowed": Words(_("not open"), _("This part, or this time, was not open to you.")),
    "not_visible": Words(_("not in view"), _("The video was not in view, and this course asks for that.")),
    "not_present": Words(_("no answer"), _("The question whether you are there was not answered.")),
    "too_fragmented": Words(_("too many pieces"), _("The video was watched in too many tiny pieces.")),
    "too_fast": Words(_("too fast"), _("It was played faster than this course allows.")),
    "not_delivered": Words(_("not delivered"), _("The server never sent this part to your player.")),
    "too_old": Words(_("too late"), _("The report of it came too late.")),
    "in_future": Words(_("ahead of the clock"), _("It was dated ahead of the server's clock.")),
    "no_time_left": Words(
        _("no time left"),
        _("Not enough real time had passed for it. Two players at the same time earn no more than one."),
    ),
}

EVIDENCE = {
    "clock": Words(_("clock"), _("Checked against the server's clock.")),
    "inferred": Words(
        _("clock, positions inferred"),
        _(
            "Paid for with real time by the server’s clock. The player tells its position only now and then, and no "
            "seeks: where a stretch ends is inferred."
        ),
    ),
    "clock+delivery": Words(
        _("clock and delivery"), _("Checked against the server's clock and against what it delivered to the player.")
    ),
    "imported": Words(_("imported"), _("Brought in from elsewhere, not checked here.")),
    "override": Words(_("override"), _("Marked as complete by a teacher, with a reason. It changes no number.")),
    "": Words(_("none yet"), _("Nothing credited yet.")),
}

DEVICES = {"desktop": _("computer"), "phone": _("phone"), "tablet": _("tablet"), "tv": _("television")}


def device(code: str) -> str:
    return str(DEVICES.get(code, code))


def reason(code: str) -> Words:
    return REASONS.get(code, Words(code, code))


def evidence(level: str) -> Words:
    return EVIDENCE.get(level, Words(level, level))
