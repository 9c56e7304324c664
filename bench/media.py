"""Packaging an upload beside plain ffmpeg with the same qualities; segments beside nginx with the same files.

Both sides of the first encode the same film to the same ladder in one pass, with the same niceness; beyond that
packaging looks at the file, makes stills and a storyboard, encrypts and syncs. What other programs on the machine do to
the clock they do not do to the processor time, which stands beside it. Of the second, one side asks nobody, the other
checks a ticket, the state of its playback and the pace, and has the delivery written down and synced before the first
byte leaves.
"""

import os
import random
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.kit import nginx
from bench.kit.processes import Server, environment, free_port, playhead
from bench.kit.rows import Row
from bench.load import films
from bench.load.clients import Answer, get
from bench.load.generator import Load

ROUNDS = int(os.environ.get("ROUNDS", 3))
SECONDS = float(os.environ.get("SECONDS", 3))
_FILM_S = int(os.environ.get("FILM_S", 12))
_SHOWN_S = 40
_MOST = 1.15
_CONNECTIONS = 16
_VIEWERS = 200  # each may have 300 s of media at once


def measure() -> list[Row]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playhead.settings")
    import django

    django.setup()
    with tempfile.TemporaryDirectory(prefix="ph-media-") as name:
        folder = Path(name)
        source = films.make(folder / "film.mp4", size="1280x720", seconds=_FILM_S)
        return [*_packaging(source, folder), *_delivery(folder)]


# --- Packaging.


@dataclass(frozen=True, slots=True)
class Turn:
    clock_s: float
    processor_s: float


def _packaging(source: Path, folder: Path) -> list[Row]:
    turns = [(_plain(source, folder), _packaged(source, folder)) for _ in range(ROUNDS)]
    clocks = [(plain.clock_s, ours.clock_s) for plain, ours in turns]
    processors = [(plain.processor_s, ours.processor_s) for plain, ours in turns]
    return [
        _taken(f"packaging {_FILM_S} s of 720p, by the clock", clocks),
        _compared("beside plain ffmpeg, by the clock", clocks),
        _taken("the same, processor time", processors),
        _compared("beside plain ffmpeg, processor time", processors),
    ]


def _taken(measure: str, turns: Sequence[tuple[float, float]]) -> Row:
    plain_s, ours_s = (statistics.median(times) for times in zip(*turns, strict=True))
    return Row(measure, round(ours_s, 2), "s", peer=f"plain ffmpeg: {plain_s:.2f} s")


def _compared(measure: str, turns: Sequence[tuple[float, float]]) -> Row:
    ratios = [ours / plain for plain, ours in turns]
    ratio = statistics.median(ratios)
    goal = f"<= {_MOST} x plain ffmpeg"
    return Row(measure, round(ratio, 3), "x", goal, ratio <= _MOST, f"{min(ratios):.2f} to {max(ratios):.2f}")


@contextmanager
def _timed() -> Iterator[list[Turn]]:
    """What the block takes, of this process and of those it has started and waited for."""
    turns: list[Turn] = []
    started, before = time.perf_counter(), _processor_s()
    yield turns
    turns.append(Turn(time.perf_counter() - started, _processor_s() - before))


def _processor_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _plain(source: Path, folder: Path) -> Turn:
    """The same qualities as ffmpeg makes them, in the clear."""
    from playhead.media.confine import reading
    from playhead.media.ffmpeg import run_ffmpeg
    from playhead.media.ladder import ladder, packaging
    from playhead.media.probe import examine

    facts = examine(source)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        rungs = ladder(facts)
        for rung in rungs:
            (Path(name) / rung.name).mkdir()
        arguments = [*reading(str(source)), *packaging(facts, rungs)]
        with _timed() as turns:
            list(run_ffmpeg(arguments, folder=Path(name), before=["nice", "-n", "10"]))
    return turns[0]


def _packaged(source: Path, folder: Path) -> Turn:
    from playhead.media.packaging import Lock, package
    from playhead.media.store import Folder

    with tempfile.TemporaryDirectory(dir=folder) as desk, tempfile.TemporaryDirectory(dir=folder) as stored:
        lock = Lock("a_bench", b"m" * 32, b"s" * 16)
        with _timed() as turns:
            package(source, lock=lock, store=Folder(Path(stored)), desk=Path(desk), progress=lambda _percent: None)
    return turns[0]


# --- Delivery.


class Viewer:
    """Asks for one segment after the other, in any order, each at most once."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = list(paths)
        random.Random(len(paths)).shuffle(self._paths)
        self._next = 0
        self.bytes = 0

    def request(self) -> bytes:
        self._next += 1
        return get(self._paths[self._next % len(self._paths)])

    def answered(self, answer: Answer) -> bool:
        self.bytes += len(answer.body)
        return answer.status == 200


def _delivery(folder: Path) -> list[Row]:
    """Three sides over the same files, taking turns: ours, ours behind nginx, and nginx that asks nobody."""
    source = films.make(folder / "short.mp4", size="640x360", seconds=_SHOWN_S)
    data, other = folder / "data", folder / "other"
    film = films.film(data, source, viewers=_VIEWERS)
    shutil.copytree(data, other)
    with ExitStack() as stack:
        alone = stack.enter_context(_server(data, folder / "alone"))
        sides = {"Playhead": (alone.port, _ours(film))}
        if nginx.program() is not None:
            behind = stack.enter_context(_server(other, folder / "behind", PLAYHEAD_ACCEL="/stored/"))
            documented = nginx.documented(upstream=behind.port, videos=other / "videos")
            before = stack.enter_context(nginx.nginx(folder / "before", documented))
            sides["Playhead behind nginx"] = (before.port, _ours(film))
            files = stack.enter_context(nginx.nginx(folder / "files", nginx.files_alone(data / "videos")))
            names = [f"/stored/{film.asset}/{name}" for name in film.names]
            sides[f"nginx {nginx.version()} alone"] = (files.port, [Viewer(names) for _ in range(_CONNECTIONS)])
        measured = _turns(sides)
    return _rows(measured, film, data)


def _ours(film: films.Film) -> list[Viewer]:
    paths = [[f"/hls/{ticket}/{name}" for name in film.names] for ticket in film.tickets]
    return [Viewer(own) for own in paths]


def _server(data: Path, place: Path, **settings: str) -> Server:
    port = free_port()
    env = environment(data, PORT=str(port), **settings)
    return Server(playhead(), port=port, log=place.with_suffix(".log"), env=env)


def _turns(sides: dict[str, tuple[int, list[Viewer]]]) -> dict[str, list[float]]:
    """Megabytes a second of each, round by round."""
    measured: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, (port, viewers) in sides.items():
            before = sum(viewer.bytes for viewer in viewers)
            with Load(port, viewers, connections=_CONNECTIONS) as load:
                outcome = load.run(SECONDS)
            assert set(outcome.statuses) == {200}, outcome.statuses
            measured[name].append((sum(viewer.bytes for viewer in viewers) - before) / 1e6 / outcome.elapsed_s)
    return measured


def _rows(measured: dict[str, list[float]], film: films.Film, data: Path) -> list[Row]:
    sizes = [(data / "videos" / film.asset / name).stat().st_size for name in film.names]
    said = f"{_CONNECTIONS} connections, segments of {statistics.mean(sizes) / 1000:.0f} kB"
    return [
        Row(f"segments from {name}", round(statistics.median(rates), 1), "MB/s", peer=f"{_spread(rates)}; {said}")
        for name, rates in measured.items()
    ]


def _spread(rates: Sequence[float]) -> str:
    return f"{min(rates):.0f} to {max(rates):.0f}"
