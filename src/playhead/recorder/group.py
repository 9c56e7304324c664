"""One transaction for all operations that waited; each gets its own outcome."""

import logging
from collections.abc import Sequence
from typing import Any

from playhead.core import limits
from playhead.core.errors import PlayheadError, Unavailable
from playhead.recorder.store import Store
from playhead.recorder.workspace import Cache, Operation, Workspace

logger = logging.getLogger(__name__)


def record(store: Store, operations: Sequence[Operation], *, cache: Cache | None = None) -> list[Any]:
    """Apply the operations in their order and commit; returns, for each, its outcome or one of our errors.

    When it returns, everything that is not an error is on disk. If the group fails for a reason that is not the
    storage's, each operation is tried alone, so that one cannot spoil the others. `cache` is for the sole writer.
    """
    try:
        if store.suspect:
            store.mend()
        return _transact_in_turn(store, operations, cache or Cache(0))
    except Exception as error:
        if cache is not None:
            cache.clear()  # its rows were changed, and the change was taken back
        meant = store.explain(error)
        if meant is not None:
            logger.error("storage: %s", error)
            return [meant] * len(operations)
        if len(operations) > 1:
            return [outcome for operation in operations for outcome in record(store, [operation], cache=cache)]
        logger.exception("an operation failed")
        return [Unavailable("failed", "This could not be recorded; nothing was stored.", retry_after_s=30)]


def _transact_in_turn(store: Store, operations: Sequence[Operation], cache: Cache) -> list[Any]:
    """Several recorders may write one PostgreSQL: who loses to another tries again, on the rows as they are then."""
    for tries_left in reversed(range(limits.TRANSACTION_TRIES)):
        try:
            return _transact(store, operations, cache)
        except Exception as error:
            if not tries_left or not store.lost_a_race(error):
                raise
            cache.clear()  # its rows hold what was taken back
            logger.info("another recorder came first; once more: %s", error)
    raise AssertionError("the last try returns or raises")


def _transact(store: Store, operations: Sequence[Operation], cache: Cache) -> list[Any]:
    store.begin()
    try:
        space = Workspace(store, operations, cache)
        outcomes = [_apply(operation, space) for operation in operations]
        space.flush()
        store.commit()
    except BaseException:
        store.rollback()
        raise
    cache.trim()
    return outcomes


def _apply(operation: Operation, space: Workspace) -> Any:
    try:
        return operation.apply(space)
    except PlayheadError as refused:
        return refused
