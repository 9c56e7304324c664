"""The site's navigation: which places stand in the header, and which in the admins' area. One line for each page.

A place is current on its own page and on those below it, by the names of their addresses.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from playhead.lms.access import courses_taught_by
from playhead.lms.models import User


def _anybody(_user: User) -> bool:
    return True


def _teachers(user: User) -> bool:
    return courses_taught_by(user).exists()


def _admins(user: User) -> bool:
    return user.is_superuser


@dataclass(frozen=True, slots=True)
class Place:
    """`name` is the address it leads to; `below` are the names of further pages on which it is the current one."""

    name: str
    title: Promise
    seen_by: Callable[[User], bool] = _anybody
    below: frozenset[str] = frozenset()


# What only admins open, in the order of the bar that all these pages share.
ADMIN: Final[Sequence[Place]] = (
    Place("system", _("System")),
    Place("accounts", _("Accounts"), below=frozenset({"invite-to-site"})),
    Place("integrations", _("Integrations"), below=frozenset({"integration", "make-api-key", "replace-api-key"})),
    Place("providers", _("Providers"), below=frozenset({"connect-provider", "provider", "provider-do"})),
    Place("callbacks", _("Callbacks"), below=frozenset({"endpoint", "endpoint-do", "callback-message"})),
    Place("schedules", _("Scheduled exports")),
    Place("sinks", _("Sinks")),
    Place("unverified", _("Unverified events")),
    Place("admin:index", _("All records")),
)
SITE: Final[Sequence[Place]] = (
    Place("home", _("Home")),
    Place("studio", _("Studio"), _teachers),
    Place("system", _("Admin"), _admins, frozenset().union(*({place.name} | place.below for place in ADMIN))),
)


@dataclass(frozen=True, slots=True)
class Link:
    address: str
    title: Promise
    current: bool


def links(request: HttpRequest, places: Sequence[Place]) -> list[Link]:
    """Of these places, those that are for the person logged in."""
    user, match = request.user, request.resolver_match
    here = match.view_name if match else ""
    return [
        Link(reverse(place.name), place.title, here == place.name or here in place.below)
        for place in places
        if isinstance(user, User) and place.seen_by(user)
    ]
