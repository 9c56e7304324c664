import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { kollus } from "../../src/adapters/kollus.ts";
import { vimeo } from "../../src/adapters/vimeo.ts";
import { youtube } from "../../src/adapters/youtube.ts";
import { FakeFrame, post, Room, settle } from "./room.ts";

type Listener = (data?: Record<string, unknown>) => void;

class FakeVimeo {
  listeners = new Map<string, Listener>();
  ranges: [number, number][] = [];
  on = (type: string, listener: Listener): void => void this.listeners.set(type, listener);
  off = (type: string): void => void this.listeners.delete(type);
  ready = async (): Promise<void> => undefined;
  pause = async (): Promise<void> => undefined;
  getPlayed = async (): Promise<[number, number][]> => this.ranges;
  getLoop = async (): Promise<boolean> => false;
  getMuted = async (): Promise<boolean> => false;
  getPaused = async (): Promise<boolean> => true;
  getCurrentTime = async (): Promise<number> => 0;
  getDuration = async (): Promise<number> => 60;
  getPlaybackRate = async (): Promise<number> => 1;
  getVideoId = async (): Promise<number> => 10;
  async tell(type: string, data?: Record<string, unknown>): Promise<void> {
    this.listeners.get(type)?.(data);
    await settle();
  }
}

describe("Vimeo", () => {
  async function scene(): Promise<{ player: FakeVimeo; room: Room; play: (from: number, ms: number) => Promise<void> }> {
    const player = new FakeVimeo();
    const room = new Room((now) => vimeo(player, now));
    await settle();
    const play = async (from: number, ms: number): Promise<void> => {
      for (let passed = 250; passed <= ms; passed += 250) {
        room.now_ms += 250;
        await player.tell("timeupdate", { seconds: from + passed / 1000 });
      }
    };
    await player.tell("play", { seconds: 0 });
    await player.tell("playing", { seconds: 0 });
    return { player, room, play };
  }

  it("of a frame takes the page's own player, as its SDK gives the one that there is", async (test) => {
    const frame = new FakeFrame("https://player.vimeo.com/video/10");
    const theirs = new FakeVimeo();
    const made: unknown[] = [];
    const Player = class {
      constructor(of: unknown) {
        made.push(of);
        return theirs;
      }
    };
    Object.assign(globalThis, { Vimeo: { Player } });
    test.after(() => void delete (globalThis as { Vimeo?: unknown }).Vimeo);
    const room = new Room((now) => vimeo(frame, now));
    await settle();
    await theirs.tell("play", { seconds: 0 });
    assert.deepEqual([made, room.types().includes("play")], [[frame], true]);
    assert.equal(vimeo(new FakeFrame("https://elsewhere.example/video/10")), undefined);
  });

  it("tells the new position before the seek: the end is that of the played range", async () => {
    const { player, room, play } = await scene();
    await play(0, 2_000);
    room.now_ms += 200;
    player.ranges = [[0, 2.19], [30, 30]];
    await player.tell("timeupdate", { seconds: 30 });
    await player.tell("seeking", { seconds: 30 });
    await player.tell("seeked", { seconds: 30 });
    await play(30, 1_000);
    assert.deepEqual(room.claimed(), [[0, 2_190, "seeking"], [30_000, 31_000, "stop"]]);
  });

  it("a late report is no seek", async () => {
    const { player, room, play } = await scene();
    await play(0, 2_000);
    room.now_ms += 400;
    player.ranges = [[0, 2.4]];
    await player.tell("timeupdate", { seconds: 2.2 });
    await play(2.4, 1_000);
    assert.deepEqual(room.claimed(), [[0, 3_400, "stop"]]);
  });

  it("is asked once a beat: a hop that nobody told of ends a section, a range that is told late does not", async () => {
    const { player, room, play } = await scene();
    await play(0, 9_750);
    player.ranges = [[0, 9.8]];
    await play(9.75, 10_000);
    player.ranges = [[0, 19.95], [20, 20.05]];
    room.now_ms += 250;
    await player.tell("timeupdate", { seconds: 20.05 });
    await play(20.05, 1_000);
    assert.deepEqual(room.claimed(), [[0, 19_950, "seeking"], [20_050, 21_050, "stop"]]);
  });

  it("nor is one at 2x that comes behind what was expected already", async () => {
    const { player, room } = await scene();
    await player.tell("playbackratechange", { playbackRate: 2 });
    for (const [wall_ms, seconds] of [[250, 0.5], [500, 0.7], [750, 1.5], [1_000, 1.7], [1_250, 2.5]] as const) {
      room.now_ms = wall_ms;
      player.ranges = [[0, wall_ms / 500]];
      await player.tell("timeupdate", { seconds });
    }
    const claimed = room.claimed();
    assert.deepEqual([claimed.length, claimed[0]?.[1]], [1, 2_500]);
  });

  it("errors of questions are not the player's; another video is not the ticket's", async () => {
    const { player, room, play } = await scene();
    await player.tell("error", { name: "UnsupportedError", message: "no", method: "getQuality" });
    await player.tell("error", { name: "NotAllowedError", message: "click first", method: "play" });
    await play(0, 1_000);
    await player.tell("loaded", { id: 11 });
    await play(0, 3_000);
    const told = room.heard();
    assert.deepEqual(told.filter(({ type }) => type === "error").map(({ name }) => name), ["NotAllowedError"]);
    assert.ok(told.some(({ type, id }) => type === "loaded" && id === "11"));
    assert.deepEqual(room.claimed(), [[0, 1_000, "emptied"]]);
  });

  it("that never answers is followed all the same", async () => {
    const { player, room, play } = await scene();
    player.getPlayed = () => Promise.reject(new Error("gone"));
    await play(0, 1_000);
    await player.tell("pause", { seconds: 1 });
    assert.deepEqual(room.claimed(), [[0, 1_000, "pause"]]);
    room.end();
    assert.equal(player.listeners.size, 0);
  });
});

describe("YouTube", () => {
  const EMBED = "https://www.youtube.com/embed/abc?enablejsapi=1";
  const deliver = (frame: FakeFrame, info: object): void => post(frame, { event: "infoDelivery", info });

  function scene(frame = new FakeFrame(EMBED)): { frame: FakeFrame; room: Room; play: (from: number, ms: number) => void } {
    const room = new Room((now) => youtube(frame, now));
    const play = (from: number, ms: number): void => {
      for (let passed = 250; passed <= ms; passed += 250) {
        room.now_ms += 250;
        deliver(frame, { currentTime: from + passed / 1000 });
      }
    };
    post(frame, { event: "initialDelivery", info: { currentTime: 0, duration: 60, playerState: 5, playbackRate: 1, videoData: { video_id: "abc" } } });
    return { frame, room, play };
  }

  it("seeks are inferred, at every rate, and a report that comes late is none", () => {
    const { frame, room, play } = scene();
    deliver(frame, { playerState: 1 });
    play(0, 2_000);
    deliver(frame, { currentTime: 20 });
    play(20, 1_000);
    deliver(frame, { currentTime: 21, playbackRate: 2 });
    for (let at = 21.5; at <= 23; at += 0.5) {
      room.now_ms += 250;
      deliver(frame, { currentTime: at });
    }
    room.now_ms += 100;
    deliver(frame, { currentTime: 23, playerState: 2 });
    const claimed = room.claimed().map(([start, end]) => [start, end]);
    assert.deepEqual(claimed, [[0, 2_000], [20_000, 21_000], [21_000, 23_000]]);
    assert.deepEqual(room.types().filter((type) => type === "seeking").length, 1);
    room.end();
  });

  it("is only listened to where somebody opened the channel, and asked where nobody did", () => {
    mock.timers.enable({ apis: ["setInterval"] });
    const { frame, room } = scene();
    mock.timers.tick(2_000);
    assert.deepEqual(frame.said, []);
    const silent = new FakeFrame(EMBED);
    const asking = new Room((now) => youtube(silent, now));
    mock.timers.tick(600);
    assert.equal((JSON.parse(silent.said[0] ?? "{}") as { event: string }).event, "listening");
    post(silent, { event: "onReady", info: null });
    assert.ok(silent.said.some((text) => text.includes("onStateChange")));
    room.end();
    asking.end();
    mock.timers.reset();
  });

  it("hears its own frame only, from YouTube only, and nothing that is no message", () => {
    const { frame, room } = scene();
    room.heard();
    post(frame, { event: "onError", info: 150 }, "https://evil.example");
    post(new FakeFrame(EMBED), { event: "onError", info: 150 });
    assert.deepEqual(room.types(), []);
    post(frame, { event: "onError", info: 150 });
    assert.deepEqual(room.heard().map(({ type, code }) => [type, code]), [["error", 150]]);
    room.end();
    assert.equal(youtube(new FakeFrame("https://youtube.evil.example/embed/abc")), undefined);
  });

  it("by the page's own YT.Player, what was told before is asked for", () => {
    const frame = new FakeFrame(EMBED);
    const given = { getIframe: () => frame, getCurrentTime: () => 7, getDuration: () => 60, getPlayerState: () => 2 };
    const room = new Room((now) => youtube(given, now));
    assert.deepEqual(room.types(), ["durationchange", "timeupdate", "pause"]);
    assert.equal(room.watch.openSince(), undefined);
    room.end();
  });

  it("another video is not the ticket's", () => {
    const { frame, room, play } = scene();
    deliver(frame, { playerState: 1 });
    play(0, 1_000);
    deliver(frame, { videoData: { video_id: "other" }, currentTime: 0, playerState: -1 });
    deliver(frame, { playerState: 1 });
    play(0, 2_000);
    assert.deepEqual(room.claimed(), [[0, 1_000, "emptied"]]);
    room.end();
  });
});

describe("Kollus", () => {
  class Controller {
    listeners = new Map<string, ((...data: unknown[]) => void)[]>();
    progress = { position: 0, duration: 60 };
    speed = 1;
    on = (name: string, listener: (...data: unknown[]) => void): void => {
      this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
    };
    off = (): void => assert.fail("it would take everybody's listeners away");
    pause = (): void => undefined;
    get_progress = (): object => this.progress;
    get_speed = (): number => this.speed;
    get_volume = (): number => 80;
    tell = (name: string, ...data: unknown[]): void => this.listeners.get(name)?.forEach((listener) => listener(...data));
  }

  it("is followed by progress, and never by off()", () => {
    const player = new Controller();
    const room = new Room((now) => kollus(player, now));
    const play = (from: number, ms: number): void => {
      for (let passed = 250; passed <= ms; passed += 250) {
        room.now_ms += 250;
        player.progress = { position: from + passed / 1000, duration: 60 };
        player.tell("progress", 0, player.progress.position, 60);
      }
    };
    player.tell("play");
    play(0, 1_000);
    player.tell("seeking");
    player.progress = { position: 40, duration: 60 };
    player.tell("seeked");
    play(40, 1_000);
    player.speed = 2;
    player.tell("speedchange");
    player.tell("volumechange", 80);
    player.tell("screenchange", true);
    player.tell("pause");
    assert.deepEqual(room.claimed(), [[0, 1_000, "seeking"], [40_000, 41_000, "ratechange"]]);
    const told = room.heard();
    assert.deepEqual(told.slice(0, 2).map(({ type }) => type), ["play", "playing"]);
    assert.equal(told.find(({ type }) => type === "ratechange")?.rate, 2_000);
    assert.equal(told.find(({ type }) => type === "volumechange")?.volume_percent, 80);
    assert.equal(told.find(({ type }) => type === "fullscreenchange")?.fullscreen, true);
    room.end();
    player.tell("play");
    assert.deepEqual(room.types(), []);
  });

  it("that plays already when it is listened to is known to by positions that go on", () => {
    const player = new Controller();
    player.progress = { position: 5, duration: 60 };
    const room = new Room((now) => kollus(player, now));
    room.watch.look();
    for (const position of [5.25, 5.5, 5.75]) {
      room.now_ms += 250;
      player.tell("progress", 0, position, 60);
    }
    player.tell("pause");
    assert.deepEqual(room.claimed(), [[5_000, 5_750, "pause"]]);
  });

  it("that stands still is not thought to play for being sought in", () => {
    const player = new Controller();
    const room = new Room((now) => kollus(player, now));
    room.watch.look();
    for (const position of [30, 30, 30]) {
      room.now_ms += 250;
      player.tell("progress", 0, position, 60);
    }
    player.tell("seeking");
    player.tell("progress", 0, 30.4, 60);
    player.tell("seeked");
    room.now_ms += 2_000;
    assert.deepEqual(room.claimed(), []);
  });
});
