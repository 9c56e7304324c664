"""Who gets where: one table of every route and everybody. A route that is missing from it fails."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.lms.conftest import School
from tests.lms.school_routes import ROWS

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

EVERYBODY = ("anonymous", "charlie", "olga", "bob", "alice", "ada")
LOGIN = -1  # led to the login form, and back to this address afterwards

Call = Callable[[Client, School], int]


def page(name: str, *, of: str = "", about: str = "") -> Call:
    """A GET of a page; `of` and `about` are things and people of the school, by name."""

    def call(client: Client, school: School) -> int:
        address = reverse(name, args=[getattr(school, each).key for each in (of, about) if each])
        return outcome(client.get(address), address)

    return call


def got(name: str, *arguments: str) -> Call:
    """A GET; `arguments` as below."""

    def call(client: Client, school: School) -> int:
        address = reverse(name, args=keys_of(school, arguments))
        return outcome(client.get(address), address)

    return call


def keys_of(school: School, arguments: Sequence[str]) -> list[str]:
    return [getattr(school, name).key if hasattr(school, name) else name for name in arguments]


def sent(name: str, *arguments: str, json: str | None = None) -> Call:
    """A POST; `arguments` are people and things of the school, by name."""

    def call(client: Client, school: School) -> int:
        address = reverse(name, args=keys_of(school, arguments))
        if json is None:
            return outcome(client.post(address), address)
        body = {"video": getattr(school, json).key}
        return outcome(client.post(address, body, content_type="application/json"), address)

    return call


def outcome(response: object, address: str) -> int:
    """The status, or LOGIN."""
    location = getattr(response, "url", "")
    if location.startswith(("/login/", "/admin/login/")):
        assert address in location
        return LOGIN
    return int(response.status_code)  # type: ignore[attr-defined]


# In the order of EVERYBODY: not logged in, enrolled nowhere, teacher of another course, student, teacher, admin.
TABLE: dict[str, tuple[Call, tuple[int, ...]]] = {
    "home": (page("home"), (LOGIN, 200, 200, 200, 200, 200)),
    "login": (page("login"), (200, 302, 302, 302, 302, 302)),
    "course": (page("course", of="course"), (LOGIN, 403, 403, 200, 200, 200)),
    "course-csv": (page("course-csv", of="course"), (LOGIN, 403, 403, 403, 200, 200)),
    "student": (page("student", of="course", about="bob"), (LOGIN, 403, 403, 403, 200, 200)),
    "add-video": (page("add-video", of="course"), (LOGIN, 403, 403, 403, 200, 200)),
    "video": (page("video", of="film"), (LOGIN, 403, 403, 403, 200, 200)),
    "explain": (page("explain", of="film", about="bob"), (LOGIN, 403, 403, 200, 200, 200)),
    "explain-csv": (page("explain-csv", of="film", about="bob"), (LOGIN, 403, 403, 200, 200, 200)),
    "explain, another's": (page("explain", of="film", about="alice"), (LOGIN, 403, 403, 403, 200, 200)),
    "system": (page("system"), (LOGIN, 403, 403, 403, 403, 200)),
    "watch": (page("watch", of="film"), (LOGIN, 403, 403, 200, 200, 200)),
    "open-playback": (sent("open-playback", json="film"), (401, 403, 403, 201, 201, 201)),
    # Nobody gets a ticket for nothing: what a valid one is worth to whom is in test_playbacks.py.
    "renew-ticket": (sent("renew-ticket", "p_elsewhere"), (401, 401, 401, 401, 401, 401)),
    # Nothing secret in them; what the API itself gives to whom is in tests/lms/api.
    "api-page": (page("api-page"), (200, 200, 200, 200, 200, 200)),
    "openapi": (page("openapi"), (200, 200, 200, 200, 200, 200)),
    "admin:index": (page("admin:index"), (LOGIN, 403, 403, 403, 403, 200)),
}


def row(route: str) -> Call:
    method, arguments, _expected = ROWS[route]
    name = route.split(",")[0]
    return sent(name, *arguments) if method == "POST" else got(name, *arguments)


TABLE |= {route: (row(route), ROWS[route][2]) for route in ROWS}
ELSEWHERE = {"logout"}  # open to all, and always ends at the login form: test_logout.py


@pytest.mark.parametrize("route", TABLE)
def test_every_route_for_everybody(live_school: School, route: str) -> None:
    call, expected = TABLE[route]
    assert tuple(call(live_school.client(who), live_school) for who in EVERYBODY) == expected


def test_no_route_is_missing_from_the_table() -> None:
    assert set(names(get_resolver())) == {name.split(",")[0] for name in TABLE if ":" not in name} | ELSEWHERE


def test_a_new_route_would_be_noticed() -> None:
    """The planted bug: the table without one of its rows."""
    without_watch = set(TABLE) - {"watch"}
    assert set(names(get_resolver())) - without_watch - ELSEWHERE == {"watch"}


def admin_addresses() -> list[str]:
    patterns = next(p for p in get_resolver().url_patterns if isinstance(p, URLResolver) and p.namespace == "admin")
    plain = [name for name in names(patterns) if name not in {"logout", "login"}]
    return [reverse(f"admin:{name}") for name in plain if takes_nothing(patterns, name)]


@pytest.mark.parametrize("who", [who for who in EVERYBODY if who != "ada"])
def test_no_page_of_the_admin_is_open_to_others(school: School, who: str) -> None:
    addresses = admin_addresses()
    assert len(addresses) > 5
    client = school.client(who)
    refused = LOGIN if who == "anonymous" else 403
    assert {address: outcome(client.get(address), "") for address in addresses} == dict.fromkeys(addresses, refused)


def test_another_organisation_is_another_world(school: School) -> None:
    from playhead.lms.models import Organisation

    elsewhere = Organisation.objects.create(name="Another school")
    school.ada.organisation = elsewhere
    school.ada.save()
    assert school.client("ada").get(reverse("course", args=[school.course.key])).status_code == 403


def test_a_refusal_says_who_you_are_and_nothing_about_the_course(school: School) -> None:
    for name, key in (("watch", school.film.key), ("course", school.course.key), ("watch", school.link.key)):
        body = school.client("charlie").get(reverse(name, args=[key])).content.decode()
        assert "You are not enrolled here" in body
        assert "charlie" in body
        for secret in ("film-one.mp4", "videos.example.org", "The first film", "Film basics", "Alice", "/media/"):
            assert secret not in body


def names(resolver: URLResolver) -> Iterator[str]:
    """The names of all routes; those of the admin count as one."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield pattern.name
        elif pattern.namespace != "admin":
            yield from names(pattern)


def takes_nothing(resolver: URLResolver, name: str) -> bool:
    return any(not arguments for _route, arguments in resolver.reverse_dict.getlist(name)[0][0])
