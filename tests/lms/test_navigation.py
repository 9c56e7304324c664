"""What stands in the header and in the admins' bar, and for whom."""

import re

import pytest
from django.urls import reverse

from playhead.lms import navigation
from tests.lms.conftest import School

pytestmark = pytest.mark.django_db(databases=["default", "tracking"])


def bar(school: School, who: str, address: str, *, named: str) -> list[tuple[str, bool]]:
    """The titles in one of the page's bars, and which is the current one."""
    page = school.client(who).get(address).content.decode()
    [inside] = re.findall(rf'<nav class="{named}"[^>]*>(.*?)</nav>', page, re.DOTALL)
    return [(title, "aria-current" in rest) for rest, title in re.findall(r"<a ([^>]*)>([^<]*)</a>", inside)]


def test_a_student_sees_no_admin(school: School) -> None:
    assert [title for title, _current in bar(school, "bob", reverse("home"), named="site-nav")] == ["Home"]


def test_an_admin_page_is_current_in_both_bars(school: School) -> None:
    address = reverse("accounts")
    assert ("Admin", True) in bar(school, "ada", address, named="site-nav")
    assert ("Home", False) in bar(school, "ada", address, named="site-nav")
    current = [title for title, current in bar(school, "ada", address, named="tabs") if current]
    assert current == ["Accounts"]


@pytest.mark.parametrize("place", [*navigation.SITE, *navigation.ADMIN], ids=lambda place: place.name)
def test_every_place_is_there(school: School, place: navigation.Place) -> None:
    """Or says in words why not: the studio is no part of the site, but beside it in the server."""
    answer = school.client("ada").get(reverse(place.name))
    assert answer.status_code == 200 or (place.name == "studio" and answer.status_code == 501)
