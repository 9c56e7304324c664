"""The server with the recorder replaced by nothing: tickets, parsing and answers as ever, and nothing kept."""

from typing import Any

from playhead.cli import main
from playhead.recorder.operations import RecordBatch, Recorded
from playhead.recorder.state import Stand
from playhead.recorder.taking import Taking, Waiting
from playhead.recorder.workspace import Earned

_STAND = Stand(10_000, 10_000, 10_000, 3_418_050, 0, completed=False)


def _take(self: Taking, operation: Any, waiting: Waiting) -> None:  # noqa: ARG001
    assert isinstance(operation, RecordBatch)
    start_ms, end_ms = operation.claims[0].m0, operation.claims[0].m1
    lines = [Earned([(start_ms, end_ms)], end_ms - start_ms, end_ms - start_ms, [])]
    said = Recorded(operation.seq, False, lines, _STAND, "clock", False, operation.received_at)  # noqa: FBT003
    waiting.get_loop().call_soon(waiting.set_result, said)


def keep_nothing() -> None:
    Taking.take = _take  # type: ignore[method-assign]


if __name__ == "__main__":
    keep_nothing()
    main()
