"""A list of students: what is read, what is refused with which line and why, and that looking changes nothing."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from playhead.core.errors import Invalid
from playhead.lms import class_list
from playhead.lms.models import Enrolment, Invitation, User
from tests.lms.conftest import Browser, School

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "tracking"])

BAD = """name,email,username
Yūko Tanaka,yuko@school.example,
No Address,,
Bad Address,not-an-address,
"Open quote,x@school.example,
,nameless@school.example,
Yūko Again,YUKO@school.example,
Bad Name,,a b
Bob Brown,bob@school.example,
Charlie Chen,,charlie
Two People,bob@school.example,charlie
김민준,minjun@school.example,민준
\u202eevil,evil@school.example,
"""


def planned(school: School, text: str) -> dict[int, tuple[str, str]]:
    return {line.number: (line.action, line.reason) for line in class_list.plan(school.course, text).lines}


def test_bad_lines_are_told_with_number_and_reason_and_the_rest_goes_on(school: School) -> None:
    assert planned(school, BAD) == {
        2: ("new", ""),
        3: ("bad", "Neither an e-mail address nor a username."),
        4: ("bad", "“not-an-address” is not an e-mail address."),
        5: ("bad", "The quotes in this line do not match."),
        6: ("bad", "The name is missing."),
        7: ("bad", "The same person stands on line 2."),
        8: ("bad", "A username is made of letters, digits and . + - _ only."),
        9: ("here", ""),
        10: ("enrol", ""),
        11: ("bad", "The same person stands on line 9."),
        12: ("new", ""),
        13: ("bad", "It holds characters that cannot be shown."),
    }


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_usual_shape_of_a_file(school: School, separator: str, mark: bytes, end: str) -> None:
    rows = [("E-Mail", "Name", "Group"), ("a@school.example", "김 민준", "x"), ("b@school.example", "Ὀδυσσεύς", "y")]
    data = mark + end.join(separator.join(row) for row in rows).encode()
    lines = class_list.plan(school.course, class_list.text_of(data)).lines
    assert [(line.name, line.email, line.action) for line in lines] == [
        ("김 민준", "a@school.example", "new"),
        ("Ὀδυσσεύς", "b@school.example", "new"),
    ]


def test_a_line_in_another_encoding_is_refused_by_itself(school: School) -> None:
    data = "name,email\nJosé,jose@school.example\n".encode("latin-1") + "Zoë,zoe@school.example".encode()
    lines = class_list.plan(school.course, class_list.text_of(data)).lines
    assert [line.action for line in lines] == ["bad", "new"]
    assert "not UTF-8" in lines[0].reason


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "list_empty"),
        (b"\n \n", "list_empty"),
        (b"first,second\na,b", "list_columns"),
        (b"name\nBob", "list_columns"),
        ("name,email\na,b".encode("utf-16"), "list_utf16"),
        (b"x" * (class_list.MOST_BYTES + 1), "list_too_long"),
        (b"name,email\n" + b"a,a@b.example\n" * 2_001, "list_too_long"),
    ],
)
def test_a_list_that_cannot_be_read_at_all(school: School, data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        class_list.plan(school.course, class_list.text_of(data))
    assert refused.value.code == code


def send(client: Browser, school: School, text: str, confirm: str = "") -> str:
    answer = client.post(
        reverse("bring-list", args=[school.course.key]), {"text": text, "confirm": confirm}, follow=True
    )
    assert answer.status_code == 200
    return answer.content.decode()


def digest_in(html: str) -> str:
    found = re.search(r'name="confirm" value="(\w+)"', html)
    assert found
    return found[1]


def test_looking_changes_nothing_and_confirming_does_what_was_shown(live_school: School, no_post: None) -> None:
    alice = live_school.client("alice")
    people, places = User.objects.count(), Enrolment.objects.count()
    shown = send(alice, live_school, BAD)
    assert (User.objects.count(), Enrolment.objects.count()) == (people, places)
    assert "Enrol 3 people" in shown
    done = send(alice, live_school, BAD, digest_in(shown))
    assert (User.objects.count(), Enrolment.objects.count()) == (people + 2, places + 3)
    assert done.count("/invitations/") == 2
    yuko = User.objects.get(email="yuko@school.example")
    assert (yuko.name, yuko.username, yuko.has_usable_password()) == ("Yūko Tanaka", "yuko", False)
    assert User.objects.get(username="민준").name == "김민준"
    assert User.objects.get(username="charlie").name == "Charlie Chen"
    again = send(alice, live_school, BAD)
    assert "There is nothing to do" in again


def test_what_changed_meanwhile_is_shown_again(live_school: School) -> None:
    alice = live_school.client("alice")
    shown = send(alice, live_school, BAD)
    Enrolment.objects.create(course=live_school.course, user=live_school.charlie)
    html = send(alice, live_school, BAD, digest_in(shown))
    assert "Meanwhile something changed" in html
    assert not User.objects.filter(email="yuko@school.example").exists()


def test_a_list_changes_nobody_who_is_there(live_school: School) -> None:
    alice = live_school.client("alice")
    text = "name,email,username\nRoot,ada@school.example,\nEve,eve@evil.example,olga\n"
    shown = send(alice, live_school, text)
    assert "This username belongs to an account with another e-mail address." in shown
    send(alice, live_school, text, digest_in(shown))
    live_school.ada.refresh_from_db()
    live_school.olga.refresh_from_db()
    assert (live_school.ada.name, live_school.olga.email) == ("Ada Admin", "olga@school.example")
    assert not Invitation.objects.exists()


def test_a_file_is_taken_too(live_school: School) -> None:
    file = SimpleUploadedFile("class.csv", "\ufeffname;email\nZoë;zoe@school.example".encode())
    answer = live_school.client("alice").post(reverse("bring-list", args=[live_school.course.key]), {"file": file})
    assert "Enrol 1 person" in answer.content.decode()


def test_usernames_are_made_free_of_clashes(school: School) -> None:
    text = "name,email\nA,bob@one.example\nB,bob@two.example\n"
    told = class_list.plan(school.course, text)
    done = class_list.carry_out(school.course, told, by=school.alice, site="", by_mail=False)
    assert [user.username for user, _link in done.links] == ["bob2", "bob3"]
