"""What the class earned, held against what it watched and against what its time could pay for."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from playhead.cli.simulation.cast import Behaviour
from playhead.cli.simulation.player import Honest
from playhead.cli.simulation.script import Script
from playhead.cli.simulation.virtual import Seen
from playhead.core import limits
from playhead.core.sections import EMPTY, Sections

FORGED_MOST_MS: Final = 4_004
"""What two seconds of clock tolerance pay for at 2x: all that a claim forged right after opening can earn."""


@dataclass(slots=True)
class Earned:
    """What the tables hold for one student: coverage by video number, and the sum of all credits."""

    coverage: dict[int, Sections] = field(default_factory=dict)
    watched_ms: int = 0

    @property
    def covered_ms(self) -> int:
        return sum(sections.length for sections in self.coverage.values())


@dataclass(frozen=True, slots=True)
class Student:
    behaviour: Behaviour
    script: Script
    seen: Seen
    earned: Earned
    bound_ms: int

    @property
    def true_ms(self) -> int:
        return sum(sections.length for sections in self.script.covered.values())


@dataclass(slots=True)
class Row:
    """All students of one behaviour together."""

    students: int = 0
    true_ms: int = 0
    covered_ms: int = 0
    watched_ms: int = 0
    bound_ms: int = 0
    refused_ms: Counter[str] = field(default_factory=Counter)
    turned_away: Counter[str] = field(default_factory=Counter)

    def add(self, student: Student) -> None:
        self.students += 1
        self.true_ms += student.true_ms
        self.covered_ms += student.earned.covered_ms
        self.watched_ms += student.earned.watched_ms
        self.bound_ms += student.bound_ms
        self.refused_ms += student.seen.refused_ms
        self.turned_away += Counter({name: n for name, n in student.seen.answers.items() if name != "recorded"})


def bound_ms(seen: Seen, *, max_rate: int) -> int:
    """Invariant I1: the union of `[opened_at, last received_at + 2 s)` over playbacks, times highest rate and 1.001."""
    stretches = [
        (seen.opened_at[playback], last + limits.CLOCK_TOLERANCE_MS) for playback, last in seen.last_received_at.items()
    ]
    return Sections.of(stretches).length * max_rate * limits.DRIFT_RATE // 1_000_000


def rows(students: Iterable[Student]) -> dict[str, Row]:
    """The table, by behaviour, in the order in which behaviours first appear."""
    table: dict[str, Row] = {}
    for student in students:
        table.setdefault(student.behaviour.name, Row()).add(student)
    return table


def faults(students: list[Student]) -> list[str]:
    """Everything that must not be, one line each; empty when every promise held."""
    found = [fault for student in students for fault in _faults_of(student)]
    by_name: dict[str, list[Student]] = {}
    for student in students:
        by_name.setdefault(student.behaviour.name, []).append(student)
    for tabs in by_name.get("five tabs", []):
        most_ms = max((one.earned.watched_ms for one in by_name["one tab (measure)"]), default=0)
        most_ms += limits.CLOCK_TOLERANCE_MS * tabs.script.max_rate * limits.DRIFT_RATE // 1_000_000
        if tabs.earned.watched_ms * 1000 > most_ms * limits.DRIFT_RATE:
            found.append(f"{_name(tabs)}: five tabs earned {tabs.earned.watched_ms} ms, one tab {most_ms} ms")
    return found


def _faults_of(student: Student) -> Iterable[str]:
    earned, script = student.earned, student.script
    if isinstance(student.behaviour, Honest):
        for video, watched in script.covered.items():
            got = earned.coverage.get(video, EMPTY)
            if got != watched:
                lost, extra = (watched - got).length, (got - watched).length
                yield f"{_name(student)}: video {video}: {lost} ms lost, {extra} ms never watched"
        if earned.watched_ms != script.watched_ms:
            yield f"{_name(student)}: {script.watched_ms} ms watched in all, {earned.watched_ms} ms credited"
    if earned.watched_ms > student.bound_ms:
        yield f"{_name(student)}: {earned.watched_ms} ms credited, {student.bound_ms} ms possible (I1)"
    if student.behaviour.name == "forged 0 to end":
        most_ms = max((sections.length for sections in earned.coverage.values()), default=0)
        if most_ms > FORGED_MOST_MS:
            yield f"{_name(student)}: a forged claim earned {most_ms} ms"
    if student.behaviour.name in {"other's ticket", "altered ticket"} and earned.watched_ms:
        yield f"{_name(student)}: {earned.watched_ms} ms earned with a ticket that is not theirs"


def _name(student: Student) -> str:
    return f"student {student.script.student + 1} ({student.behaviour.name})"
