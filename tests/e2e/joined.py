"""Another system beside a Playhead of its own: joined by the command, its course and film made by the API."""

import asyncio
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from playwright.async_api import Frame, Page

from playhead.media.ffmpeg import run_ffmpeg
from scripts.docs import ROOT
from tests.e2e.server import Server

FILM_S = 110
PATIENCE_S = 90.0  # to load, and beyond what a part takes to play
_FILM = ("-f", "lavfi", "-i", f"testsrc=s=160x90:r=8:d={FILM_S}", "-c:v", "libx264", "-preset", "ultrafast")
_EDGES = ("-pix_fmt", "yuv420p", "-g", "8", "-movflags", "+faststart", "film.mp4")
_PLAYHEAD = str(Path(sys.executable).with_name("playhead"))

# In functions of our own: the player's policy forbids the evaluation of text.
_READY = """async () => {
  const nap = () => new Promise((resolve) => setTimeout(resolve, 50));
  while (!document.querySelector('[data-watch][data-playback]')) await nap();
  const video = document.querySelector('video');
  video.preload = 'auto';
  video.muted = true;
  while (video.readyState < 3) await nap();
}"""
# What was fetched ahead plays on while the server is down.
_FETCHED = """async ([from, to]) => {
  const { buffered } = document.querySelector('video');
  const has = (_, at) => buffered.start(at) <= from && to <= buffered.end(at);
  return Array.from({ length: buffered.length }, has).some(Boolean);
}"""
_WATCH = """async ([from, to, rate]) => {
  const video = document.querySelector('video');
  if (Math.abs(video.currentTime - from) > 0.5) {
    const arrived = new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
    video.currentTime = from;
    await arrived;
  }
  video.playbackRate = rate;
  await video.play();
  while (video.currentTime < to) await new Promise((resolve) => setTimeout(resolve, 15));
  video.pause();
}"""


class LocalServer(Server):
    """Empty but for a film in its media folder; its callbacks may go to this machine."""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"PLAYHEAD_CALLBACK_LOCAL": "1"}

    def __enter__(self) -> Self:
        (self.folder / "media").mkdir()
        list(run_ffmpeg([*_FILM, *_EDGES], folder=self.folder / "media"))
        subprocess.run([_PLAYHEAD, "migrate"], env=self.environment, check=True, capture_output=True)
        self.start(worker=True)
        return self


def fetch(asked: urllib.request.Request | str) -> dict[str, Any]:
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return dict(json.load(answer))


class Joined:
    """The other side: its address, the keys it was told, and what the API tells it."""

    def __init__(self, server: Server, address: str, keys: Mapping[str, str]) -> None:
        self.server, self.address, self.keys = server, address, dict(keys)
        course = self.ask("/courses", {"title": "A course"})["key"]
        film = {"course": course, "title": "A film", "source": "file", "file": "film.mp4"}
        self.video = str(self.ask("/videos", film)["key"])

    def ask(self, path: str, body: Any = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.keys['API_KEY']}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        return fetch(urllib.request.Request(f"{self.server.address}/api/v1{path}", data=data, headers=headers))

    def progress_of(self, external_id: str) -> dict[str, Any]:
        [viewer] = self.ask(f"/viewers?external_id={external_id}")["data"]
        return self.ask(f"/progress/{self.video}/{viewer['key']}")


def join(server: Server, name: str, address: str, *, callback: str, kind: str = "playhead") -> Joined:
    command = [_PLAYHEAD, "join", name, "--origin", address, "--whole-school", "--kind", kind]
    told = subprocess.run(
        [*command, "--callback", address + callback], env=server.environment, stdout=subprocess.PIPE, check=True
    ).stdout.decode()
    return Joined(server, address, dict(line.split("=", 1) for line in told.split()))


@contextmanager
def running(example: str, *arguments: str, **environment: str) -> Iterator[None]:
    """One of the examples, as a process of its own, once it says where it is."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "examples" / example), *arguments],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert "http://localhost:" in process.stdout.readline()
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()


async def fetched(frame: Frame, from_s: float, to_s: float) -> None:
    """Wait until the browser has all of that stretch."""
    async with asyncio.timeout(PATIENCE_S):
        while not await frame.evaluate(_FETCHED, [from_s, to_s]):
            await asyncio.sleep(0.1)


async def player(page: Page, address: str) -> Frame:
    """The frame of a page in which our player stands ready."""
    await page.goto(address)
    held = await page.wait_for_selector("iframe")
    assert held is not None
    frame = await held.content_frame()
    assert frame is not None
    async with asyncio.timeout(PATIENCE_S):
        await frame.evaluate(_READY)
    return frame


async def watch(frame: Frame, start_s: float, end_s: float, *, rate: float = 1.0) -> None:
    """Play this part, and pause."""
    async with asyncio.timeout(PATIENCE_S + (end_s - start_s) / rate):
        await frame.evaluate(_WATCH, [start_s, end_s, rate])
