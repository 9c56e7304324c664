import assert from "node:assert/strict";
import { it } from "node:test";
import { clockFrom } from "../src/clock.ts";

function clockAt(perf_ms: number, date_ms: number, elapsed_ms = 0): { clock: () => number; set(perf: number, date: number): void } {
  const source = { perf_ms, date_ms };
  const clock = clockFrom({ perf: () => source.perf_ms, date: () => source.date_ms }, elapsed_ms);
  return { clock, set: (perf, date) => void Object.assign(source, { perf_ms: perf, date_ms: date }) };
}

it("counts from zero, by the monotonic clock", () => {
  const { clock, set } = clockAt(5_000, 1_000_000);
  assert.equal(clock(), 0);
  set(6_500.25, 1_001_400);
  assert.equal(clock(), 1_500.25);
});

it("goes on where an earlier page of the same playback began", () => {
  const { clock, set } = clockAt(5_000, 1_000_000, 90_000);
  set(5_010, 1_000_010);
  assert.equal(clock(), 90_010);
});

it("does not stand still while the machine sleeps, and counts the sleep once", () => {
  const { clock, set } = clockAt(0, 1_000_000);
  set(10_000, 1_010_000);
  clock();
  set(10_500, 4_610_500);
  assert.equal(clock(), 3_610_500);
  set(11_500, 4_611_500);
  assert.equal(clock(), 3_611_500);
});

it("never goes back when the machine's clock is put back, nor does it stop", () => {
  const { clock, set } = clockAt(0, 10_000_000);
  set(10_000, 10_010_000);
  assert.equal(clock(), 10_000);
  set(11_000, 3_000_000);
  assert.equal(clock(), 11_000);
  set(12_000, 3_001_000);
  assert.equal(clock(), 12_000);
});
