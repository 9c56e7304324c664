"""Any line is a statement or a bad line with a reason; no bytes raise."""

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playhead.interop.xapi import vocabulary
from playhead.interop.xapi.statements import MAX_LINE_BYTES, BadLine, Statement, parse, read


def statement(**changes: Any) -> dict[str, Any]:
    """Bob paused after ten of twenty seconds; `changes` replace whole members."""
    said: dict[str, Any] = {
        "id": "9dc99b37-e920-4a68-a066-917faca28949",
        "actor": {"account": {"name": "bob", "homePage": "https://school.example"}},
        "verb": {"id": "https://w3id.org/xapi/video/verbs/paused"},
        "object": {
            "id": "https://school.example/videos/1",
            "definition": {"type": vocabulary.VIDEO_ACTIVITY_TYPE, "name": {"en": "Lecture 1"}},
        },
        "result": {"extensions": {vocabulary.PLAYED_SEGMENTS: "0[.]10", vocabulary.PROGRESS: 0.5}},
        "context": {
            "extensions": {vocabulary.LENGTH: 20, vocabulary.SESSION_ID: "s1"},
            "contextActivities": {"parent": [{"id": "course-1"}]},
        },
        "timestamp": "2026-11-02T10:00:00.5+01:00",
    }
    return {name: value for name, value in (said | changes).items() if value is not None}


def judged(**changes: Any) -> Statement | BadLine:
    return parse(json.dumps(statement(**changes)).encode(), number=7)


def test_a_statement_is_read_whole() -> None:
    assert judged() == Statement(
        line=7,
        id="9dc99b37-e920-4a68-a066-917faca28949",
        verb=vocabulary.VERBS["https://w3id.org/xapi/video/verbs/paused"],
        actor="https://school.example::bob",
        actor_name="bob",
        video="https://school.example/videos/1",
        video_name="Lecture 1",
        course="course-1",
        session="s1",
        at_ms=1_793_610_000_500,
        length_ms=20_000,
        progress=Decimal("0.5"),
        played=((0, 10_000),),
        covered_ms=10_000,
    )


def test_the_length_is_found_in_the_result_too_as_seeked_statements_carry_it() -> None:
    result = {"extensions": {vocabulary.PLAYED_SEGMENTS: "0[.]10[,]3", vocabulary.LENGTH: 263.24}}
    read_as = judged(result=result, context={})
    assert isinstance(read_as, Statement)
    assert (read_as.length_ms, read_as.open_ends, read_as.course, read_as.session) == (263_240, 1, "", "")


def test_the_registration_stands_in_for_a_session() -> None:
    read_as = judged(result={}, context={"registration": "r1", "contextActivities": {"parent": {"id": "c"}}})
    assert isinstance(read_as, Statement)
    assert (read_as.session, read_as.course, read_as.played) == ("r1", "c", None)


@pytest.mark.parametrize(
    ("actor", "key"),
    [
        ({"mbox": "mailto:bob@school.example"}, "mailto:bob@school.example"),
        ({"mbox_sha1sum": "ab12"}, "ab12"),
        ({"openid": "https://bob.example"}, "https://bob.example"),
    ],
)
def test_every_way_to_name_a_person_is_known(actor: dict[str, str], key: str) -> None:
    read_as = judged(actor=actor)
    assert isinstance(read_as, Statement)
    assert read_as.actor == key


def test_an_unknown_verb_is_kept_by_its_address() -> None:
    read_as = judged(verb={"id": "https://example.org/verbs/liked"})
    assert isinstance(read_as, Statement)
    assert read_as.verb.name == "https://example.org/verbs/liked"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"actor": None}, "missing required field `actor`"),
        ({"verb": {"id": 3}}, "Expected `str`, got `int` - at `$.verb.id`"),
        ({"object": {"id": ""}}, "no id"),
        (
            {"object": {"id": "q", "definition": {"type": "http://adlnet.gov/expapi/activities/question"}}},
            "not a video",
        ),
        ({"actor": {"objectType": "Group", "mbox": "mailto:all@x"}}, "not one person"),
        ({"actor": {"name": "Bob"}}, "no account, mbox"),
        ({"timestamp": None}, "no timestamp"),
        ({"timestamp": "yesterday"}, "not ISO 8601"),
        ({"context": {}}, "no length"),
        ({"context": {"extensions": {vocabulary.LENGTH: 90_000}}}, "24 hours"),
        ({"context": {"extensions": {vocabulary.LENGTH: "NaN"}}}, "24 hours"),
        ({"result": {"extensions": {vocabulary.PROGRESS: 1.5}}}, "between 0 and 1"),
        ({"result": {"extensions": {vocabulary.PROGRESS: "sNaN"}}}, "between 0 and 1"),
        ({"result": {"extensions": {vocabulary.PLAYED_SEGMENTS: "3[.]1"}}}, "runs backwards"),
        ({"result": {"extensions": {vocabulary.PLAYED_SEGMENTS: ["0[.]1"]}}}, "Expected `str | null`"),
    ],
)
def test_a_bad_line_says_why(changes: dict[str, Any], reason: str) -> None:
    bad = judged(**changes)
    assert isinstance(bad, BadLine)
    assert bad.line == 7
    assert reason in bad.reason


@pytest.mark.parametrize(
    "line", [b"{", b"[]", b"null", b"\xff\xfe{}", b"{}", b'{"actor":"\xc3\x28"}', b"[" * 100_000, b"NaN", b'"\\ud800"']
)
def test_what_is_no_statement_is_a_bad_line(line: bytes) -> None:
    assert isinstance(parse(line, number=1), BadLine)


@given(st.binary(max_size=200))
def test_no_bytes_raise(line: bytes) -> None:
    parse(line, number=1)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=20), lambda of: st.lists(of) | of, max_leaves=5
    )
)
def test_no_value_in_any_extension_raises(value: object) -> None:
    for name in vocabulary.EXTENSIONS:
        judged(result={"extensions": {name: value}}, context={"extensions": {name: value}})


def test_a_file_is_read_past_its_bad_lines_and_lines_are_counted_as_an_editor_does() -> None:
    good = json.dumps(statement()).encode()
    huge = b'"' + b"x" * (3 * MAX_LINE_BYTES) + b'"'
    lines = list(read(io.BytesIO(b"\xef\xbb\xbf" + good + b"\r\n\n" + huge + b"\n{oops}\n" + good)))
    assert [(line.line, type(line).__name__) for line in lines] == [
        (1, "Statement"),
        (3, "BadLine"),
        (4, "BadLine"),
        (5, "Statement"),
    ]
    assert isinstance(lines[1], BadLine)
    assert lines[1].reason == "longer than 1,048,576 bytes"
