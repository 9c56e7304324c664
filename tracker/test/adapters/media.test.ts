import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { anyPlayer } from "../../src/adapters/all.ts";
import { hlsjs } from "../../src/adapters/hlsjs.ts";
import { media } from "../../src/adapters/media.ts";
import { cloudinary, videojs } from "../../src/adapters/videojs.ts";
import { FakeMedia, Room } from "./room.ts";

type Listener = (...said: unknown[]) => void;

/** on() and off() as both Video.js and hls.js have them. */
class Bus {
  #listeners = new Map<string, Set<Listener>>();
  on = (type: string, listener: Listener): void => void this.#of(type).add(listener);
  off = (type: string, listener: Listener): void => void this.#of(type).delete(listener);
  fire = (type: string, ...said: unknown[]): void => this.#of(type).forEach((listener) => listener(...said));
  get size(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }
  #of(type: string): Set<Listener> {
    return this.#listeners.get(type) ?? this.#listeners.set(type, new Set()).get(type)!;
  }
}

class FakeVideoJs extends Bus {
  inner = new FakeMedia();
  levels = Object.assign(new Bus(), { selectedIndex: 0, length: 1, 0: { height: 720, bitrate: 2_000_000 } });
  scrubs = false;
  el = (): object => ({ querySelector: () => this.inner });
  pause = (): void => this.inner.pause();
  scrubbing = (): boolean => this.scrubs;
  isFullscreen = (): boolean => false;
  language = (): string => "de";
  textTracks = (): object[] => [{ mode: "showing", kind: "captions", label: "Deutsch", language: "de" }];
  qualityLevels = (): unknown => this.levels;
}

class FakeHls extends Bus {
  media: FakeMedia | null = null;
  levels = [{ height: 360, bitrate: 500_000 }];
}

function play(room: Room, video: FakeMedia, ms: number): void {
  video.paused = false;
  video.fire("play", "playing");
  for (let passed = 0; passed < ms; passed += 250) {
    room.now_ms += 250;
    video.currentTime += 0.25;
    video.fire("timeupdate");
  }
}

describe("whatever behaves like a media element", () => {
  it("is tracked with nothing but what the interface demands", () => {
    const bare = Object.assign(new EventTarget(), { currentTime: 3, duration: NaN, paused: true, pause: () => undefined });
    const room = new Room(() => media(bare));
    bare.paused = false;
    bare.dispatchEvent(new Event("play"));
    room.now_ms = 1_000;
    bare.currentTime = 4;
    bare.dispatchEvent(new Event("ratechange"));
    assert.deepEqual(room.heard().at(-1), { type: "ratechange", t: 1_000, m: 4_000, rate: 1_000 });
    assert.deepEqual(room.claimed(), [[3_000, 4_000, "ratechange"]]);
  });

  it("tells what is worth keeping", () => {
    const video = new FakeMedia();
    const room = new Room(() => media(video));
    video.fire("loadedmetadata", "volumechange", "error");
    const [loaded, volume, error] = room.heard();
    assert.deepEqual(loaded, { type: "loadedmetadata", t: 0, m: 0, duration_ms: 60_000, width_px: 320, height_px: 180 });
    assert.deepEqual(volume, { type: "volumechange", t: 0, m: 0, volume_percent: 100, muted: false });
    assert.deepEqual(error, { type: "error", t: 0, m: 0 });
  });

  it("is nobody's who has neither position nor events", () => {
    for (const other of [null, undefined, 7, "video", {}, { currentTime: 1 }, new EventTarget()]) {
      assert.equal(anyPlayer(other), undefined);
    }
  });
});

describe("Video.js", () => {
  it("is followed by its inner element, and by the next when that is replaced", () => {
    const player = new FakeVideoJs();
    const room = new Room(() => videojs(player));
    play(room, player.inner, 1_000);
    const before = player.inner;
    player.inner = new FakeMedia();
    player.fire("sourceset", {});
    play(room, before, 1_000);
    play(room, player.inner, 2_000);
    assert.deepEqual(room.claimed(), [[0, 1_000, "emptied"], [0, 2_000, "stop"]]);
    assert.ok(room.types().includes("sourceset"));
    room.end();
    assert.equal(player.size + player.levels.size, 0);
  });

  it("tells scrubbing, quality, tracks, language and both ways of filling the screen", () => {
    const player = new FakeVideoJs();
    const room = new Room(() => videojs(player));
    player.scrubs = true;
    player.inner.fire("pause");
    player.levels.fire("change", {});
    for (const type of ["texttrackchange", "languagechange", "enterFullWindow", "exitFullWindow", "dispose"]) player.fire(type, {});
    const told = room.heard().map(({ t: _t, m: _m, ...rest }) => rest);
    assert.deepEqual(told, [
      { type: "pause", scrubbing: true }, { type: "qualitychange", height_px: 720, bitrate_bps: 2_000_000 },
      { type: "texttrackchange", kind: "captions", label: "Deutsch", language: "de" }, { type: "languagechange", language: "de" },
      { type: "fullscreenchange", fullscreen: true }, { type: "fullscreenchange", fullscreen: false }, { type: "dispose" },
    ]);
  });

  it("that is disposed of stands still", () => {
    const player = new FakeVideoJs();
    const room = new Room(() => videojs(player));
    play(room, player.inner, 500);
    player.el = () => null as never;
    assert.deepEqual(room.claimed(), [[0, 500, "stop"]]);
  });
});

describe("Cloudinary", () => {
  it("is heard by what is inside, never by its own on()", () => {
    const inner = new FakeVideoJs();
    const outer = { videojs: inner, on: () => assert.fail("its off() would take others' listeners along") };
    const room = new Room(() => cloudinary(outer));
    inner.fire("percentsplayed", { eventData: { percent: 25 } });
    inner.fire("percentsplayed", {});
    inner.fire("qualitychanged", { eventData: { from: {}, to: {} } });
    assert.deepEqual(room.heard().map(({ type, percent }) => [type, percent]), [["percentsplayed", 25], ["qualitychange", undefined]]);
    assert.deepEqual(room.errors, []);
  });
});

describe("hls.js", () => {
  it("is followed from before it has an element, and tells its own events", () => {
    const hls = new FakeHls();
    const room = new Room(() => hlsjs(hls));
    hls.fire("hlsManifestParsed", "hlsManifestParsed", { levels: hls.levels });
    hls.media = new FakeMedia();
    hls.fire("hlsMediaAttached", "hlsMediaAttached", {});
    play(room, hls.media, 1_000);
    hls.fire("hlsLevelSwitched", "hlsLevelSwitched", { level: 0 });
    hls.fire("hlsFragBuffered", "hlsFragBuffered", { frag: { start: 4 }, stats: { total: 9_000, bwEstimate: 1e6 } });
    hls.fire("hlsError", "hlsError", { type: "networkError", details: "fragLoadError", fatal: false });
    assert.deepEqual(room.claimed(), [[0, 1_000, "stop"]]);
    const [parsed, ...rest] = room.heard().filter(({ type }) => !["play", "playing", "timeupdate"].includes(type));
    assert.deepEqual(parsed, { type: "manifestparsed", t: 0, m: 0, levels: 1 });
    assert.deepEqual(rest.map(({ t: _t, m: _m, ...told }) => told), [
      { type: "qualitychange", height_px: 360, bitrate_bps: 500_000 },
      { type: "fragmentbuffered", start_ms: 4_000, bytes: 9_000, bandwidth_bps: 1_000_000 },
      { type: "error", name: "fragLoadError", fatal: false },
    ]);
    room.end();
    assert.equal(hls.size, 0);
  });
});
