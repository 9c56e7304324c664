"""The closed vocabulary of events: what a player did, in one word for one thing.

The canon are the event names of the HTML media element (HTML standard, 4.8.11.16 "Events summary"). A player that has
another name for the same thing is translated by the tracker before sending (`natives`); a name is added only for what
the media element does not know. Events are a record, for charts and for people, and never proof: only claimed sections
earn credit. The table itself is in `vocabulary.py`.

On the wire an event is `{"type": name, "t": wall ms of the playback, "m": media ms, ...fields}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from playhead.core.errors import Invalid
from playhead.core.vocabulary import COMMON, TABLE, EventType, Field

__all__ = ["COMMON", "EVENTS", "EventType", "Field", "as_table", "check_event"]

EVENTS: Final[dict[str, EventType]] = {event.name: event for event in TABLE}

_FIELDS: Final = {event.name: {**COMMON, **event.fields} for event in TABLE}
_REQUIRED: Final = {
    name: frozenset(field for field, rule in fields.items() if rule.required) for name, fields in _FIELDS.items()
}


def check_event(event: Mapping[str, object]) -> None:
    """Raises Invalid unless the event is one of ours, with all it must have and nothing it may not."""
    name = event.get("type")
    if type(name) is not str or name not in _FIELDS:
        raise Invalid("event_unknown", "an event has a type out of the agreed vocabulary")
    for key, value in event.items():
        if key != "type":
            _check_field(name, key, value)
    missing = _REQUIRED[name] - event.keys()
    if missing:
        raise Invalid("event_field_missing", f"{name} needs {', '.join(sorted(missing))}")


def _check_field(name: str, key: str, value: object) -> None:
    rule = _FIELDS[name].get(key)
    if rule is None:
        raise Invalid("event_field_unknown", f"{name} has a field that it should not have")
    if not _fits(value, rule):
        raise Invalid("event_field_invalid", f"{name}.{key} must be {_wanted(rule)}")


def _fits(value: object, rule: Field) -> bool:
    # type() and not isinstance(): a bool is no integer on the wire
    if rule.type == "integer":
        return type(value) is int and rule.minimum <= value <= rule.maximum
    if rule.type == "text":
        return type(value) is str and len(value) <= rule.maximum
    return type(value) is bool


def _wanted(rule: Field) -> str:
    """A field's rule for people."""
    if rule.type == "integer":
        return f"a whole number from {rule.minimum} to {rule.maximum}"
    return f"a text of at most {rule.maximum} characters" if rule.type == "text" else "true or false"


def as_table() -> list[dict[str, object]]:
    """The vocabulary as plain data, in order: what `contract/events.json` and the reference page are made from."""
    return [
        {
            "name": event.name,
            "source": event.source,
            "meaning": event.meaning,
            "fields": [_field_row(name, rule) for name, rule in {**COMMON, **event.fields}.items()],
            "natives": {player: list(names) for player, names in event.natives.items()},
        }
        for event in TABLE
    ]


def _field_row(name: str, rule: Field) -> dict[str, object]:
    row: dict[str, object] = {
        "name": name,
        "type": rule.type,
        "unit": rule.unit,
        "meaning": rule.meaning,
        "required": rule.required,
    }
    if rule.type != "boolean":
        row |= {"minimum": rule.minimum, "maximum": rule.maximum}
    return row
