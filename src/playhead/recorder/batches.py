"""The wire's batch as strict types: parsed once at the door, and again from the journal in a replay."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, Union

import msgspec

from playhead.core import limits
from playhead.core.credit import Claim
from playhead.core.errors import Invalid
from playhead.core.events import COMMON, EVENTS, EventType, Field

Parsed = TypeVar("Parsed")
_Integer = Annotated[int, msgspec.Meta(ge=-limits.INTEGER_MAX, le=limits.INTEGER_MAX)]
_Natural = Annotated[int, msgspec.Meta(ge=0, le=limits.INTEGER_MAX)]
_End = Literal[
    "beat", "pause", "seeking", "ended", "ratechange", "waiting", "hidden", "visible", "emptied", "pagehide", "loop",
    "muted", "pip", "stop",
]  # fmt: skip


class Section(msgspec.Struct, forbid_unknown_fields=True, frozen=True, gc=False):
    """A claim as it travels: playback wall ms, media ms, rate in thousandths, how it was watched, and why it ended."""

    t0: _Integer
    t1: _Integer
    m0: _Integer
    m1: _Integer
    rate: _Natural = limits.RATE_NORMAL
    visible: bool = True
    muted: bool = False
    pip: bool = False
    end: _End = "beat"


def _event_struct(event: EventType) -> type[msgspec.Struct]:
    """A strict type for one kind of event, out of the vocabulary's table."""
    needed = [(name, _annotation(rule)) for name, rule in (dict(COMMON) | dict(event.fields)).items() if rule.required]
    free = [
        (name, Union[_annotation(rule), msgspec.UnsetType], msgspec.UNSET)  # noqa: UP007 - built at run time
        for name, rule in event.fields.items()
        if not rule.required
    ]
    return msgspec.defstruct(
        event.name,
        [*needed, *free],
        tag_field="type",
        tag=event.name,
        forbid_unknown_fields=True,
        frozen=True,
        gc=False,
    )


def _annotation(rule: Field) -> Any:
    if rule.type == "integer":
        return Annotated[int, msgspec.Meta(ge=rule.minimum, le=rule.maximum)]
    return Annotated[str, msgspec.Meta(max_length=rule.maximum)] if rule.type == "text" else bool


_STRUCTS = {name: _event_struct(event) for name, event in EVENTS.items()}
_PRESENT = _STRUCTS["present"]

if TYPE_CHECKING:
    Event = msgspec.Struct
else:
    Event = Union[tuple(_STRUCTS.values())]  # noqa: UP007 - built at run time


class Batch(msgspec.Struct, forbid_unknown_fields=True, frozen=True, gc=False):
    """What the tracker sends after the ticket; `sent` is the playback's wall time at sending, in ms."""

    seq: _Natural
    sent: _Integer
    sections: Annotated[list[Section], msgspec.Meta(max_length=limits.SECTIONS_PER_BATCH)]
    events: Annotated[list[Event], msgspec.Meta(max_length=limits.EVENTS_PER_BATCH)]

    def claims(self) -> list[Claim]:
        return _claims(self.sections)

    def answers(self) -> list[str]:
        """The names of the presence prompts that it answers. Hardly any batch does: it must cost the others nothing."""
        if _PRESENT not in map(type, self.events):
            return []
        return [str(getattr(event, "prompt")) for event in self.events if isinstance(event, _PRESENT)]  # noqa: B009 - made at run time


class _Claimed(msgspec.Struct, gc=False):
    sections: list[Section]


def _claims(sections: list[Section]) -> list[Claim]:
    return [_new(Claim, _values(section)[:_CLAIM]) for section in sections]


_new, _values = tuple.__new__, msgspec.structs.astuple
_CLAIM = len(Claim._fields)
assert Section.__struct_fields__[:_CLAIM] == Claim._fields  # a section begins with what it claims
_decode = msgspec.json.Decoder(Batch).decode
_decode_claimed = msgspec.json.Decoder(_Claimed).decode


def parse_batch(body: bytes) -> Batch:
    """Parse a batch strictly. Raises Invalid, and nothing else, whatever bytes come."""
    return _parsed(_decode, body)


def parse_again(body: bytes) -> tuple[list[Claim], list[str]]:
    """Claims and answers of a batch that was taken before. Raises Invalid, and nothing else.

    Its events are most of it. Where none can be an answer, however it was written, they are passed over.
    """
    if b'"present"' in body or b"\\" in body:
        batch = parse_batch(body)
        return batch.claims(), batch.answers()
    return _claims(_parsed(_decode_claimed, body).sections), []


def _parsed(decode: Callable[[bytes], Parsed], body: bytes) -> Parsed:
    try:
        return decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("batch_invalid", str(error)) from None
