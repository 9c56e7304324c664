"""The server with the recorder replaced by nothing: tickets, parsing and answers as ever, and nothing kept."""

from typing import Any

from playhead.cli import main
from playhead.core.sections import Sections
from playhead.recorder.operations import RecordBatch, Recorded
from playhead.recorder.recorder import Recorder, Waiting
from playhead.recorder.state import Stand

_STAND = Stand(10_000, 10_000, 10_000, 3_418_050, 0, completed=False)


def _take(self: Recorder, operation: Any, waiting: Waiting) -> None:  # noqa: ARG001
    assert isinstance(operation, RecordBatch)
    credit = Sections((operation.claims[0].m0, operation.claims[0].m1))
    lines: list[tuple[Sections, Sections, list[tuple[str, int]]]] = [(credit, credit, [])]
    said = Recorded(operation.seq, False, lines, _STAND, "clock", False, operation.received_at)  # noqa: FBT003
    waiting.get_loop().call_soon(waiting.set_result, said)


def keep_nothing() -> None:
    Recorder.take = _take  # type: ignore[method-assign]


if __name__ == "__main__":
    keep_nothing()
    main()
