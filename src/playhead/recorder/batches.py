"""The wire's batch as strict types: parsed once at the door, and again from the journal in a replay."""

from typing import Annotated, Any, cast

import msgspec

from playhead.core import limits
from playhead.core.credit import Claim
from playhead.core.errors import Invalid
from playhead.core.events import EVENTS

# JSON numbers are exact up to 2^53 in every browser.
_Exact = Annotated[int, msgspec.Meta(ge=-limits.INTEGER_MAX, le=limits.INTEGER_MAX)]
_Natural = Annotated[int, msgspec.Meta(ge=0, le=limits.INTEGER_MAX)]
_Word = Annotated[str, msgspec.Meta(max_length=limits.EVENT_TEXT)]


class Section(msgspec.Struct, forbid_unknown_fields=True, frozen=True, gc=False):
    """A claim as it travels: playback wall ms, media ms, rate in thousandths, and how it was watched."""

    t0: _Exact
    t1: _Exact
    m0: _Exact
    m1: _Exact
    rate: _Natural = 1000
    visible: bool = True
    muted: bool = False
    pip: bool = False
    end: _Word = "beat"


class EventBase(msgspec.Struct, forbid_unknown_fields=True, frozen=True, gc=False, tag_field="type"):
    t: _Exact
    m: _Exact
