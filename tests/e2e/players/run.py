"""All scripts on all players, a few at a time, each slot with a student of its own: a viewer's time is spent once."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from playhead.media.clips import ensure_clips
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.players.sessions import Outcome, Scene, Student, follow, follow_hidden, video_key
from tests.e2e.players.stage import ROOT, Stage, make_media
from tests.e2e.players.tabs import tabs
from tests.e2e.server import Server

LECTURE = "waves-in-a-minute.mp4"
SLOTS = 3

Follow = Callable[[Scene], Awaitable[Outcome]]


@dataclass(frozen=True)
class Kind:
    """A player under test: its name for people, what stood for it, and how far a cut may be off (at 1x, at 2x)."""

    title: str
    tested: str
    worst_cut_ms: tuple[int, int]
    positions: str


_PLAYED = "played ranges"
PLAYERS: dict[str, Kind] = {
    "html5": Kind("HTML5", "the browser's own", (60, 120), _PLAYED),
    "native-hls": Kind("HTML5, HLS by the browser", "the browser's own", (60, 120), _PLAYED),
    "hlsjs": Kind("hls.js", "real SDK", (60, 120), _PLAYED),
    "videojs": Kind("Video.js", "real SDK", (60, 120), _PLAYED),
    "cloudinary": Kind("Cloudinary", "real SDK", (60, 120), _PLAYED),
    "own": Kind("made by hand", "example page", (100, 200), "positions and time"),
    "vimeo": Kind("Vimeo", "real SDK, stand-in embed", (100, 200), "told, ends by played ranges"),
    "youtube": Kind("YouTube", "stand-in embed", (500, 500), "inferred from position, time and rate"),
    "kollus": Kind("Kollus", "stand-in controller and player", (500, 500), "inferred from position, time and rate"),
}


async def play_all(folder: Path, wanted: Sequence[tuple[str, str]]) -> list[Outcome]:
    """In order of `wanted`. Makes a school, a stage and browsers of its own in `folder`."""
    school, media = folder / "school", folder / "media"
    media.mkdir()
    bring_clips(school / "media")
    with Server(school) as server:
        names = [f"slot{number}" for number in range(SLOTS)]
        server.enrol(names)
        make_media(media, school / "media" / LECTURE)
        video = video_key(server, LECTURE)
        students = [Student(server, name) for name in names]
        with Stage(media, playhead=server.address) as stage:
            seen = [(player, script) for player, script in wanted if script != "hidden"]
            hidden = [(player, script) for player, script in wanted if script == "hidden"]
            done: dict[tuple[str, str], Outcome] = {}

            async def play(pairs: list[tuple[str, str]], student: Student, how: Follow) -> None:
                while pairs:
                    player, script = pair = pairs.pop(0)
                    done[pair] = await how(Scene(server, student, video, player, script))
                    print(_line(done[pair]), flush=True)  # noqa: T201

            if seen:
                async with chromium(stage.flags) as browser:
                    await asyncio.gather(*(play(seen, one, partial(follow, browser)) for one in students))
            if hidden:
                async with tabs(folder / "profile", stage.flags) as endpoint:
                    await play(hidden, students[0], partial(follow_hidden, endpoint))
            return [done[pair] for pair in wanted]


@asynccontextmanager
async def chromium(flags: Sequence[str]) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            await browser.close()


def bring_clips(folder: Path) -> None:
    """Drawing the demo's lectures takes a minute: they are kept between runs."""
    kept = ROOT / "tmp" / "players" / "clips"
    kept.parent.mkdir(parents=True, exist_ok=True)
    ensure_clips(kept)
    shutil.copytree(kept, folder)


def _line(outcome: Outcome) -> str:
    sums = f"played {outcome.truth_ms} credited {outcome.credited_ms}"
    off = f"missing {outcome.missing_ms} surplus {outcome.surplus_ms} worst cut {outcome.worst_cut_ms}"
    return f"{outcome.player:12} {outcome.script:18} {sums} {off} ms {outcome.errors or ''}"
