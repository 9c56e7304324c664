import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { trackWith } from "../src/tracker.ts";
import type { Batch } from "../src/wire.ts";
import { acknowledge, fakeAdapter, FakeEnv, FakePlayer, fakeTicket, problem } from "./fakes.ts";
import { ENDPOINT, scene, sections, seen, types, worstEnd } from "./scene.ts";

describe("what is claimed is what was shown", () => {
  const scripts: Record<string, (player: FakePlayer, env: FakeEnv) => Promise<void>> = {
    "continuous, over several beats": (player) => player.run(25_000),
    "skip forward": async (player, env) => {
      await player.run(3_100);
      await env.pass(140);
      await player.seek(20_000);
      await player.run(3_000);
    },
    "back over what was watched, where ranges merge": async (player, env) => {
      await player.run(6_000);
      await env.pass(120);
      await player.seek(2_000);
      await player.run(2_400);
      await env.pass(90);
      await player.seek(1_000);
      await player.run(1_000);
    },
    "short skips": async (player, env) => {
      for (const by of [400, 800, -300, -1_000]) {
        await player.run(2_000);
        await env.pass(70);
        await player.seek(player.media_ms + by);
      }
      await player.run(1_000);
    },
    "rate change in mid-section, then a seek at 2x": async (player, env) => {
      await player.run(3_000);
      player.faster(2);
      await player.run(3_000);
      await env.pass(110);
      await player.seek(40_000);
      await player.run(2_000);
    },
  };
  for (const [name, script] of Object.entries(scripts)) {
    it(name, async () => {
      const { env, player, tracking } = await scene();
      player.play();
      await script(player, env);
      player.pause();
      await tracking.flush();
      assert.ok(worstEnd(env, player) <= 1, String(worstEnd(env, player)));
    });
  }

  it("and without played ranges too, by wall time x rate", async () => {
    const { env, player, tracking } = await scene();
    player.tellsPlayed = false;
    player.play();
    await scripts["short skips"]?.(player, env);
    player.pause();
    await tracking.flush();
    assert.ok(worstEnd(env, player) <= 1, String(worstEnd(env, player)));
  });
});

describe("when batches leave", () => {
  it("also those that were made before the queue was found to be ours", async () => {
    const env = new FakeEnv();
    seen.add(env);
    const player = new FakePlayer(env);
    player.play();
    const tracking = trackWith(fakeAdapter, player, { ticket: fakeTicket(), endpoint: ENDPOINT }, env);
    const own = env.own.bind(env);
    env.own = async (name) => (await new Promise<void>((slowly) => env.later(slowly, 3_000)), own(name));
    await player.run(2_000);
    player.pause();
    await player.run(500);
    assert.deepEqual([env.requests.length, tracking.state.pending], [0, 1]);
    await env.pass(1_000);
    assert.deepEqual(sections(env).map(({ m1 }) => m1), [2_000]);
  });

  it("within half a second of play, pause, seeked, ratechange and ended, and at most one a second", async () => {
    const { env, player } = await scene();
    const sentAt: number[] = [];
    env.respond = (request) => (sentAt.push(env.now_ms), acknowledge(request));
    player.play();
    const began = env.now_ms;
    await player.run(500);
    assert.ok((sentAt[0] ?? Infinity) - began <= 500);
    for (let i = 0; i < 8; i++) await player.seek(5_000 * i, 60);
    await player.run(3_000);
    const apart = sentAt.slice(1).map((at, index) => at - (sentAt[index] ?? 0));
    assert.ok(apart.length >= 1 && apart.every((ms) => ms >= 1_000), String(apart));
  });

  it("at every beat while it plays, counted from where the section began", async () => {
    const { env, player } = await scene();
    await env.pass(7_000);
    player.play();
    await player.run(31_000);
    const claimed = sections(env);
    assert.deepEqual(claimed.map(({ m0, m1, end }) => [m0, m1, end]), [
      [0, 10_000, "beat"], [10_000, 20_000, "beat"], [20_000, 30_000, "beat"],
    ]);
  });

  it("at every beat also while it stalls again and again", async () => {
    const { env, player } = await scene();
    player.play();
    const began = env.now_ms;
    for (let i = 0; i < 4; i++) {
      await player.run(3_000);
      player.wait();
      await env.pass(200);
      player.goOn();
    }
    assert.ok(env.now_ms - began < 14_000);
    assert.deepEqual(sections(env).map(({ m1, end }) => [m1, end]), [[3_000, "waiting"], [6_000, "waiting"], [9_000, "waiting"], [9_400, "beat"]]);
  });

  it("at the beat the server asks for", async () => {
    const env = new FakeEnv();
    env.respond = (request) => acknowledge(request, { next_beat_ms: 4_000 });
    const { player } = await scene(env);
    player.play();
    await player.run(1_000);
    player.pause();
    await player.run(1_000);
    player.play();
    await player.run(9_000);
    assert.deepEqual(sections(env).slice(1).map(({ m0, m1 }) => m1 - m0), [4_000, 4_000]);
  });

  it("by the player's own events where timers are held back", async () => {
    const env = new FakeEnv();
    const later = env.later.bind(env);
    env.later = (task, ms) => later(task, Math.max(ms, 60_000));
    const { player } = await scene(env);
    player.play();
    await player.run(40_000);
    const lengths = sections(env).map(({ m0, m1 }) => m1 - m0);
    assert.ok(lengths.length === 3 && lengths.every((ms) => ms <= 11_000), String(lengths));
  });

  it("never while nothing happens", async () => {
    const { env } = await scene();
    await env.pass(3_600_000);
    assert.equal(env.requests.length, 0);
  });

  it("never larger than the wire allows", async () => {
    const { env, player, tracking } = await scene();
    player.play();
    for (let i = 0; i < 700; i++) {
      await env.pass(1);
      player.muted = !player.muted;
      player.fire("volumechange");
    }
    await tracking.flush();
    for (const { sections, events } of env.batches) assert.ok(sections.length <= 200 && events.length <= 500);
    assert.ok(env.requests.every(({ body }) => body.length < 48_000));
  });
});

describe("the page", () => {
  it("hidden: the section ends, is marked, and everything is on its way", async () => {
    const { env, player } = await scene();
    player.play();
    await player.run(3_000);
    env.isVisible = false;
    env.page?.onVisibility(false);
    await player.run(2_000);
    env.isVisible = true;
    env.page?.onVisibility(true);
    await player.run(1_000);
    player.pause();
    await env.pass(2_000);
    assert.deepEqual(sections(env).map(({ m0, m1, visible, end }) => [m0, m1, visible, end]), [
      [0, 3_000, true, "hidden"], [3_000, 5_000, false, "visible"], [5_000, 6_000, true, "pause"],
    ]);
    assert.deepEqual(types(env).filter((type) => type === "visibilitychange").length, 2);
  });

  it("left: what was played is beaconed, kept all the same, and sent by the next page", async () => {
    const { env, player } = await scene();
    player.play();
    await player.run(3_100);
    env.respond = () => Promise.reject(new TypeError("the page is gone"));
    env.page?.onLeave(false);
    const [beacon] = env.beacons;
    assert.equal((JSON.parse(beacon?.text.split("\n")[1] ?? "") as Batch).sections[0]?.end, "pagehide");
    env.respond = (request) => acknowledge(request, { status: "duplicate" });
    await scene(env, { ticket: fakeTicket("p_next") });
    assert.deepEqual(sections(env).at(-1)?.m1, 3_100);
    assert.equal(env.requests.at(-1)?.ticket, fakeTicket("p_bob"));
  });

  it("left and restored from the back/forward cache: it goes on", async () => {
    const { env, player } = await scene();
    player.play();
    await player.run(2_000);
    const asked = env.requests.length;
    env.page?.onLeave(true);
    env.page?.onVisibility(false);
    assert.equal(env.owned.get("playhead/p_bob"), undefined);
    assert.equal(env.requests.length, asked, "an answer that comes to it there would throw it out");
    assert.ok(env.beacons.some(({ text }) => text.includes('"visibilitychange"')));
    env.page?.onRestore();
    await player.run(2_000);
    player.pause();
    await env.pass(2_000);
    assert.deepEqual(sections(env).map(({ m0, m1 }) => [m0, m1]), [[0, 2_000], [2_000, 4_000]]);
    assert.equal(env.owned.get("playhead/p_bob"), true);
  });

  it("flushes for a logout, and the promise ends with the acknowledgement", async () => {
    const { env, player } = await scene();
    player.play();
    await player.run(4_000);
    await env.page?.onFlush();
    assert.deepEqual(sections(env).map(({ m1, end }) => [m1, end]), [[4_000, "beat"]]);
  });
});

describe("after an outage", () => {
  for (const [name, wake] of [
    ["the browser says that the network is back", (env: FakeEnv): void => env.page?.onNetwork(true)],
    ["the page is seen again", (env: FakeEnv): void => env.page?.onVisibility(true)],
  ] as const) {
    it(`it tries at once when ${name}`, async () => {
      const { env, player, tracking } = await scene();
      env.respond = () => Promise.reject(new TypeError("Failed to fetch"));
      player.play();
      await player.run(3_000);
      player.pause();
      await env.pass(300_000);
      env.respond = (request) => acknowledge(request);
      wake(env);
      await env.pass(300);
      assert.equal(tracking.state.saved, "saved");
      assert.deepEqual(sections(env).at(-1)?.m1, 3_000);
    });
  }

  it("of five minutes, under somebody's eyes, the server has everything twelve seconds after it is back", async () => {
    const { env, player, tracking } = await scene();
    env.respond = () => Promise.reject(new TypeError("Failed to fetch"));
    player.play();
    await player.run(30_000);
    player.pause();
    await env.pass(270_000);
    env.respond = (request) => acknowledge(request);
    await env.pass(12_000);
    assert.equal(tracking.state.saved, "saved");
  });
});

describe("another page", () => {
  it("that lives keeps its queue: it is not sent for it", async () => {
    const env = new FakeEnv();
    env.respond = () => new Promise(() => undefined);
    const first = await scene(env);
    first.player.play();
    await first.player.run(12_000);
    await scene(env, { ticket: fakeTicket("p_second") });
    assert.equal(env.requests.length, 1);
  });

  it("with the same ticket (a duplicated tab) is told to open its own playback", async () => {
    const env = new FakeEnv();
    await scene(env);
    const second = await scene(env);
    assert.deepEqual(second.notices.map(({ code, cause }) => [code, cause]), [["reopen", "taken"]]);
    second.player.play();
    await second.player.run(2_000);
    assert.deepEqual(env.requests, []);
  });

  it("loaded again with the same ticket goes on counting: numbers and clock", async () => {
    const env = new FakeEnv();
    const first = await scene(env);
    first.player.play();
    await first.player.run(3_000);
    env.page?.onLeave(false);
    await env.pass(20_000);
    const again = await scene(env);
    again.player.play();
    await again.player.run(2_000);
    again.player.pause();
    await env.pass(2_000);
    const seqs = env.batches.map(({ seq }) => seq);
    assert.deepEqual([...new Set(seqs)], [...new Set(seqs)].sort((a, b) => a - b));
    assert.ok((sections(env).at(-1)?.t0 ?? 0) > 24_000);
  });
});

describe("answers", () => {
  it("playing elsewhere pauses this player, but never against a fresh click on play", async () => {
    const env = new FakeEnv();
    env.respond = (request) => acknowledge(request, { playing_elsewhere: true });
    const { player, notices } = await scene(env);
    player.play();
    await player.run(15_000);
    assert.equal(player.paused, false);
    await player.run(10_000);
    assert.equal(player.paused, true);
    await env.pass(3_000);
    assert.deepEqual(notices.map(({ code }) => code), ["playing_elsewhere"]);
    assert.ok(types(env).includes("displaced"));
  });

  it("in_future three times in a row asks for a new playback", async () => {
    const env = new FakeEnv();
    let ahead = true;
    env.respond = (request) => {
      const refusals = request.batch.sections.map((_, section) => ({ section, reason: "in_future", ms: 1 }));
      return acknowledge(request, { refusals: ahead ? refusals : [] });
    };
    const { player, notices } = await scene(env);
    player.play();
    await player.run(25_000);
    ahead = false;
    await player.run(10_000);
    ahead = true;
    await player.run(24_000);
    assert.deepEqual(notices, []);
    await player.run(2_000);
    assert.deepEqual(notices.map(({ code, cause }) => [code, cause]), [["reopen", "in_future"]]);
  });

  it("a closed playback ends tracking, with the sum of what is lost", async () => {
    const env = new FakeEnv();
    const { player, notices, tracking } = await scene(env);
    player.play();
    await player.run(1_000);
    env.respond = () => problem(403, "playback_closed");
    await player.run(10_000);
    assert.equal(tracking.state.phase, "closed");
    assert.deepEqual(notices.map(({ code, cause, lost_ms }) => [code, cause, lost_ms]), [["closed", "playback_closed", 10_000]]);
    const sent = env.requests.length;
    await player.run(30_000);
    assert.equal(env.requests.length, sent);
  });

  it("seq_conflict asks for a new playback, and says what could not be recorded", async () => {
    const env = new FakeEnv();
    env.respond = () => problem(409, "seq_conflict");
    const { player, notices } = await scene(env);
    await env.pass(9_000);
    player.play();
    await player.run(200);
    player.pause();
    await env.pass(2_000);
    assert.deepEqual(notices.map(({ code, lost_ms }) => [code, lost_ms]), [["reopen", 200]]);
  });

  it("tell what is saved", async () => {
    const env = new FakeEnv();
    let up = false;
    env.respond = (request) => (up ? acknowledge(request) : problem(503, "overloaded"));
    const { player, states, notices } = await scene(env);
    player.play();
    await player.run(12_000);
    up = true;
    await player.run(12_000);
    assert.deepEqual([...new Set(states.map(({ saved }) => saved))], ["saving", "waiting", "saved"]);
    assert.equal(states.at(-1)?.saved, "saved");
    assert.deepEqual(notices.map(({ code }) => code), ["trouble"]);
  });
});

describe("the ticket", () => {
  it("is renewed at half its life, counted from now, and the queue goes on with the new one", async () => {
    const env = new FakeEnv();
    const fresh = fakeTicket("p_bob", 7_200);
    env.respond = (request) => (request.url.endsWith("/ticket") ? Response.json({ ticket: fresh }) : acknowledge(request));
    const { player } = await scene(env, { ticket: fakeTicket("p_bob", 3_600) });
    await env.pass(1_799_500);
    assert.deepEqual(env.requests.map(({ url, ticket }) => [url, ticket]), [
      ["https://media.example/v1/playbacks/p_bob/ticket", fakeTicket("p_bob", 3_600)],
    ]);
    player.play();
    await player.run(1_000);
    assert.equal(env.requests.at(-1)?.ticket, fresh);
    await env.pass(3_600_000);
    assert.equal(env.requests.at(-1)?.url, "https://media.example/v1/playbacks/p_bob/ticket");
  });

  it("is asked for again when the server cannot be reached, and no more once it said no", async () => {
    const env = new FakeEnv();
    let refuses = false;
    env.respond = () => (refuses ? problem(403, "playback_closed") : new Response("bad gateway", { status: 502 }));
    await scene(env, { ticket: fakeTicket("p_bob", 3_600) });
    await env.pass(2_500_000);
    const asked = env.requests.length;
    assert.ok(asked >= 3);
    refuses = true;
    await env.pass(3_600_000);
    assert.equal(env.requests.length, asked + 1);
  });
});

describe("another video in the same player", () => {
  it("is not what the ticket is for: nothing is claimed until the old length is back", async () => {
    const { env, player, tracking } = await scene();
    player.play();
    await player.run(2_000);
    player.load(90_000);
    await player.run(5_000);
    player.load(60_024);
    await player.run(1_000);
    player.pause();
    await tracking.flush();
    assert.deepEqual(sections(env).map(({ m0, m1, end }) => [m0, m1, end]), [[0, 2_000, "emptied"], [0, 1_000, "pause"]]);
  });
});
