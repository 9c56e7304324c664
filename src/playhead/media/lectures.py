"""The three sample lectures, as data: what is said on each slide and which curves are drawn under it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Curve:
    """A sum of sine waves `(height_px, length_px)`, drawn around `y`; it travels, or stands with `stems` every n px."""

    waves: tuple[tuple[int, int], ...]
    y: int = 392
    faint: bool = False
    speed_px: int = 80  # a second, to the left; 0 stands still
    stems: int = 0


@dataclass(frozen=True, slots=True)
class Slide:
    heading: str
    points: tuple[str, ...]
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class Lecture:
    """`tone_hz` is the quiet hum under it; colours are RRGGBB."""

    name: str
    title: str
    description: str
    seconds: int
    paper: str
    accent: str
    tone_hz: int
    slides: tuple[Slide, ...]


_LONG = ((70, 420),)
_SHORT = ((70, 140),)
_SUM = ((40, 280), (28, 140))

WAVES = Lecture(
    name="waves-in-a-minute",
    title="Waves in one minute",
    description="What moves when a wave passes, and the three numbers that describe it.",
    seconds=60,
    paper="0E1B2E",
    accent="5AB0FF",
    tone_hz=196,
    slides=(
        Slide(
            "What is a wave?",
            ("A disturbance that travels", "The water stays, the shape moves on", "It carries energy, not matter"),
            (Curve(_LONG),),
        ),
        Slide(
            "Wavelength",
            ("The distance from crest to crest", "Short waves carry fine detail", "Long waves bend around corners"),
            (Curve(_LONG, faint=True), Curve(_SHORT)),
        ),
        Slide(
            "Amplitude",
            ("How far it swings from rest", "Twice the height, four times the energy", "The ear hears it as loudness"),
            (Curve(((30, 280),), faint=True), Curve(((75, 280),))),
        ),
        Slide(
            "Frequency",
            ("How many crests pass each second", "Speed = wavelength x frequency", "The ear hears it as pitch"),
            (Curve(_SHORT, speed_px=140),),
        ),
    ),
)

ADDING = Lecture(
    name="adding-waves",
    title="Adding waves",
    description="Two waves in one place simply add up: from silence to beats.",
    seconds=120,
    paper="11231F",
    accent="4FD1A5",
    tone_hz=220,
    slides=(
        Slide(
            "Two waves, one place",
            ("They pass through each other", "Where they meet, heights add", "Afterwards each goes on as before"),
            (Curve(((40, 280),), faint=True), Curve(((28, 140),))),
        ),
        Slide(
            "The sum",
            ("Add the heights, point by point", "The result is a wave again", "Its shape repeats with the longer one"),
            (Curve(_SUM),),
        ),
        Slide(
            "In step",
            ("Crest meets crest", "The sum is twice as high", "Two loudspeakers, one louder tone"),
            (Curve(((36, 210),), faint=True), Curve(((72, 210),))),
        ),
        Slide(
            "Out of step",
            ("Crest meets trough", "The sum is nothing at all", "Headphones cancel noise this way"),
            (Curve(((60, 210),), faint=True), Curve(((-60, 210),), faint=True), Curve(((0, 210),))),
        ),
        Slide(
            "Almost the same",
            ("Two tones close in pitch", "Now in step, now out of step", "The loudness beats, slowly"),
            (Curve(((36, 60), (36, 70))),),
        ),
        Slide(
            "Any shape at all",
            ("Enough sines make any wave", "Fourier found how much of each", "Next: turning the sum into numbers"),
            (Curve(((60, 420), (20, 140), (12, 84))),),
        ),
    ),
)

_STILL = Curve(((70, 420),), speed_px=0, faint=True)

SAMPLING = Lecture(
    name="from-sound-to-numbers",
    title="From sound to numbers",
    description="How a microphone's wave becomes a list of numbers, and what gets lost on the way.",
    seconds=180,
    paper="241A2E",
    accent="F2A65A",
    tone_hz=165,
    slides=(
        Slide(
            "A wave in a wire",
            ("A microphone follows the air", "Its voltage is the wave", "A computer stores numbers, not waves"),
            (Curve(_SUM),),
        ),
        Slide(
            "Taking samples",
            ("Measure the height", "Wait a fixed time, measure again", "The list of heights is the recording"),
            (_STILL, Curve(((70, 420),), speed_px=0, stems=42)),
        ),
        Slide(
            "How often?",
            ("Too few samples miss the shape", "More samples, more to store", "A compact disc takes 44,100 a second"),
            (_STILL, Curve(((70, 420),), speed_px=0, stems=21)),
        ),
        Slide(
            "The sampling theorem",
            ("Two samples per wave are the limit", "Above it, nothing is lost", "Nyquist 1928, Shannon 1949"),
            (Curve(_SHORT, speed_px=0, faint=True), Curve(_SHORT, speed_px=0, stems=35)),
        ),
        Slide(
            "Aliasing",
            ("Sampled too slowly, a fast wave", "looks exactly like a slow one", "Wheels in films turn backwards"),
            (Curve(_SHORT, speed_px=0, faint=True), Curve(((-70, 420),), speed_px=0, stems=105)),
        ),
        Slide(
            "The filter before",
            ("What is too fast must go first", "A filter cuts it off", "Then sampling is safe"),
            (Curve(((55, 420), (15, 42)), faint=True), Curve(((55, 420),))),
        ),
        Slide(
            "Rounding",
            (
                "Each height becomes a whole number",
                "Eight bits know 256 heights",
                "The rest is lost, and sounds like noise",
            ),
            (Curve(((66, 280),), speed_px=0, stems=14),),
        ),
        Slide(
            "Sixteen bits",
            ("65,536 heights", "Noise 96 decibels below the loudest", "Quieter than a quiet room"),
            (Curve(((70, 280),), speed_px=0, stems=7),),
        ),
        Slide(
            "Back to sound",
            ("Numbers become voltages", "A filter smooths the steps", "The loudspeaker moves the air"),
            (Curve(((70, 280),), speed_px=0, stems=28, faint=True), Curve(((70, 280),), speed_px=0)),
        ),
        Slide(
            "What to remember",
            ("Twice as often as the fastest wave", "Filter before, filter after", "Each bit adds six decibels"),
            (Curve(_SUM, faint=True), Curve(((60, 420), (20, 140), (12, 84)))),
        ),
    ),
)

LECTURES = (WAVES, ADDING, SAMPLING)
