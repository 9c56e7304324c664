"""One line of a file, one statement: decoded strictly, judged whole, and either a `Statement` or a `BadLine`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Protocol

import msgspec

from playhead.core.errors import Invalid
from playhead.core.sections import Sections
from playhead.interop.xapi import played_segments, vocabulary

MAX_LINE_BYTES: Final = 1024 * 1024
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a statement says about seconds.

    `played` holds its played-segments in their order, overlaps included, and is None where it lists none. `length_ms`
    is None where it is silent about the length.
    """

    line: int
    id: str
    verb: vocabulary.Verb
    actor: str
    actor_name: str
    video: str
    video_name: str
    course: str
    session: str
    at_ms: int
    length_ms: int | None = None
    progress: Decimal | None = None
    played: tuple[tuple[int, int], ...] | None = None
    covered_ms: int = 0
    open_ends: int = 0


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that could not be taken, and why."""

    line: int
    reason: str


class _Account(msgspec.Struct):
    name: str
    home_page: str = msgspec.field(name="homePage")


class _Actor(msgspec.Struct):
    kind: str = msgspec.field(name="objectType", default="Agent")
    name: str | None = None
    account: _Account | None = None
    mbox: str | None = None
    mbox_sha1sum: str | None = None
    openid: str | None = None


class _Named(msgspec.Struct):
    type: str | None = None
    name: dict[str, str] = {}


class _Activity(msgspec.Struct):
    id: str
    definition: _Named = msgspec.field(default_factory=_Named)


class _Verb(msgspec.Struct):
    id: str


class _Extensions(msgspec.Struct):
    length: Decimal | None = msgspec.field(name=vocabulary.LENGTH, default=None)
    progress: Decimal | None = msgspec.field(name=vocabulary.PROGRESS, default=None)
    played_segments: str | None = msgspec.field(name=vocabulary.PLAYED_SEGMENTS, default=None)
    session_id: str | None = msgspec.field(name=vocabulary.SESSION_ID, default=None)


class _Activities(msgspec.Struct):
    parent: list[_Activity] | _Activity = []


class _Context(msgspec.Struct):
    extensions: _Extensions = msgspec.field(default_factory=_Extensions)
    activities: _Activities = msgspec.field(name="contextActivities", default_factory=_Activities)
    registration: str | None = None


class _Result(msgspec.Struct):
    extensions: _Extensions = msgspec.field(default_factory=_Extensions)


class _Line(msgspec.Struct):
    actor: _Actor
    verb: _Verb
    object: _Activity
    id: str = ""
    timestamp: str | None = None
    stored: str | None = None
    at_timestamp: str | None = msgspec.field(name="@timestamp", default=None)
    context: _Context = msgspec.field(default_factory=_Context)
    result: _Result = msgspec.field(default_factory=_Result)


_decoder: Final = msgspec.json.Decoder(_Line)


class Lines(Protocol):
    """An open file of bytes, zipped or not."""

    def readline(self, size: int = -1, /) -> bytes: ...


def read(file: Lines) -> Iterator[Statement | BadLine]:
    """Every line of the file in order; empty lines are passed over. The file's own reading errors go through."""
    number = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES:
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_LINE_BYTES)
            yield BadLine(number, f"longer than {MAX_LINE_BYTES:,} bytes")
        elif line.strip(_BYTE_ORDER_MARK + b" \t\r\n"):
            yield parse(line, number=number)


def parse(line: bytes, *, number: int) -> Statement | BadLine:
    """Judge one line. Whatever the bytes are, nothing is raised."""
    try:
        return _statement(_decoder.decode(line.removeprefix(_BYTE_ORDER_MARK)), number=number)
    except msgspec.ValidationError as error:
        return BadLine(number, f"not a statement: {error}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return BadLine(number, f"not JSON: {error}")
    except Invalid as error:
        return BadLine(number, error.detail)


def _statement(line: _Line, *, number: int) -> Statement:
    kind = line.object.definition.type
    if kind not in (None, vocabulary.VIDEO_ACTIVITY_TYPE):
        raise Invalid("not_a_video", f"its object is not a video but {kind}")
    if not line.object.id:
        raise Invalid("no_video", "its object has no id")
    said = _first_said(line.result.extensions, line.context.extensions)
    actor = _actor_key(line.actor)
    segments = played_segments.parse(said.played_segments) if said.played_segments is not None else None
    if segments is not None and not said.length:
        raise Invalid("no_length", "it lists played-segments but no length")
    return Statement(
        line=number,
        id=line.id,
        verb=vocabulary.VERBS.get(line.verb.id) or vocabulary.Verb(line.verb.id, "not in the table"),
        actor=actor,
        actor_name=line.actor.name or (line.actor.account.name if line.actor.account else actor),
        video=line.object.id,
        video_name=next(iter(line.object.definition.name.values()), "") or line.object.id,
        course=_parent_id(line.context.activities),
        session=said.session_id or line.context.registration or "",
        at_ms=_epoch_ms(line.timestamp or line.at_timestamp or line.stored),
        length_ms=played_segments.decimal_to_ms(said.length) if said.length is not None else None,
        progress=_share(said.progress),
        played=segments.played if segments else None,
        covered_ms=Sections.of(segments.played).length if segments else 0,
        open_ends=segments.open_ends if segments else 0,
    )


def _first_said(result: _Extensions, context: _Extensions) -> _Extensions:
    """Real statements carry `length` in either place; where both speak, the result does."""

    def pick(name: str) -> Any:
        said = getattr(result, name)
        return getattr(context, name) if said is None else said

    return _Extensions(**{name: pick(name) for name in _Extensions.__struct_fields__})


def _actor_key(actor: _Actor) -> str:
    """The one inverse functional identifier that xAPI asks for. Raises Invalid for a group or for nobody."""
    if actor.kind != "Agent":
        raise Invalid("not_a_person", f"its actor is not one person but a {actor.kind}")
    if actor.account and actor.account.name:
        return f"{actor.account.home_page}::{actor.account.name}"
    key = actor.mbox or actor.mbox_sha1sum or actor.openid
    if not key:
        raise Invalid("no_actor", "its actor has no account, mbox, mbox_sha1sum or openid")
    return key


def _parent_id(activities: _Activities) -> str:
    """The course run it was watched in; early statements wrote one activity where a list belongs."""
    parent = activities.parent
    listed = parent if isinstance(parent, list) else [parent]
    return listed[0].id if listed else ""


def _epoch_ms(text: str | None) -> int:
    """ISO 8601 as whole epoch milliseconds, UTC where no offset is given. Raises Invalid."""
    if text is None:
        raise Invalid("no_time", "it has no timestamp")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("bad_time", f"its time {text[:40]!r} is not ISO 8601") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


def _share(progress: Decimal | None) -> Decimal | None:
    if progress is not None and not (progress.is_finite() and 0 <= progress <= 1):
        raise Invalid("bad_progress", f"its progress {str(progress)[:40]} is not between 0 and 1")
    return progress
