"""The log: every line an object, and in none of them who somebody is or what opens a door."""

import json
import logging

import pytest

from playhead.core.tickets import sign
from playhead.logs import Json, Lines
from tests.world import KEYS

_TICKET = sign(viewer="u_bob", video="v", playback="p", jti="j", keys=KEYS, now_s=1_788_249_600)


def said(formatter: logging.Formatter, message: str, *values: object, error: Exception | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    return formatter.format(logging.LogRecord("playhead.test", logging.INFO, __file__, 1, message, values, info))


def test_a_line_is_one_object() -> None:
    told = json.loads(said(Json(), "%d answers\nhad nobody waiting", 3))
    assert told.pop("at").endswith("+00:00")
    assert told.pop("process") > 0
    assert told == {
        "level": "info", "logger": "playhead.test", "message": "3 answers\nhad nobody waiting", "thread": "MainThread",
    }  # fmt: skip


def test_what_is_given_beside_is_a_member() -> None:
    record = logging.makeLogRecord({"name": "playhead", "msg": "late", "rows": 7, "who": object()})
    told = json.loads(Json().format(record))
    assert (told["message"], told["rows"], told["who"][:7]) == ("late", 7, "<object")


@pytest.mark.parametrize("formatter", [Json(), Lines()], ids=["json", "text"])
@pytest.mark.parametrize("secret", [_TICKET, "bob@students.school.example", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
def test_secrets_and_people_are_taken_out(formatter: logging.Formatter, secret: str) -> None:
    cleaned = said(formatter, "refused %s twice", secret)
    assert secret not in cleaned
    assert "refused [" in cleaned
    failed = said(formatter, "it failed", error=ValueError(f"no such thing: {secret}"))
    assert secret not in failed
    assert "ValueError: no such thing: [" in failed


def test_an_address_keeps_its_token_to_itself() -> None:
    assert said(Lines(), "GET /watch?jwt=abc.def&page=1").endswith("GET /watch?jwt=[secret]&page=1")


def test_a_database_url_keeps_its_password_to_itself() -> None:
    assert "hunter2" not in said(Lines(), "cannot reach postgresql://playhead:hunter2@db/school")
