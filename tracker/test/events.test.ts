import assert from "node:assert/strict";
import { it } from "node:test";
import { EventLog } from "../src/events.ts";

it("events are told once each, in order", () => {
  const log = new EventLog();
  for (const [t, type] of ["play", "playing", "play"].entries()) log.add({ type, t, m: 0 });
  assert.deepEqual(log.take(2).map(({ type }) => type), ["play", "playing"]);
  assert.deepEqual(log.take(9).map(({ t }) => t), [2]);
  assert.equal(log.size, 0);
});

it("of a chatty kind the newest within its time waits, and only as long as it waits", () => {
  const log = new EventLog();
  for (let t = 0; t < 25_000; t += 250) log.add({ type: "timeupdate", t, m: t }, 10_000);
  log.add({ type: "pause", t: 25_000, m: 25_000 });
  assert.deepEqual(log.take(9).map(({ t }) => t), [9_750, 19_750, 24_750, 25_000]);
  log.add({ type: "timeupdate", t: 25_100, m: 25_100 }, 10_000);
  assert.equal(log.size, 1);
});
