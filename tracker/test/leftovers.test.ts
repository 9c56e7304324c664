import assert from "node:assert/strict";
import { it } from "node:test";
import { sendOrphans } from "../src/leftovers.ts";
import { queueIn } from "../src/queue.ts";
import type { Section } from "../src/wire.ts";
import { FakeEnv, fakeTicket, problem } from "./fakes.ts";

const SECTION: Section = {
  t0: 0, t1: 2_000, m0: 0, m1: 2_000, rate: 1_000, visible: true, muted: false, pip: false, end: "pagehide",
};

/** A page that died, and left one batch of two seconds. */
function dead(env: FakeEnv, playback: string): void {
  const head = { ticket: fakeTicket(playback), endpoint: "https://media.example/v1/batches", zero: 0, until: 9e15, seen: 0 };
  queueIn(env.store, playback, head).add({ sent: 0, sections: [SECTION], events: [] }, env.date());
}

const tickets = (env: FakeEnv): string[] => env.requests.map(({ ticket }) => ticket);

it("what dead pages left is sent, each under its own ticket, which is then forgotten", async () => {
  const env = new FakeEnv();
  dead(env, "p_bob");
  dead(env, "p_bobs_other_tab");
  await sendOrphans(env, "p_now", assert.fail);
  assert.deepEqual(tickets(env), [fakeTicket("p_bob"), fakeTicket("p_bobs_other_tab")]);
  assert.ok([...env.store.rows.values()].every((row) => !row.includes(".c2lnbmVk")));
  assert.equal([...env.owned.values()].length, 0);
});

it("a living page's queue is left alone, and so is our own", async () => {
  const env = new FakeEnv();
  dead(env, "p_living");
  dead(env, "p_now");
  env.owned.set("playhead/p_living", true);
  await sendOrphans(env, "p_now", assert.fail);
  assert.deepEqual(tickets(env), []);
});

it("where browsers have no locks, a page is dead a minute after its last sign of life", async () => {
  const env = new FakeEnv();
  env.locks = "unknown";
  dead(env, "p_bob");
  await env.pass(59_000);
  await sendOrphans(env, "p_now", assert.fail);
  assert.deepEqual(tickets(env), []);
  await env.pass(2_000);
  await sendOrphans(env, "p_now", assert.fail);
  assert.deepEqual(tickets(env), [fakeTicket("p_bob")]);
});

it("what is refused for good is dropped, with its sum, and does not hold up the rest", async () => {
  const env = new FakeEnv();
  dead(env, "p_bob");
  dead(env, "p_second");
  env.respond = () => problem(401, "ticket_expired");
  const lost: [string, number][] = [];
  await sendOrphans(env, "p_now", ({ code }, lost_ms) => void lost.push([code, lost_ms]));
  assert.deepEqual(lost, [["ticket_expired", 2_000], ["ticket_expired", 2_000]]);
});

it("a row that cannot be read is cleared away", async () => {
  const env = new FakeEnv();
  env.store.set("playhead/p_torn", '{"ticket": "ey');
  await sendOrphans(env, "p_now", assert.fail);
  assert.equal(env.store.rows.size, 0);
});
