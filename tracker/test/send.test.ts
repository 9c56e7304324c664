import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { queueIn } from "../src/queue.ts";
import { senderOf } from "../src/send.ts";
import type { Problem, Section } from "../src/wire.ts";
import { acknowledge, answer, FakeEnv, fakeTicket, problem, settle, type Respond } from "./fakes.ts";

const SECTION: Section = {
  t0: 0, t1: 2_000, m0: 0, m1: 2_000, rate: 1_000, visible: true, muted: false, pip: false, end: "beat",
};

/** A queue of `count` batches of two seconds each, and its sender; `told` is what became of them. */
function sending(count: number, respond?: Respond) {
  const env = new FakeEnv();
  if (respond) env.respond = respond;
  const head = { ticket: fakeTicket(), endpoint: "https://media.example/v1/batches", zero: 0, until: 9e15, seen: 0 };
  const queue = queueIn(env.store, "p_bob", head);
  const told: { answered: number[]; aside: Problem[]; closed: [string, number][]; troubles: number } = {
    answered: [], aside: [], closed: [], troubles: 0,
  };
  const sender = senderOf(env, queue, {
    onAnswer: ({ seq }) => told.answered.push(seq),
    onAside: (refused) => told.aside.push(refused),
    onClosed: ({ code }, lost_ms) => told.closed.push([code, lost_ms]),
    onTrouble: () => (told.troubles += 1),
  });
  for (let i = 0; i < count; i++) queue.add({ sent: i, sections: [SECTION], events: [] }, 0);
  return { env, queue, sender, told };
}

const seqs = (env: FakeEnv): number[] => env.batches.map(({ seq }) => seq);

describe("sending", () => {
  it("goes in order, one at a time, ticket on line 1, until all is acknowledged", async () => {
    const { env, queue, sender, told } = sending(3);
    await sender.send();
    assert.deepEqual(told.answered, [0, 1, 2]);
    assert.deepEqual(queue.pending, []);
    const [first] = env.requests;
    assert.equal(first?.ticket, fakeTicket());
    assert.equal(first?.init.headers, undefined); // what browsers make of a text needs no preflight
    assert.equal(first?.init.credentials, "omit");
  });

  it("sends what came in meanwhile, and never two at once", async () => {
    let inFlight = 0;
    const { env, queue, sender } = sending(2, async (request) => {
      assert.equal((inFlight += 1), 1);
      await settle();
      inFlight -= 1;
      return acknowledge(request);
    });
    const all = Promise.all([sender.send(), sender.send()]);
    queue.add({ sent: 9, sections: [], events: [] }, 0);
    void sender.send();
    await all;
    assert.deepEqual(seqs(env), [0, 1, 2]);
  });

  it("takes a renewed ticket for the same body", async () => {
    const { env, queue, sender } = sending(1);
    queue.renew("fresh.ticket.here", 9e15);
    await sender.send();
    assert.equal(env.requests[0]?.ticket, "fresh.ticket.here");
    assert.equal(env.requests[0]?.batch.seq, 0);
  });
});

describe("only our collector's answer to this batch acknowledges it", () => {
  for (const [name, reply] of Object.entries({
    "a captive portal's page": () => new Response("<h1>Log in to Hotel WiFi</h1>"),
    "JSON of somebody else": () => Response.json({ ok: true }),
    "an answer to another batch": () => Response.json(answer(7)),
    "nothing in it": () => new Response(null, { status: 204 }),
  })) {
    it(`not ${name}`, async () => {
      const { env, queue, sender, told } = sending(1, reply);
      void sender.send();
      await env.pass(0);
      assert.deepEqual([queue.pending, told.answered, told.troubles], [[0], [], 1]);
    });
  }

  it("a duplicate is acknowledged too", async () => {
    const { queue, sender, told } = sending(1, (request) => acknowledge(request, { status: "duplicate" }));
    await sender.send();
    assert.deepEqual([queue.pending, told.answered], [[], [0]]);
  });
});

describe("when it fails", () => {
  // A random number of 0.5 is three quarters of the back-off.
  for (const [page, isVisible, expected] of [
    ["every twelve seconds while the page is seen", true, [750, 1_500, 3_000, 6_000, 9_000, 9_000, 9_000, 9_000]],
    ["once a minute while it is hidden", false, [750, 1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000]],
  ] as const) {
    it(`the same bytes are tried again, ever more slowly, with jitter, and at least ${page}`, async () => {
      const { env, sender, told } = sending(1, () => Promise.reject(new TypeError("Failed to fetch")));
      env.isVisible = isVisible;
      const tried: number[] = [];
      const failing = env.respond;
      env.respond = (request) => (tried.push(env.now_ms), failing(request));
      void sender.send();
      await env.pass(600_000);
      const waits = tried.slice(1).map((at, index) => at - (tried[index] ?? 0));
      assert.deepEqual(waits.slice(0, 8), expected);
      assert.equal(new Set(env.requests.map(({ body }) => body)).size, 1);
      assert.equal(told.troubles, tried.length);
    });
  }

  it("nothing is lost in an hour without a server, and everything arrives in order", async () => {
    let up = false;
    const { env, queue, sender, told } = sending(0, (request) => (up ? acknowledge(request) : problem(503, "overloaded")));
    for (let i = 0; i < 360; i++) {
      queue.add({ sent: i, sections: [SECTION], events: [] }, env.date());
      void sender.send();
      await env.pass(10_000);
    }
    assert.equal(queue.pending.length, 360);
    up = true;
    await env.pass(60_000);
    assert.deepEqual(told.answered, [...Array(360).keys()]);
  });

  for (const [header, least_ms] of [["30", 30_000], [new Date(1_790_000_061_000).toUTCString(), 60_000]] as const) {
    it(`Retry-After: ${header} is honoured, even when the network comes back`, async () => {
      let busy = true;
      const { env, sender, told } = sending(1, (request) =>
        busy ? problem(429, "too_many", { "Retry-After": header }) : acknowledge(request),
      );
      void sender.send();
      await env.pass(0);
      busy = false;
      await env.pass(least_ms - 1);
      void sender.sendNow();
      await env.pass(0);
      assert.deepEqual([env.requests.length, told.answered], [1, []]);
      await env.pass(2_000);
      assert.deepEqual(told.answered, [0]);
    });
  }

  it("sendNow cuts a back-off short", async () => {
    let up = false;
    const { env, sender, told } = sending(1, (request) => (up ? acknowledge(request) : problem(503, "overloaded")));
    void sender.send();
    await env.pass(100_000);
    up = true;
    await sender.sendNow();
    assert.deepEqual(told.answered, [0]);
  });
});

describe("what the server will never take", () => {
  for (const [status, code] of [[400, "batch_invalid"], [409, "seq_conflict"], [413, "body_too_large"]] as const) {
    it(`${status} is set aside, never retried, and the next goes on`, async () => {
      const { env, queue, sender, told } = sending(2, (request) =>
        request.batch.seq === 0 ? problem(status, code) : acknowledge(request),
      );
      await sender.send();
      await env.pass(120_000);
      assert.deepEqual(seqs(env), [0, 1]);
      assert.deepEqual(told.aside, [{ code, detail: `because of ${code}` }]);
      assert.deepEqual([told.answered, queue.pending], [[1], []]);
    });
  }

  for (const [status, code] of [[401, "ticket_expired"], [403, "playback_closed"]] as const) {
    it(`${status} with our code drops everything of this ticket, and says what was lost`, async () => {
      const { env, queue, sender, told } = sending(3, () => problem(status, code));
      await sender.send();
      await env.pass(120_000);
      assert.deepEqual([env.requests.length, queue.pending], [1, []]);
      assert.deepEqual(told.closed, [[code, 6_000]]);
    });
  }

  it("a firewall's 403 is not the server's word: nothing is dropped", async () => {
    const { env, queue, sender, told } = sending(1, () => new Response("Blocked by policy", { status: 403 }));
    void sender.send();
    await env.pass(10_000);
    assert.deepEqual([queue.pending, told.closed], [[0], []]);
    assert.ok(env.requests.length > 1);
  });
});

describe("a beacon", () => {
  it("hands over everything and acknowledges nothing", async () => {
    const { env, queue, sender } = sending(3);
    sender.beacon();
    assert.equal(env.beacons.length, 3);
    assert.equal(env.beacons[0]?.text, `${fakeTicket()}\n${queue.body(0)}`);
    assert.deepEqual(queue.pending, [0, 1, 2]);
    await sender.send();
    assert.deepEqual([seqs(env), queue.pending], [[0, 1, 2], []]);
  });

  it("keeps under what browsers allow, oldest first", () => {
    const { env, queue, sender } = sending(0);
    for (let i = 0; i < 6; i++) queue.add({ sent: i, sections: Array(80).fill(SECTION) as Section[], events: [] }, 0);
    sender.beacon();
    const bytes = env.beacons.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    assert.ok(env.beacons.length >= 4 && bytes < 48_000, `${env.beacons.length} beacons, ${bytes} bytes`);
    env.beacons = [];
    env.deferredTexts = [];
    sender.beacon();
    assert.equal(env.beacons.length + env.deferredTexts.length, queue.pending.length, "the browser sends the rest once the page is gone");
  });

  it("stops when the browser says that it takes no more", () => {
    const { env, sender } = sending(3);
    let offered = 0;
    env.beacon = () => (offered += 1) < 2;
    sender.beacon();
    assert.equal(offered, 2);
  });
});
