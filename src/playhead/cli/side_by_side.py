"""Viewers side by side: each depends on nobody else, so that every processor can replay some of them."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from playhead.cli.terminal import counting

if TYPE_CHECKING:
    from playhead.recorder.store import Store

_AT_ONCE: Final = 16  # viewers: what one transaction replaces
_ALONE: Final = 64  # for so few viewers, starting processes would take longer than their work

Viewers = Sequence[tuple[int, str]]
Found = TypeVar("Found")


class Place:
    """A process's own connection to the database, and its way into the archive."""

    def __init__(self, database: str, archive: Path) -> None:
        from playhead.analytics.archive import Bodies
        from playhead.recorder.databases import open_store

        self.store: Store = open_store(database)
        self.bodies: Bodies = Bodies(self.store, archive)


_mine: list[Place] = []


def for_all(work: Callable[[Place, Viewers], list[Found]], viewers: Viewers, *, label: str) -> Iterator[Found]:
    """What `work` finds for each viewer, in their order. It is a function of a module, and raises our own errors."""
    from django.conf import settings

    given = (settings.TRACKING_DATABASE, settings.PLAYHEAD_ARCHIVE)
    slices = [viewers[start : start + _AT_ONCE] for start in range(0, len(viewers), _AT_ONCE)]
    with counting(len(viewers), label=label) as shown:
        if len(viewers) <= _ALONE:
            place = Place(*given)
            for some in slices:
                yield from work(place, some)
                shown.update(len(some))
            place.store.close()
            return
        # Spawned, not forked: a SQLite connection must not be carried into another process.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(os.cpu_count(), context, initializer=_begin, initargs=given) as processes:
            for found in processes.map(_go_on, [work] * len(slices), slices):
                yield from found
                shown.update(len(found))


def _begin(database: str, archive: Path) -> None:
    _mine.append(Place(database, archive))


def _go_on(work: Callable[[Place, Viewers], list[Found]], some: Viewers) -> list[Found]:
    return work(_mine[0], some)
