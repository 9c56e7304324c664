"""The demo's term: three courses, forty students and five weeks, written down so that each demo shows the same one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from playhead.cli.simulation.player import Player
from playhead.cli.simulation.script import Script
from playhead.cli.simulation.tempers import (
    DILIGENT,
    FIVE_TABS,
    FORGES,
    GAVE_UP,
    SKIPPING,
    STRUGGLING,
    STUCK,
    Parts,
    Span,
    Temper,
)
from playhead.core import limits
from playhead.lms.seed import COURSE_KEY
from playhead.recorder.policy import Policy

DAYS: Final = 33
_DAY_MS: Final = 24 * 3600 * 1000
_MINUTE_MS: Final = 60_000
_SEED: Final = 2026


@dataclass(frozen=True, slots=True)
class Lesson:
    """A video over one of the sample clips, by the name of the clip; `hard` is what confuses and `dull` what bores,
    in ms."""

    clip: str
    title: str
    description: str
    hard: Span = None
    dull: Span = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A course, and who is in it: every so-many-th student, beginning with the number `first`."""

    key: str
    title: str
    description: str
    lessons: tuple[Lesson, ...]
    every: int = 1
    first: int = 0
    policy: Policy = field(default_factory=Policy)


ALIASING: Final = (54_000, 90_000)  # the slides "The sampling theorem" and "Aliasing"
DULL: Final = (62_000, 84_000)
_WAVES, _ADDING, _SAMPLING = "waves-in-a-minute", "adding-waves", "from-sound-to-numbers"


FIRST: Final = Plan(
    COURSE_KEY,
    "",
    "",
    # The school's own course, which has these videos under their own titles.
    (Lesson(_WAVES, "", ""), Lesson(_ADDING, "", "", dull=DULL), Lesson(_SAMPLING, "", "", hard=ALIASING)),
)
SECOND: Final = Plan(
    "c_digital_signals",
    "Digital signals",
    "Sampling, filters and noise, for those who will build things with them.",
    (
        Lesson(_ADDING, "Superposition, a refresher", "Sums of sines, and what beats are."),
        Lesson(_SAMPLING, "Sampling and aliasing", "How often is often enough?"),
        Lesson(_WAVES, "The words we use", "Wavelength, amplitude, frequency."),
    ),
    every=2,
    policy=Policy(threshold_percent=90),
)
THIRD: Final = Plan(
    "c_physics_of_music",
    "Physics of music",
    "Why instruments sound as they do. In this course, what comes after a skipped part does not count.",
    (
        Lesson(_WAVES, "What a tone is", "From a string to a wave."),
        Lesson(_ADDING, "Two strings, almost in tune", "Where the beats come from."),
        Lesson(_SAMPLING, "What a recording keeps", "And what it loses."),
    ),
    every=3,
    first=1,
    policy=Policy(no_skip=True),
)
COURSES: Final = (FIRST, SECOND, THIRD)
LESSONS: Final = tuple((course, lesson) for course in COURSES for lesson in course.lessons)

NAMES: Final = (
    "Amara Okafor", "Anna Kowalska", "Ben Carter", "Camille Moreau", "Carlos Méndez", "Chen Wei", "Chloé Dubois",
    "Dmitri Volkov", "Elif Yılmaz", "Emma Larsen", "Fatima Zahra", "Felix Braun", "Grace Mwangi", "Hana Novák",
    "Ibrahim Diallo", "Ines Ferreira", "Isla MacLeod", "Jack O’Brien", "Jana Horvat", "김지우", "Kofi Mensah",
    "Lars Nilsson", "Leila Haddad", "Lucía Torres", "Mallory Moss", "Marek Zieliński", "Mei Tanaka", "Mina Park",
    "Noah Schmidt", "Nora Lindqvist", "Oliver Grant", "Oscar Petrov", "Priya Nair", "Rania Saleh", "Ravi Patel",
    "Rosa Bianchi", "Samuel Adeyemi", "Sofia Rossi", "Tomás Silva", "王芳",
)  # fmt: skip

_TEMPERS: Final[dict[int, Temper]] = {
    **dict.fromkeys((1, 6, 9, 14, 22, 33, 36), STRUGGLING),
    **dict.fromkeys((3, 11, 17, 26, 38), SKIPPING),
    16: GAVE_UP,
    19: STUCK,
    24: FORGES,
    31: FIVE_TABS,
}
NEED_HELP: Final = frozenset({16, 19})
"""In the first course; beside them Bob, who has begun nothing of it."""


_HOURS: Final = (8, 10, 12, 14, 16, 17, 18, 19, 20, 20, 21, 21, 22)


def temper(student: int) -> Temper:
    return _TEMPERS.get(student, DILIGENT)


def students_of(course: Plan) -> range:
    return range(course.first, len(NAMES), course.every)


def scripts(durations_ms: Sequence[int]) -> list[Script]:
    """Every student's term, Bob's last; videos are numbered as in `LESSONS`, times count from the first midnight."""
    return [*(_student(number, durations_ms) for number in range(len(NAMES))), _bob(durations_ms)]


def _student(student: int, durations_ms: Sequence[int]) -> Script:
    script = _script(student, durations_ms)
    for at_ms, video in sorted(_sessions(student, script.random)):
        script.now_ms = max(script.now_ms + _MINUTE_MS, at_ms)  # whoever is still busy begins later
        lesson = LESSONS[video][1]
        temper(student).take(script, video, Parts(lesson.hard, lesson.dull))
    return script


def _sessions(student: int, random: Random) -> Iterator[tuple[int, int]]:
    """When this student sits down to which video: most in the week before it is due, some again before the end."""
    for video, (course, lesson) in enumerate(LESSONS):
        if student not in students_of(course):
            continue
        due_day = DAYS * (course.lessons.index(lesson) + 1) // len(course.lessons)
        if random.randrange(1000) < temper(student).begins:
            yield _sometime(random.randrange(due_day - 7, due_day), random), video
        if random.randrange(1000) < temper(student).again:
            yield _sometime(random.randrange(due_day - 1, DAYS), random), video


def _bob(durations_ms: Sequence[int]) -> Script:
    """All of the second course's first video, and half of its second, yesterday: so that there is where to go on."""
    script = _script(len(NAMES), durations_ms)
    whole, half = len(FIRST.lessons), len(FIRST.lessons) + 1
    script.now_ms = _sometime(DAYS // 3, script.random)
    Player(script, whole).play(durations_ms[whole])
    script.now_ms = _sometime(DAYS - 1, script.random)
    Player(script, half).play(durations_ms[half] // 2)
    return script


def _script(student: int, durations_ms: Sequence[int]) -> Script:
    random = Random(f"term {_SEED} {student}")  # noqa: S311 - repeatable, and nothing secret
    return Script(student, random, list(durations_ms), 0, limits.RATE_POLICY_DEFAULT)


def _sometime(day: int, random: Random) -> int:
    """An hour of this day at which people sit down to watch, mostly in the evening."""
    return day * _DAY_MS + random.choice(_HOURS) * 60 * _MINUTE_MS + random.randrange(60 * _MINUTE_MS)
