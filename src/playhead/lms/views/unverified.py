"""What pages with a client of their own told, for admins: how often, and how far it says that people came."""

from csp.constants import UNSAFE_INLINE
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from playhead.analytics.figures import events_figure
from playhead.analytics.told_figures import percents_figure, shares_figure
from playhead.lms.access import admin
from playhead.lms.shown_figure import ShownFigure
from playhead.lms.unverified import Distribution, distribution


@require_GET
def unverified_page(request: HttpRequest) -> HttpResponse:
    told = distribution(admin(request).organisation)
    context = {
        "told": told,
        "figures": _figures(told) if told.total else [],
        "open": settings.PLAYHEAD_UNVERIFIED_EVENTS,
    }
    response = render(request, "lms/unverified.html", context)
    # Plotly writes styles into its figures: allowed on this page only.
    response._csp_update = {"style-src": [UNSAFE_INLINE]}  # type: ignore[attr-defined]
    return response


def _figures(told: Distribution) -> list[ShownFigure]:
    shares = [[name, times, f"{times * 100 // told.total} %"] for name, times in told.names.items()]
    step = 100 // len(told.percents)
    percents = [[f"{at * step}–{(at + 1) * step} %", times] for at, times in enumerate(told.percents)]
    return [
        ShownFigure(
            "shares",
            _("Events by share"),
            _("Which share of what was told each event has."),
            shares_figure(told.names),
            [_("Event"), _("Times"), _("Share")],
            shares,
        ),
        ShownFigure(
            "events",
            _("Events by type"),
            _("How often each event was told."),
            events_figure(told.names),
            [_("Event"), _("Times")],
            [row[:2] for row in shares],
        ),
        ShownFigure(
            "percent",
            _("Percent completed"),
            _("Which percents the pages told, in bins of five. Nobody checked them."),
            percents_figure(told.percents),
            [_("Percent"), _("Times")],
            percents,
        ),
    ]
