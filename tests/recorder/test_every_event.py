"""Every kind of event there is, with something in each of its fields, gets into the journal as it was sent."""

import json
from typing import Any

from playhead.core import limits
from playhead.core.events import EVENTS, EventType
from tests.world import World


def full(kind: EventType) -> dict[str, Any]:
    values = {"integer": 1, "text": "x", "boolean": True}
    filled = {name: values[rule.type] for name, rule in kind.fields.items()}
    return {"type": kind.name, "t": 1, "m": 1, **filled}


def test_every_kind_of_event_is_in_the_journal_as_it_was_sent(world: World) -> None:
    sent = [full(kind) for kind in EVENTS.values()]
    opening = world.open()
    for at in range(0, len(sent), limits.EVENTS_PER_BATCH):
        assert world.send(opening, events=sent[at : at + limits.EVENTS_PER_BATCH]).status == 200
    rows = world.rows("SELECT body FROM recorder_journal WHERE kind = 'batch' ORDER BY seq")
    assert [event for (body,) in rows for event in json.loads(bytes(body))["events"]] == sent
