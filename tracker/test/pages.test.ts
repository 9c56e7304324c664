import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clockText } from "../pages/clock-text.ts";
import { contains, gaps, intersect, intervals, minus, union, type Intervals, type Pair } from "../pages/intervals.ts";
import { layerAt, layers } from "../pages/section-map.ts";
import { afterAnswer, nextMissing, standingAtOpening, type Standing } from "../pages/standing.ts";
import { Words } from "../pages/words.ts";
import type { Section } from "../src/wire.ts";
import { answer } from "./fakes.ts";

describe("intervals", () => {
  it("are joined where they overlap or touch, whatever their order", () => {
    assert.deepEqual(intervals([[20, 30], [0, 10], [5, 12], [12, 15], [40, 40]]), [[0, 15], [20, 30]]);
  });

  it("do what sets of milliseconds do", () => {
    let seed = 3;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const any = (): Intervals => intervals(Array.from({ length: random(6) }, () => [random(30), random(30)] as Pair));
    const each = (set: Intervals): number[] => [...Array(30).keys()].filter((ms) => contains(set, ms));
    for (let i = 0; i < 500; i++) {
      const [a, b] = [any(), any()];
      const [inA, inB] = [each(a), each(b)];
      assert.deepEqual(each(union(a, b)), each(a).concat(inB.filter((ms) => !inA.includes(ms))).sort((x, y) => x - y));
      assert.deepEqual(each(intersect(a, b)), inA.filter((ms) => inB.includes(ms)));
      assert.deepEqual(each(minus(a, b)), inA.filter((ms) => !inB.includes(ms)));
      assert.deepEqual(each(intervals(gaps(a, 5, 25))), [...Array(20).keys()].map((ms) => ms + 5).filter((ms) => !inA.includes(ms)));
    }
  });
});

it("times as people read them: begun seconds are not shown", () => {
  assert.deepEqual([0, 999, 42_999, 725_000, 3_765_000, -5].map(clockText), ["0:00", "0:00", "0:42", "12:05", "1:02:45", "0:00"]);
});

function standing(more: Partial<Standing> = {}): Standing {
  const told = { coverage: [[0, 10_000]] as Pair[], again: [], refused: [], covered_ms: 10_000, watched_ms: 10_000, needed_ms: 57_000, progress: 16, completed: false };
  return { ...standingAtOpening(told), ...more };
}

function claim(m0: number, m1: number): Section {
  return { t0: 0, t1: m1 - m0, m0, m1, rate: 1_000, visible: true, muted: false, pip: false, end: "beat" };
}

describe("where the viewer stands", () => {
  it("counted is covered where the server says nothing else", () => {
    assert.equal(standing().counted_ms, 10_000);
  });

  it("what is credited a second time is watched again, within one answer too", () => {
    const told = answer(1, { credited: [[8_000, 12_000], [11_000, 13_000]], covered_ms: 13_000 });
    const after = afterAnswer(standing(), told, { seq: 1, sent: 0, sections: [], events: [] });
    assert.deepEqual(after.coverage, [[0, 13_000]]);
    assert.deepEqual(after.again, [[8_000, 10_000], [11_000, 12_000]]);
    assert.equal(after.covered_ms, 13_000);
  });

  it("what is claimed and cut is hatched where nothing else credits it, and summed by reason", () => {
    const batch = { seq: 1, sent: 0, sections: [claim(20_000, 40_000), claim(50_000, 51_000)], events: [] };
    const told = answer(1, { credited: [[20_000, 24_004]], refusals: [{ section: 0, reason: "too_fast", ms: 15_996 }] });
    const after = afterAnswer(standing({ refusals: { too_fast: 4, too_old: 7 } }), told, batch);
    assert.deepEqual(after.refused, [[24_004, 40_000]]);
    assert.deepEqual(after.refusals, { too_fast: 16_000, too_old: 7 });
    const later = afterAnswer(after, answer(2, { credited: [[30_000, 60_000]] }), { ...batch, sections: [] });
    assert.deepEqual(later.refused, [[24_004, 30_000]]);
  });

  it("a claim that makes no sense is drawn nowhere", () => {
    const batch = { seq: 1, sent: 0, sections: [claim(5_000, 4_000)], events: [] };
    const after = afterAnswer(standing(), answer(1, { refusals: [{ section: 0, reason: "malformed", ms: 0 }] }), batch);
    assert.deepEqual(after.refused, []);
  });

  it("the next missing part is the next one ahead, else the first; slivers are passed over", () => {
    const coverage: Intervals = [[0, 10_000], [10_200, 20_000], [30_000, 40_000]];
    assert.deepEqual(nextMissing(coverage, 60_000, 5_000), [20_000, 30_000]);
    assert.deepEqual(nextMissing(coverage, 60_000, 25_000), [40_000, 60_000]);
    assert.deepEqual(nextMissing(coverage, 60_000, 45_000), [20_000, 30_000]);
    assert.equal(nextMissing([[0, 59_900]], 60_000, 0), null);
  });
});

describe("the section map", () => {
  const map = { duration_ms: 60_000, coverage: [[0, 10_000], [20_000, 60_000]], again: [[5_000, 25_000]], refused: [[9_000, 12_000]] } as const;

  it("is three layers of rects in percent of the duration", () => {
    const [watched, again, refused] = layers(map);
    assert.deepEqual(watched?.rects.map(({ x, width }) => [x, width]), [["0.0000%", "16.6667%"], ["33.3333%", "66.6667%"]]);
    assert.deepEqual(again?.rects.map(({ start_ms, end_ms }) => [start_ms, end_ms]), [[5_000, 10_000], [20_000, 25_000]]);
    assert.deepEqual(refused?.rects.map(({ start_ms, end_ms }) => [start_ms, end_ms]), [[10_000, 12_000]]);
    assert.deepEqual([again?.fill, refused?.fill], ["url(#map-dots)", "url(#map-hatch)"]);
  });

  it("is exact to the pixel on a wall of screens, for a day of video", () => {
    const day = { duration_ms: 86_400_000, coverage: [[43_200_123, 43_201_456]] as Intervals, again: [], refused: [] };
    const x = parseFloat(layers(day)[0]?.rects[0]?.x ?? "");
    assert.ok(Math.abs((x / 100) * 7_680 - (43_200_123 / 86_400_000) * 7_680) < 0.01);
  });

  it("says what is where", () => {
    assert.deepEqual([1_000, 6_000, 11_000, 15_000].map((ms) => layerAt(map, ms)), ["watched", "again", "refused", "missed"]);
  });
});

it("words can be replaced one by one, and unknown reasons are shown as they are", () => {
  const words = new Words({ saved: "guardado", refused_too_fast: "Demasiado rápido." });
  assert.equal(words.say("saved"), "guardado");
  assert.equal(words.say("needed", { counted: "9:30", needed: "14:15" }), "9:30 of 14:15 needed");
  assert.deepEqual([words.reason("too_fast"), words.reason("from_the_future_v2")], ["Demasiado rápido.", "from_the_future_v2"]);
});
