import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Adapter } from "../src/adapter.ts";
import { trackWith, type Notice } from "../src/tracker.ts";
import { acknowledge, fakeAdapter, FakeEnv, FakePlayer, fakeTicket } from "./fakes.ts";
import { ENDPOINT, scene, sections, seen } from "./scene.ts";

describe("the page is never disturbed", () => {
  it("by a player that throws", async () => {
    const { env, player, notices } = await scene();
    Object.defineProperty(player, "media_ms", { get: () => { throw new Error("cross-origin"); } });
    player.fire("play", "timeupdate", "pause");
    await env.pass(20_000);
    assert.ok(notices.every(({ code }) => code === "internal") && notices.length > 0);
  });

  for (const hook of ["element", "read", "listen", "end", "pause"] as const) {
    it(`by an adapter whose ${hook} throws, at once or later`, async () => {
      for (const after_ms of [0, 30_000]) {
        const env = new FakeEnv();
        seen.add(env);
        const player = new FakePlayer(env);
        const notices: Notice[] = [];
        const fails = (): void => {
          if (env.now_ms >= 1_000 + after_ms) throw new Error("the player's fault");
        };
        const broken: Adapter = (target) => {
          const whole = fakeAdapter(target);
          return whole && {
            element: () => (hook === "element" ? fails() : undefined, whole.element()),
            read: () => (hook === "read" ? fails() : undefined, whole.read()),
            pause: () => (hook === "pause" ? fails() : undefined, whole.pause()),
            listen(hear, safe) {
              if (hook === "listen") fails();
              const end = whole.listen(hear, safe);
              return () => (hook === "end" ? fails() : undefined, end());
            },
          };
        };
        env.respond = (request) => acknowledge(request, { playing_elsewhere: true });
        const options = { ticket: fakeTicket(), endpoint: ENDPOINT, onNotice: (notice: Notice) => void notices.push(notice) };
        const tracking = trackWith(broken, player, options, env);
        player.play();
        await player.run(32_000);
        env.page?.onVisibility(false);
        env.page?.onFullscreen(null);
        env.page?.onLeave(true);
        env.page?.onRestore();
        tracking.tell("present", { prompt: "x" });
        await tracking.flush();
        tracking.stop();
        await env.pass(1_000);
        // Late, nobody listens or has to be paused again.
        const met = after_ms === 0 || (hook !== "listen" && hook !== "pause");
        assert.equal(notices.some(({ code }) => code === "internal" || code === "unsupported"), met);
      }
    });
  }

  it("by its own handlers that throw", async () => {
    const fail = (): never => { throw new Error("the page's fault"); };
    const { env, player, tracking } = await scene(new FakeEnv(), { onAnswer: fail, onState: fail, onNotice: fail });
    player.play();
    await player.run(25_000);
    player.pause();
    await tracking.flush();
    assert.equal(sections(env).at(-1)?.m1, 25_000);
    tracking.stop();
  });

  it("by something that is no player, or no ticket", () => {
    const notices: string[] = [];
    const options = { ticket: "nonsense", endpoint: ENDPOINT, onNotice: ({ code }: Notice) => void notices.push(code) };
    const env = new FakeEnv();
    trackWith(fakeAdapter, new FakePlayer(env), options, env).stop();
    trackWith(fakeAdapter, {}, { ...options, ticket: fakeTicket() }, env).stop();
    assert.deepEqual(notices, ["unsupported", "unsupported"]);
  });

  it("after stop: no listener, no timer, no request", async () => {
    const { env, player, tracking } = await scene();
    player.play();
    await player.run(1_000);
    tracking.stop();
    await env.pass(2_000);
    assert.equal(player.listeners.size, 0);
    const sent = env.requests.length;
    await env.pass(100_000);
    assert.equal(env.requests.length, sent);
    assert.equal(sections(env).at(-1)?.end, "stop");
  });

  it("storage that is full is told, and what is watched still arrives", async () => {
    const env = new FakeEnv();
    const { player, notices } = await scene(env);
    env.store.full = true;
    player.play();
    await player.run(11_000);
    assert.ok(notices.every(({ code }) => code === "not_stored") && notices.length > 0);
    assert.equal(sections(env).at(-1)?.m1, 10_000);
  });
});
