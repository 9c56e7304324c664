"""Ways to claim what was not watched. None may earn more than its real time pays for (invariant I1)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from playhead.cli.simulation.player import Player
from playhead.cli.simulation.script import Script, batch, claim
from playhead.core import limits

_WALL_MS: Final = 60_000
_BEATS: Final = range(0, _WALL_MS, limits.BEAT_MS)
_TABS: Final = 5


@dataclass(frozen=True, slots=True)
class Cheat:
    """A way to cheat; `play` writes it into a student's script."""

    name: str
    play: Callable[[Script], None]


def forged_whole(script: Script) -> None:
    """The whole video as one section, claimed in the very millisecond it was opened; each video an hour apart."""
    for video in range(len(script.durations_ms)):
        forged(script, video)
        script.now_ms += 60 * _WALL_MS


def forged(script: Script, video: int) -> None:
    playback, duration_ms = script.open(video), script.durations_ms[video]
    told_ms = duration_ms * 1000 // script.max_rate
    script.send(playback, batch(0, [claim(0, told_ms, 0, duration_ms, rate=script.max_rate)]))


def hundred_batches(script: Script) -> None:
    """A hundred batches within one second of opening: two seconds of video each, all at the highest rate."""
    playback = script.open(0)
    for seq in range(100):
        m0, m1 = seq * 2_000, (seq + 1) * 2_000
        t0, t1 = (position * 1000 // script.max_rate for position in (m0, m1))
        script.now_ms += 10
        script.send(playback, batch(seq, [claim(t0, t1, m0, m1, rate=script.max_rate)], sent=t1))


def rate_16(script: Script, video: int = 0) -> None:
    """`playbackRate = 16`, claimed as it was."""
    playback = script.open(video)
    for seq, t0 in enumerate(_BEATS):
        script.now_ms += limits.BEAT_MS
        section = claim(t0, t0 + limits.BEAT_MS, t0 * 16, (t0 + limits.BEAT_MS) * 16, rate=16_000)
        script.send(playback, batch(seq, [section], sent=t0 + limits.BEAT_MS))


def rate_16_told_as_2(script: Script) -> None:
    """`playbackRate = 16`, with the wall clock stretched so that it looks like 2x."""
    playback = script.open(0)
    for seq, t0 in enumerate(_BEATS):
        script.now_ms += limits.BEAT_MS
        m0, m1 = t0 * 16, (t0 + limits.BEAT_MS) * 16
        script.send(playback, batch(seq, [claim(m0 // 2, m1 // 2, m0, m1, rate=2000)], sent=m1 // 2))


def one_tab(script: Script) -> None:
    """No cheat, but the measure of the next: one tab at the highest rate, as long as the five tabs play."""
    tabs(script, videos=[0])


def five_tabs(script: Script) -> None:
    """Five players at once at the highest rate."""
    tabs(script, videos=[number % len(script.durations_ms) for number in range(_TABS)])


def tabs(script: Script, *, videos: Sequence[int]) -> None:
    """One tab for each of the videos, all playing at once for a minute; only the first is looked at."""
    opened = [script.open(video) for video in videos]
    rate = script.max_rate
    for seq, t0 in enumerate(_BEATS):
        script.now_ms += limits.BEAT_MS
        t1 = t0 + limits.BEAT_MS
        section = claim(t0, t1, t0 * rate // 1000, t1 * rate // 1000, rate=rate)
        for playback in opened:
            script.send(playback, batch(seq, [section], sent=t1))
        script.watch(videos[0], section["m0"], section["m1"])


def replays(script: Script, video: int = 0) -> None:
    """Watches forty seconds, then sends those batches again: the same, and under new numbers."""
    player = Player(script, video)
    player.play(40_000)
    script.now_ms += 1_000
    for again in range(20):
        for seq, body in enumerate(player.sent):
            another = (again + 1) * len(player.sent) + seq
            renumbered = body.replace(b'"seq":%d,' % seq, b'"seq":%d,' % another, 1)
            script.now_ms += 5
            script.send(player.playback, body)
            script.send(player.playback, renumbered)


def lends_tickets(script: Script) -> None:
    """Opens every video, plays none, and hands the tickets on."""
    for video in range(len(script.durations_ms)):
        script.open(video)


def others_ticket(script: Script) -> None:
    """Sends well-paced batches under the lender's tickets, hoping that they count for the sender."""
    if script.others_tickets is None:
        return
    script.now_ms = max(script.now_ms, 60 * _WALL_MS)
    for seq, t0 in enumerate(_BEATS):
        script.now_ms += limits.BEAT_MS
        section = claim(t0, t0 + limits.BEAT_MS, t0, t0 + limits.BEAT_MS)
        script.send_as((script.others_tickets, 0), batch(seq, [section]))


def altered_ticket(script: Script) -> None:
    """Writes another name into the own ticket, under the old signature."""
    playback = script.open(0)
    script.now_ms += limits.BEAT_MS
    script.send_as((script.student, playback), batch(0, [claim(0, 10_000, 0, 10_000)]), altered=True)


def clock_moved(script: Script) -> None:
    """Claims hours that have not been, hours before opening, and one minute many times over."""
    playback = script.open(0)
    script.now_ms += limits.BEAT_MS
    hour_ms, duration_ms = 60 * _WALL_MS, script.durations_ms[0]
    told = [(t0, t0 + duration_ms) for t0 in (hour_ms, -hour_ms, 0, 5_000 - duration_ms, 12 * hour_ms)]
    for seq, (t0, t1) in enumerate(told):
        script.send(playback, batch(seq, [claim(t0, t1, 0, duration_ms)] * 3, sent=t1))


CHEATS: Final = (
    Cheat("forged 0 to end", forged_whole),
    Cheat("100 batches in 1 s", hundred_batches),
    Cheat("rate 16", rate_16),
    Cheat("rate 16 told as 2x", rate_16_told_as_2),
    Cheat("one tab (measure)", one_tab),
    Cheat("five tabs", five_tabs),
    Cheat("replayed batches", replays),
    Cheat("lends tickets", lends_tickets),
    Cheat("other's ticket", others_ticket),
    Cheat("altered ticket", altered_ticket),
    Cheat("clock moved", clock_moved),
)
