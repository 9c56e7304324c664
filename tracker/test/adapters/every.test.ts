/** Each row of each table, one by one: what a player of that kind tells leaves as the event the contract has for it. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FakeFrame, FakeMedia, post, Room, settle } from "./room.ts";
import { EVENTS as HLSJS, hlsjs } from "../../src/adapters/hlsjs.ts";
import { EVENTS as KOLLUS, kollus } from "../../src/adapters/kollus.ts";
import { EVENTS as MEDIA, media } from "../../src/adapters/media.ts";
import { PROPS, type Row } from "../../src/adapters/table.ts";
import { CLOUDINARY, cloudinary, EVENTS as VIDEOJS, videojs } from "../../src/adapters/videojs.ts";
import { EVENTS as VIMEO, vimeo } from "../../src/adapters/vimeo.ts";
import { STATES, TOLD, youtube } from "../../src/adapters/youtube.ts";
import type { Player } from "../../src/adapter.ts";
import { contractText } from "../conforms.ts";

interface Kind {
  name: string;
  fields: { name: string; type: "integer" | "text" | "boolean" }[];
}

const VOCABULARY = new Map((JSON.parse(contractText("events.json")) as Kind[]).map((kind) => [kind.name, kind]));
const VALUES = { integer: 1, text: "x", boolean: true };

/** What an event of this row is about, with something in every place. */
function about([, ours, props]: Row): Record<string, unknown> {
  const field = (prop: string): string => PROPS[prop]?.[0] ?? prop;
  const type = (prop: string): keyof typeof VALUES => VOCABULARY.get(ours)?.fields.find(({ name }) => name === field(prop))?.type ?? "text";
  return Object.fromEntries(props.map((prop) => [prop, VALUES[type(prop)]]));
}

class Bus {
  #listeners = new Map<string, (...data: unknown[]) => void>();
  on = (type: string, listener: (...data: unknown[]) => void): void => void this.#listeners.set(type, listener);
  off = (): void => undefined;
  tell = (type: string, ...data: unknown[]): void => this.#listeners.get(type)?.(...data);
}

const player = { pause: () => undefined, el: () => null, scrubbing: () => false, isFullscreen: () => true, language: () => "en", textTracks: () => [] };

/** By the name of the kind: its table, and what tells the row's native event. */
const KINDS: Record<string, [rows: Row[], open: (row: Row) => [make: (now: () => number) => Player | undefined, tell: () => void]]> = {
  html5: [MEDIA, ([native]) => {
    const textTracks = Object.assign(new EventTarget(), { length: 0 });
    const video = Object.assign(new FakeMedia(), { textTracks });
    const tell = (): unknown => (native === "texttrackchange" ? textTracks.dispatchEvent(new Event("change")) : video.fire(native));
    return [() => media(video), () => void tell()];
  }],
  "video.js": [VIDEOJS, (row) => ofVideoJs(row, (inner) => videojs(inner))],
  cloudinary: [CLOUDINARY, (row) => ofVideoJs(row, (inner) => cloudinary({ videojs: inner }))],
  "hls.js": [HLSJS, (row) => {
    const bus = new Bus();
    const hls = { on: bus.on, off: bus.off, levels: [{ height: 1, bitrate: 1 }], media: null };
    return [() => hlsjs(hls), () => bus.tell(row[0], row[0], { ...about(row), level: 0 })];
  }],
  vimeo: [VIMEO, (row) => {
    const bus = new Bus();
    const answers = { getPlayed: [], getLoop: false, getMuted: false, getPaused: true, getCurrentTime: 0, getDuration: 60, getPlaybackRate: 1, getVideoId: 1, ready: undefined };
    const getters = Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, () => Promise.resolve(answer)]));
    return [(now) => vimeo({ on: bus.on, off: bus.off, ...getters }, now), () => bus.tell(row[0], about(row))];
  }],
  kollus: [KOLLUS, (row) => {
    const bus = new Bus();
    const controller = { on: bus.on, pause: () => undefined, get_progress: () => ({ position: 0, duration: 60 }), get_speed: () => 1, get_volume: () => 100 };
    return [(now) => kollus(controller, now), () => bus.tell(row[0], 1, 1, 60)];
  }],
};

function ofVideoJs(row: Row, adapter: (inner: object) => Player | undefined): ReturnType<(typeof KINDS)[string][1]> {
  const [bus, levels] = [new Bus(), new Bus()];
  const qualityLevels = (): object => ({ length: 1, 0: { height: 1, bitrate: 1 }, selectedIndex: 0, on: levels.on, off: levels.off });
  const inner = { ...player, on: bus.on, off: bus.off, qualityLevels };
  const tell = (): void => (row[0] === "levels" ? levels.tell("change") : bus.tell(row[0], { eventData: about(row) }));
  return [() => adapter(inner), tell];
}

for (const [kind, [rows, open]] of Object.entries(KINDS)) {
  describe(kind, () => {
    for (const row of rows) {
      it(`${row[0]} leaves as ${row[1]}`, async () => {
        const [make, tell] = open(row);
        const room = new Room(make);
        await settle();
        room.heard();
        tell();
        await settle();
        assert.ok(room.types().includes(row[1]));
        assert.deepEqual(room.errors, []);
        room.end();
      });
    }
  });
}

describe("youtube", () => {
  const messages: [event: string, info: unknown, ours: string][] = [
    ...Object.entries(STATES).map(([state, ours]): [string, unknown, string] => ["onStateChange", Number(state), ours]),
    ...Object.entries(TOLD).map(([event, ours]): [string, unknown, string] => [event, 150, ours]),
    ["onPlaybackRateChange", 2, "ratechange"],
    ["onPlaybackQualityChange", "hd720", "qualitychange"],
    ["infoDelivery", { volume: 50 }, "volumechange"],
    ["infoDelivery", { duration: 60, videoLoadedFraction: 0.5 }, "progress"],
    ["infoDelivery", { currentTime: 1 }, "timeupdate"],
    ["initialDelivery", { videoData: { video_id: "x" } }, "loaded"],
  ];
  for (const [event, info, ours] of messages) {
    it(`${event} ${JSON.stringify(info)} leaves as ${ours}`, () => {
      const frame = new FakeFrame("https://www.youtube.com/embed/x?enablejsapi=1");
      const room = new Room((now) => youtube(frame, now));
      post(frame, { event, info });
      assert.ok(room.types().includes(ours));
      assert.deepEqual(room.errors, []);
      room.end();
    });
  }
});

/** Whatever a player's own code throws, the listener it was given does not: the page would be the one to see it. */
describe("a player that fails", () => {
  const fails = (): never => {
    throw new Error("the player's fault");
  };
  const refuses = (): Promise<never> => Promise.reject(new Error("the player's fault"));

  for (const [kind, [rows, open]] of Object.entries(KINDS)) {
    it(`${kind}: what is broken while it listens stays with us`, async () => {
      const [make, tell] = open(rows[0] as Row);
      const room = new Room(make);
      await settle();
      room.visible = fails;
      assert.doesNotThrow(tell);
      await settle();
      assert.ok(room.errors.length > 0);
      room.end();
    });
  }

  it("vimeo: what it refuses to answer holds up none of its events", async () => {
    const bus = new Bus();
    const names = ["ready", "getPlayed", "getLoop", "getMuted", "getPaused", "getCurrentTime", "getDuration", "getPlaybackRate", "getVideoId"];
    const room = new Room((now) => vimeo({ on: bus.on, off: bus.off, ...Object.fromEntries(names.map((name) => [name, refuses])) }, now));
    for (const type of ["play", "seeking", "pause"]) bus.tell(type, { seconds: 30 });
    await settle();
    const told = room.types();
    assert.deepEqual(["play", "seeking", "pause"].filter((type) => !told.includes(type)), []);
    room.end();
  });

  it("youtube: a frame that takes no messages", async () => {
    const frame = new FakeFrame("https://www.youtube.com/embed/x?enablejsapi=1");
    frame.contentWindow.postMessage = fails;
    const room = new Room((now) => youtube(frame, now));
    await new Promise((over) => setTimeout(over, 600));
    assert.deepEqual(room.errors, ["Error: the player's fault"]);
    room.end();
  });
});
