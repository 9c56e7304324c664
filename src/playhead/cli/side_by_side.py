"""Work side by side: a viewer, and a playback, depends on no other, so that every processor can take some of them."""

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from playhead.cli.terminal import counting

if TYPE_CHECKING:
    from playhead.recorder.store import Store

_AT_ONCE: Final = 16  # viewers: what one transaction replaces
_ALONE: Final = 64  # for so few viewers, starting processes would take longer than their work

Viewers = Sequence[tuple[int, str]]
Item = TypeVar("Item")
Found = TypeVar("Found")


class Place:
    """A process's own connection to the database, and its way into the archive."""

    def __init__(self, database: str, archive: Path) -> None:
        from playhead.analytics.archive import Bodies
        from playhead.recorder.databases import open_store

        self.store: Store = open_store(database)
        self.archive = archive
        self.bodies: Bodies = Bodies(self.store, archive)


class Crew:
    """This process alone, or one for each processor. What they are given to do is a function of a module."""

    def __init__(self, place: Place | None = None, processes: ProcessPoolExecutor | None = None) -> None:
        self._place = place
        self._processes = processes
        self.size = 1 if processes is None else os.cpu_count() or 1

    def each(self, work: Callable[[Place, Item], Found], items: Sequence[Item]) -> Iterable[Found]:
        """What `work` makes of each item, in their order. Raises our own errors."""
        if self._processes is not None:
            return self._processes.map(_go_on, [work] * len(items), items)
        assert self._place is not None
        place = self._place
        return (work(place, item) for item in items)

    def for_all(
        self, work: Callable[[Place, Viewers], list[Found]], viewers: Viewers, *, label: str
    ) -> Iterator[Found]:
        """What `work` finds for each viewer, in their order, with a bar; it gets a few of them at a time."""
        slices = [viewers[start : start + _AT_ONCE] for start in range(0, len(viewers), _AT_ONCE)]
        with counting(len(viewers), label=label) as shown:
            for some, found in zip(slices, self.each(work, slices), strict=True):
                yield from found
                shown.update(len(some))


@contextmanager
def crew(viewers: int) -> Iterator[Crew]:
    """Hands for work about so many viewers, for the length of a block."""
    from django.conf import settings

    given = (settings.TRACKING_DATABASE, settings.PLAYHEAD_ARCHIVE)
    if viewers <= _ALONE:
        place = Place(*given)
        with closing(place.store):
            yield Crew(place)
        return
    # Spawned, not forked: a SQLite connection must not be carried into another process.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), context, initializer=_begin, initargs=given) as processes:
        yield Crew(processes=processes)


_mine: list[Place] = []


def _begin(database: str, archive: Path) -> None:
    _mine.append(Place(database, archive))
    gc.disable()  # what is computed here has no cycles, and is very much


def _go_on(work: Callable[[Place, Item], Found], item: Item) -> Found:
    return work(_mine[0], item)
