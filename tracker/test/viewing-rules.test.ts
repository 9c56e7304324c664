/** What the policy lets the player do. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { beginAt } from "../pages/opening.ts";
import { allowedRate, offeredRates, ViewingRules, type Policy } from "../pages/viewing-rules.ts";
import type { Intervals } from "../pages/intervals.ts";

const FREE: Policy = { max_rate: 2000, threshold_percent: 95, no_skip: false, part: null };

class Stage {
  at_ms = 0;
  paused = false;
  told: string[] = [];
  rules: ViewingRules;

  constructor(policy: Partial<Policy>, coverage: Intervals = [], begin_ms = 0) {
    this.at_ms = begin_ms;
    this.rules = new ViewingRules({ ...FREE, ...policy }, begin_ms, {
      position_ms: () => this.at_ms,
      duration_ms: () => 100_000,
      coverage: () => coverage,
      seek: (to_ms) => void (this.at_ms = to_ms),
      pause: () => void (this.paused = true),
      applied: (rule) => this.told.push(rule),
    });
  }

  seek(to_ms: number): number {
    this.at_ms = to_ms;
    this.rules.heard("seeking");
    return this.at_ms;
  }

  play(until_ms: number): void {
    for (; this.at_ms < until_ms && !this.paused; this.at_ms += 250) this.rules.heard("timeupdate");
  }
}

test("speeds on offer are those that are allowed", () => {
  assert.deepEqual(offeredRates(FREE), [500, 750, 1000, 1250, 1500, 1750, 2000]);
  assert.deepEqual(offeredRates({ ...FREE, rates: [1500, 1000, 4000] }), [1000, 1500]);
  assert.deepEqual(offeredRates({ ...FREE, max_rate: 250 }), [250]);
  assert.equal(allowedRate(FREE, 3000), 2000);
  assert.equal(allowedRate(FREE, 1333), 1333);
  assert.equal(allowedRate({ ...FREE, rates: [1000, 1500] }, 1400), 1000);
  assert.equal(allowedRate({ ...FREE, rates: [1000, 1500] }, 500), 1000);
});

test("without rules the player goes where it likes", () => {
  const stage = new Stage({});
  assert.equal(stage.seek(90_000), 90_000);
  assert.deepEqual(stage.told, []);
});

test("who may only move inside what was watched goes back to where they were", () => {
  const stage = new Stage({ seeking: "covered" }, [[0, 20_000], [21_000, 30_000], [60_000, 70_000]], 25_000);
  assert.equal(stage.seek(5_000), 5_000);
  stage.rules.heard("timeupdate");
  assert.equal(stage.seek(29_000), 29_000);
  stage.rules.heard("timeupdate");
  assert.equal(stage.seek(65_000), 29_000);
  assert.deepEqual(stage.told, ["seeking"]);
});

test("what was just played is watched, too, before the server has said so", () => {
  const stage = new Stage({ seeking: "covered" });
  stage.play(12_000);
  stage.seek(2_000);
  stage.rules.heard("timeupdate");
  assert.equal(stage.seek(11_000), 11_000);
  assert.equal(stage.seek(40_000), 2_000);
});

test("without seeking nothing moves but to begin again after the end", () => {
  const stage = new Stage({ seeking: "none" }, [[0, 100_000]], 50_000);
  assert.equal(stage.seek(10_000), 50_000);
  stage.rules.heard("ended");
  assert.equal(stage.seek(0), 0);
});

test("only the part is played", () => {
  const stage = new Stage({ part: [10_000, 20_000] }, [], 10_000);
  assert.equal(stage.seek(0), 10_000);
  assert.equal(stage.seek(50_000), 19_999);
  stage.seek(10_000);
  stage.play(30_000);
  assert.ok(stage.paused);
  assert.ok(stage.at_ms <= 20_700);
});

test("asking for what lies behind the part is no way past what was not watched", () => {
  const stage = new Stage({ seeking: "covered", part: [5_000, 40_000] }, [[5_000, 10_000]], 10_000);
  assert.equal(stage.seek(100_000), 10_000);
  assert.equal(stage.seek(0), 5_000);
  assert.equal(stage.seek(20_000), 5_000);
  assert.deepEqual(stage.told, ["seeking", "part", "seeking"]);
});

test("an address may ask where to begin, where one may go anywhere", () => {
  const free = { policy: FREE, resume_ms: 12_000 };
  assert.equal(beginAt(free, "#t=75"), 75_000);
  for (const hash of ["", "#t=", "#t=-1", "#t=1e9", "#students"]) assert.equal(beginAt(free, hash), 12_000);
  for (const seeking of ["covered", "none"] as const) assert.equal(beginAt({ ...free, policy: { ...FREE, seeking } }, "#t=75"), 12_000);
});
