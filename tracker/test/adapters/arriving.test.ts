import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { anyPlayer } from "../../src/adapters/arriving.ts";
import { FakeFrame, FakeMedia, Room, settle } from "./room.ts";

const listens = { on: () => undefined, off: () => undefined, pause: () => undefined };
const videojs = { ...listens, el: () => null, isFullscreen: () => false, textTracks: () => [] };
const answers = (): Promise<undefined> => Promise.resolve(undefined);

/** As much of each kind as tells it apart and can be listened to. */
const TARGETS: Record<string, unknown> = {
  "Video.js": videojs,
  Cloudinary: { videojs },
  "hls.js": { ...listens, levels: [], media: null },
  Vimeo: {
    ...listens, ready: answers, getPlayed: answers, getLoop: answers, getMuted: answers, getPaused: answers, getCurrentTime: answers,
    getDuration: answers, getPlaybackRate: answers, getVideoId: answers,
  },
  YouTube: new FakeFrame("https://www.youtube-nocookie.com/embed/x?enablejsapi=1"),
  Kollus: { ...listens, get_progress: () => undefined, get_speed: () => 1, get_volume: () => 100 },
};

async function arrived(room: Room): Promise<void> {
  for (let turn = 0; turn < 1_000 && room.watch.log.length === 0 && room.errors.length === 0; turn++) await settle();
}

describe("what is loaded when a page has it", () => {
  for (const [name, target] of Object.entries(TARGETS)) {
    it(`${name} stands still until then, and is listened to afterwards`, async () => {
      const room = new Room(() => anyPlayer(target));
      assert.deepEqual([room.types(), room.watch.openSince()], [[], undefined]);
      await arrived(room);
      room.end();
      assert.equal(room.types()[0], "ready");
      assert.deepEqual(room.errors, []);
    });
  }

  it("a player that only looks like one of them is told", async () => {
    const room = new Room(() => anyPlayer({ levels: "none" }));
    await arrived(room);
    assert.match(room.errors.join(), /cannot be tracked/);
  });

  it("nothing is listened to that came after the end", async () => {
    let heard = 0;
    const room = new Room(() => anyPlayer({ ...TARGETS["hls.js"] as object, on: () => (heard += 1) }));
    room.end();
    for (let turn = 0; turn < 50; turn++) await settle();
    assert.equal(heard, 0);
  });
});

describe("what needs nothing loaded", () => {
  it("a media element is tracked at once", () => {
    const room = new Room(() => anyPlayer(new FakeMedia()));
    assert.equal(room.types().length, 0);
    room.watch.look();
    assert.equal(room.watch.openSince(), undefined);
  });

  it("what is no player is nobody's", () => {
    const vimeoWithoutItsScript = new FakeFrame("https://player.vimeo.com/video/1");
    for (const other of [null, undefined, 7, "video", {}, new FakeFrame("https://example.org/"), vimeoWithoutItsScript]) {
      assert.equal(anyPlayer(other), undefined);
    }
  });
});
