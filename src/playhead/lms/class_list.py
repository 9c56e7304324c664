"""A list of students as CSV: read, shown as what it would change, and only then done.

UTF-8 with or without a byte order mark; comma, semicolon or tab; the first line names the columns. A bad line is told
with its number and the reason, and the others go on. An account that exists is enrolled and otherwise left alone: a
list changes nobody's name, address or password.
"""

import csv
import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from playhead.core.errors import Invalid
from playhead.lms import invitations, telling, trail
from playhead.lms.models import Course, Enrolment, Role, User

MOST_BYTES = 256 * 1024
MOST_LINES = 2000

_COLUMNS = {
    "name": {"name", "full name", "student", "student name", "nombre", "이름"},
    "email": {"email", "e-mail", "mail", "email address", "e-mail address", "correo", "이메일"},
    "username": {"username", "user name", "user", "login", "id", "usuario", "아이디"},
}
_USERNAME = re.compile(r"[\w.+-]{1,150}")
_SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class Line:
    """`action` is what would happen: `new` (an account and a place), `enrol`, `here` (nothing) or `bad`."""

    number: int
    name: str = ""
    email: str = ""
    username: str = ""
    action: str = "new"
    reason: str = ""
    user: User | None = None

    @property
    def is_bad(self) -> bool:
        return self.action == "bad"


@dataclass(frozen=True, slots=True)
class Plan:
    lines: list[Line]

    def of(self, action: str) -> list[Line]:
        return [line for line in self.lines if line.action == action]

    @property
    def digest(self) -> str:
        """Changes when what would happen changes: between looking and doing, somebody else may have been at work."""
        told = [(line.number, line.action, line.username, line.user.pk if line.user else 0) for line in self.lines]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Done:
    """`links` are those of new accounts that get no e-mail: (person, path). They are told once."""

    enrolled: int
    made: int
    mailed: int
    links: list[tuple[User, str]] = field(default_factory=list)


def text_of(data: bytes) -> str:
    """Of a file. What is not UTF-8 becomes U+FFFD, and its line is refused by itself later."""
    if len(data) > MOST_BYTES:
        raise Invalid("list_too_long", "The list is larger than 256 KiB.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Invalid("list_utf16", "The file is UTF-16. Save it as “CSV UTF-8”.")
    return data.decode("utf-8-sig", errors="replace")


def plan(course: Course, text: str) -> Plan:
    """What the list would change now. Raises Invalid when it cannot be read at all."""
    lines = _only_once(_lines(text))
    return Plan(_fitted(course, lines))


# --- Reading


def _lines(text: str) -> list[Line]:
    rows = [(number, row) for number, row in enumerate(text.splitlines(), start=1) if row.strip()]
    if not rows:
        raise Invalid("list_empty", "The list is empty.")
    if len(rows) > MOST_LINES + 1:
        raise Invalid("list_too_long", "The list has more than 2,000 lines.")
    heading = rows[0][1].removeprefix("\ufeff")
    separator = max(_SEPARATORS, key=heading.count)
    columns = _columns(_cells(heading, separator) or [])
    return [_line(number, row, separator, columns) for number, row in rows[1:]]


def _columns(cells: list[str]) -> list[str]:
    """The name of each column; empty for one that is not ours."""
    found = [
        next((name for name, spellings in _COLUMNS.items() if cell.strip().casefold() in spellings), "")
        for cell in cells
    ]
    if "name" not in found or not {"email", "username"} & set(found):
        raise Invalid("list_columns", "The first line must name the columns: “name”, and “email” or “username”.")
    return found


def _cells(row: str, separator: str) -> list[str] | None:
    """None when the quotes do not match. A line is read by itself, so that an open quote spoils no other."""
    try:
        return next(csv.reader([row], delimiter=separator, strict=True))
    except csv.Error:
        return None


def _line(number: int, row: str, separator: str, columns: list[str]) -> Line:
    cells = _cells(row, separator)
    if cells is None:
        return _bad(Line(number, row[:80]), _("The quotes in this line do not match."))
    told = {name: _clean(cell) for name, cell in zip(columns, cells, strict=False) if name}
    line = Line(number, told.get("name", ""), told.get("email", ""), told.get("username", ""))
    if "\ufffd" in row:
        return _bad(line, _("This line is not UTF-8. Save the file as UTF-8."))
    return _checked(line)


def _clean(text: str) -> str:
    """Composed, and spaces run together."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _checked(line: Line) -> Line:
    everything = line.name + line.email + line.username
    if any(unicodedata.category(letter) == "Cc" or letter in _TURNING for letter in everything):
        return _bad(line, _("It holds characters that cannot be shown."))
    if not line.name:
        return _bad(line, _("The name is missing."))
    if len(line.name) > 200:
        return _bad(line, _("The name is longer than 200 characters."))
    if not line.email and not line.username:
        return _bad(line, _("Neither an e-mail address nor a username."))
    if line.username and not _USERNAME.fullmatch(line.username):
        return _bad(line, _("A username is made of letters, digits and . + - _ only."))
    return _with_address(line)


def _with_address(line: Line) -> Line:
    try:
        if line.email:
            validate_email(line.email)
    except ValidationError:
        return _bad(line, _("“%(email)s” is not an e-mail address.") % {"email": line.email})
    return line


# Marks that turn the direction of the text around them: a name with one could pass for another.
_TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _bad(line: Line, reason: str) -> Line:
    return replace(line, action="bad", reason=reason)


def _only_once(lines: Iterable[Line]) -> list[Line]:
    """The first of two lines about one person counts."""
    seen: dict[str, int] = {}
    kept = []
    for line in lines:
        marks = [] if line.is_bad else [mark.casefold() for mark in (line.email, line.username) if mark]
        first = next((seen[mark] for mark in marks if mark in seen), None)
        seen.update({mark: line.number for mark in marks if mark not in seen})
        reason = _("The same person stands on line %(number)d.") % {"number": first or 0}
        kept.append(line if first is None else _bad(line, reason))
    return kept


# --- Comparing with who is there


def _fitted(course: Course, lines: list[Line]) -> list[Line]:
    by_email = _found(Lower("email"), {line.email.lower() for line in lines if line.email})
    by_username = _found(Lower("username"), {line.username.lower() for line in lines if line.username})
    here = set(Enrolment.objects.filter(course=course).values_list("user_id", flat=True))
    return [
        line if line.is_bad else _fit(course, line, by_email.get(line.email.lower()), by_username, here)
        for line in lines
    ]


def _found(by: Lower, wanted: set[str]) -> dict[str, User]:
    return {user.mark: user for user in User.objects.annotate(mark=by).filter(mark__in=wanted)}


def _fit(course: Course, line: Line, mailed: User | None, by_username: dict[str, User], here: set[int]) -> Line:
    named = by_username.get(line.username.lower()) if line.username else None
    if named and mailed and named != mailed:
        return _bad(line, _("Username and e-mail address belong to two different accounts."))
    if named and line.email and not mailed and named.email:
        return _bad(line, _("This username belongs to an account with another e-mail address."))
    user = mailed or named
    if user is None:
        return line
    if user.organisation_id != course.organisation_id:
        return _bad(line, _("This address or username cannot be used."))
    if not user.is_active:
        return _bad(line, _("This account is switched off."))
    return replace(line, user=user, action="here" if user.pk in here else "enrol")


# --- Doing


@transaction.atomic
def carry_out(course: Course, told: Plan, *, by: User, site: str, by_mail: bool) -> Done:
    """Make the accounts and enrol. A new account has no password: an invitation lets its person choose one, by e-mail
    where there is an address and `by_mail`, else as a link for the one who sent the list."""
    links: list[tuple[User, str]] = []
    mailed = 0
    for line in told.of("new"):
        user = _made(course, line)
        Enrolment.objects.create(course=course, user=user)
        telling.enrolled(course, user, Role.STUDENT)
        invitation, path = invitations.invite(by=by, user=user, email=user.email, course=course)
        if by_mail and user.email:
            invitations.send(invitation, site=site)
            mailed += 1
        else:
            links.append((user, path))
    waiting = told.of("enrol")
    Enrolment.objects.bulk_create([Enrolment(course=course, user=line.user) for line in waiting], ignore_conflicts=True)
    for line in waiting:
        if line.user is not None:
            telling.enrolled(course, line.user, Role.STUDENT)
    made = mailed + len(links)
    words = _("%(made)d new accounts, %(enrolled)d people enrolled who had one")
    if made or waiting:
        detail = words % {"made": made, "enrolled": len(waiting)}
        trail.note(course, by=by, what="list", detail=detail)
    return Done(made + len(waiting), made, mailed, links)


def _made(course: Course, line: Line) -> User:
    user = User(
        username=line.username or _free_username(line),
        name=line.name,
        email=line.email,
        organisation_id=course.organisation_id,
    )
    user.set_unusable_password()
    user.save()
    return user


def _free_username(line: Line) -> str:
    """From the address, or the name; with a number where somebody has it. Letters of any script."""
    wished = line.email.partition("@")[0] or line.name.casefold().replace(" ", ".")
    base = "".join(_USERNAME.findall(unicodedata.normalize("NFKC", wished)))[:140] or "student"
    name, number = base, 1
    while User.objects.filter(username__iexact=name).exists():
        number += 1
        name = f"{base}{number}"
    return name
