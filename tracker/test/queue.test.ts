import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { playbacksIn, queueIn } from "../src/queue.ts";
import type { Section } from "../src/wire.ts";
import { FakeStore, fakeTicket } from "./fakes.ts";

const HEAD = { ticket: fakeTicket(), endpoint: "https://media.example/v1/batches", zero: 50, until: 99_000, seen: 50 };
const EMPTY = { sent: 10, sections: [], events: [] };

function claim(m0: number, m1: number): Section {
  return { t0: 0, t1: m1 - m0, m0, m1, rate: 1_000, visible: true, muted: false, pip: false, end: "beat" };
}

describe("a queue", () => {
  it("writes a batch down at once, under the next number", () => {
    const store = new FakeStore();
    const queue = queueIn(store, "p_bob", HEAD);
    queue.add(EMPTY, 60);
    queue.add({ ...EMPTY, sent: 20 }, 70);
    assert.deepEqual(queue.pending, [0, 1]);
    assert.equal(store.get("playhead/p_bob/1"), '{"seq":1,"sent":20,"sections":[],"events":[]}');
  });

  it("keeps it until it is done, and then keeps the number", () => {
    const store = new FakeStore();
    const queue = queueIn(store, "p_bob", HEAD);
    queue.add(EMPTY, 60);
    queue.done(0);
    assert.deepEqual([...store.rows.keys()], ["playhead/p_bob"]);
    queue.add(EMPTY, 60);
    assert.deepEqual(queue.pending, [1]);
  });

  it("goes on after the page died: same numbers, same t = 0, same bodies", () => {
    const store = new FakeStore();
    const before = queueIn(store, "p_bob", HEAD);
    for (let i = 0; i < 12; i++) before.add({ ...EMPTY, sent: i }, 60);
    before.done(0);
    const after = queueIn(store, "p_bob", { ...HEAD, zero: 777 });
    assert.deepEqual(after.pending, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    assert.equal(after.head.zero, 50);
    assert.equal(after.body(10), before.body(10));
    after.add(EMPTY, 60);
    assert.equal(after.pending.at(-1), 12);
  });

  it("counts on even where only the batch was written before the kill", () => {
    const store = new FakeStore();
    store.set("playhead/p_bob/4", JSON.stringify({ seq: 4, ...EMPTY }));
    const queue = queueIn(store, "p_bob", HEAD);
    queue.add(EMPTY, 60);
    assert.deepEqual(queue.pending, [4, 5]);
  });

  it("says when a batch is in memory only", () => {
    const store = new FakeStore();
    const queue = queueIn(store, "p_bob", HEAD);
    store.full = true;
    assert.equal(queue.add(EMPTY, 60), false);
    assert.deepEqual(queue.pending, [0]);
  });

  it("sets aside what the server will never take, the newest twenty", () => {
    const store = new FakeStore();
    const queue = queueIn(store, "p_bob", HEAD);
    for (let seq = 0; seq < 25; seq++) {
      queue.add(EMPTY, 60 + seq);
      queue.setAside(seq, "batch_invalid");
    }
    assert.deepEqual(queue.pending, []);
    const aside = store.keys().filter((key) => key.startsWith("playhead-aside/"));
    assert.equal(aside.length, 20);
    assert.equal(aside.at(-1), "playhead-aside/84/p_bob/24");
    assert.match(store.get("playhead-aside/84/p_bob/24") ?? "", /batch_invalid/);
  });

  it("drops everything with its ticket, and says how much was claimed", () => {
    const store = new FakeStore();
    const queue = queueIn(store, "p_bob", HEAD);
    queue.add({ ...EMPTY, sections: [claim(0, 4_000), claim(9_000, 10_000)] }, 60);
    queue.add({ ...EMPTY, sections: [claim(0, 500)] }, 60);
    assert.equal(queue.drop(), 5_500);
    assert.equal(store.rows.size, 0);
  });

  it("keeps its hands off what others store, and off other playbacks", () => {
    const store = new FakeStore();
    store.set("theme", "dark");
    store.set("playhead/p_bob2/0", "{}");
    const queue = queueIn(store, "p_bob", HEAD);
    assert.deepEqual(queue.pending, []);
    queue.drop();
    assert.deepEqual([...store.rows.keys()], ["theme", "playhead/p_bob2/0"]);
  });
});

describe("a queue nobody goes on with", () => {
  it("forgets the ticket once empty, and everything once that is over", () => {
    const store = new FakeStore();
    const queue = queueIn(store, "p_bob", HEAD);
    queue.add(EMPTY, 60);
    queue.tidy(70);
    assert.equal(queue.head.ticket, HEAD.ticket);
    queue.done(0);
    queue.tidy(70);
    assert.equal(queueIn(store, "p_bob", HEAD).head.next_seq, 1);
    assert.doesNotMatch(store.get("playhead/p_bob/") ?? "", /ticket/);
    queue.tidy(99_001);
    assert.deepEqual(playbacksIn(store), []);
  });

  it("is found by its head", () => {
    const store = new FakeStore();
    queueIn(store, "p_bob", HEAD).add(EMPTY, 60);
    queueIn(store, "p_other", HEAD);
    assert.deepEqual(playbacksIn(store), ["p_bob", "p_other"]);
  });
});
