import assert from "node:assert/strict";
import { it } from "node:test";
import { note, take, type Waiting } from "../src/events.ts";

it("events are told once each, in order", () => {
  const log: Waiting[] = [];
  for (const [t, type] of ["play", "playing", "play"].entries()) note(log, { type, t, m: 0 });
  assert.deepEqual(take(log, 2).map(({ type }) => type), ["play", "playing"]);
  assert.deepEqual(take(log, 9).map(({ t }) => t), [2]);
  assert.equal(log.length, 0);
});

it("of a chatty kind the newest within its time waits, and only as long as it waits", () => {
  const log: Waiting[] = [];
  for (let t = 0; t < 25_000; t += 250) note(log, { type: "timeupdate", t, m: t }, 10_000);
  note(log, { type: "pause", t: 25_000, m: 25_000 });
  assert.deepEqual(take(log, 9).map(({ t }) => t), [9_750, 19_750, 24_750, 25_000]);
  note(log, { type: "timeupdate", t: 25_100, m: 25_100 }, 10_000);
  assert.equal(log.length, 1);
});
