import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sectionEngine, type Sample } from "../src/sections.ts";
import type { EndReason, Section } from "../src/wire.ts";
import { sample } from "./fakes.ts";

type Step = [more: Partial<Sample>, cut?: EndReason];

/** The sections that a row of samples makes. */
function sections(...steps: Step[]): Section[] {
  const made: Section[] = [];
  const engine = sectionEngine((section) => made.push(section));
  for (const [more, cut] of steps) engine.take(sample(more), cut);
  return made;
}

const media = (made: Section[]): [number, number, EndReason][] => made.map(({ m0, m1, end }) => [m0, m1, end]);
const at = (wall_ms: number, media_ms: number, more: Partial<Sample> = {}): Partial<Sample> => ({ wall_ms, media_ms, ...more });

describe("what a section is", () => {
  it("runs from play to pause, in wall and in media time", () => {
    const made = sections([at(100, 5_000)], [at(350, 5_250)], [at(600, 5_500, { paused: true }), "pause"]);
    assert.deepEqual(made, [
      { t0: 100, t1: 600, m0: 5_000, m1: 5_500, rate: 1_000, visible: true, muted: false, pip: false, end: "pause" },
    ]);
  });

  it("is cut at a beat without a gap, and rounded alike on both sides", () => {
    const made = sections([at(0.4, 0)], [at(250.5, 250.5), "beat"], [at(500, 500), "beat"]);
    assert.deepEqual(made.map(({ t0, t1, m0, m1 }) => [t0, t1, m0, m1]), [[0, 251, 0, 251], [251, 500, 251, 500]]);
  });

  it("has one visibility, one sound and one picture", () => {
    const made = sections(
      [at(0, 0)],
      [at(200, 200, { visible: false }), "hidden"],
      [at(400, 400, { visible: false, pip: true })],
      [at(600, 600, { visible: false, pip: true, muted: true })],
      [at(800, 800, { pip: true, muted: true }), "visible"],
      [at(900, 900), "stop"],
    );
    assert.deepEqual(
      made.map(({ m0, m1, visible, pip, muted, end }) => [m0, m1, visible, pip, muted, end]),
      [
        [0, 200, true, false, false, "hidden"],
        [200, 400, false, false, false, "pip"],
        [400, 600, false, true, false, "muted"],
        [600, 800, false, true, true, "visible"],
        [800, 900, true, true, true, "stop"],
      ],
    );
  });

  it("is cut where a sample differs, though nobody said so", () => {
    const made = sections([at(0, 0)], [at(200, 200, { visible: false })], [at(400, 400)], [at(600, 600, { ready: false })]);
    assert.deepEqual(media(made), [[0, 200, "hidden"], [200, 400, "visible"], [400, 600, "waiting"]]);
  });

  it("does not begin again at a stop, nor with another source", () => {
    for (const cut of ["stop", "emptied"] as const) {
      const engine = sectionEngine(() => undefined);
      engine.take(sample(at(0, 0)));
      assert.equal(engine.openSince(), 0);
      engine.take(sample(at(250, 250)), cut);
      assert.equal(engine.openSince(), undefined);
    }
  });

  it("is nothing while the player waits, seeks, stands or runs backwards", () => {
    const still = { ready: false };
    assert.deepEqual(sections([at(0, 0, still)], [at(900, 0, still)], [at(1_000, 0, { seeking: true })]), []);
    assert.deepEqual(sections([at(0, 9_000, { rate: -1 })], [at(250, 8_750, { rate: -1 })], [at(500, 8_500), "stop"]), []);
    assert.deepEqual(sections([at(0, 0, { rate: 0 })], [at(5_000, 0, { rate: 0, paused: true }), "pause"]), []);
  });

  it("claims a rate the wire allows, whatever the player says", () => {
    const [slow] = sections([at(0, 0, { rate: 0.1 })], [at(200, 20, { rate: 0.1 }), "stop"]);
    const [fast] = sections([at(0, 0, { rate: 16 })], [at(200, 3_200, { rate: 16 }), "stop"]);
    assert.deepEqual([slow?.rate, fast?.rate, fast?.m1], [250, 4_000, 3_200]);
  });

  it("begins when the media begins to move", () => {
    const [slow] = sections([at(0, 0)], [at(200, 0)], [at(400, 0)], [at(600, 150)], [at(800, 350, { paused: true }), "pause"]);
    assert.deepEqual([slow?.t0, slow?.t1, slow?.m0, slow?.m1], [450, 800, 0, 350]);
  });
});

describe("a seek", () => {
  const played = (...ranges: [number, number][]): Partial<Sample> => ({ played: ranges });

  it("ends at the end of the played range, not where the last sample was and not at the target", () => {
    const made = sections([at(0, 0)], [at(250, 250)], [at(400, 30_000, { seeking: true, ...played([0, 390]) }), "seeking"]);
    assert.deepEqual(media(made), [[0, 390, "seeking"]]);
    assert.equal(made[0]?.t1, 390);
  });

  it("ends by wall time x rate where ranges have merged", () => {
    const watchedBefore = played([0, 9_000]);
    const made = sections([at(0, 0)], [at(250, 250)], [at(400, 30_000, { seeking: true, ...watchedBefore }), "seeking"]);
    assert.deepEqual(media(made), [[0, 400, "seeking"]]);
  });

  it("ends by wall time x rate where the player knows no ranges", () => {
    const fast = { rate: 2 };
    const made = sections([at(0, 0, fast)], [at(250, 500, fast)], [at(400, 30_000, { seeking: true, ...fast }), "seeking"]);
    assert.deepEqual(media(made), [[0, 800, "seeking"]]);
  });

  it("never goes past the end of the video", () => {
    const made = sections([at(0, 59_800)], [at(150, 59_950)], [at(900, 0, { seeking: true }), "seeking"]);
    assert.deepEqual(media(made), [[59_800, 60_000, "seeking"]]);
  });

  it("is seen without a seeking event: forwards, backwards, and by less than a timer's error", () => {
    const far = sections([at(0, 0)], [at(250, 250)], [at(500, 5_000)], [at(750, 5_250), "stop"]);
    assert.deepEqual(media(far), [[0, 500, "seeking"], [5_000, 5_250, "stop"]]);
    const back = sections([at(0, 9_000)], [at(250, 9_250)], [at(500, 3_000)], [at(750, 3_250), "stop"]);
    assert.deepEqual(media(back), [[9_000, 9_500, "seeking"], [3_000, 3_250, "stop"]]);
    const near = sections([at(0, 0)], [at(250, 250)], [at(500, 700, played([0, 480], [680, 700]))], [at(600, 800), "stop"]);
    assert.deepEqual(media(near), [[0, 480, "seeking"], [700, 800, "stop"]]);
  });

  it("told late, after a pause was told: the pause is at the seek's target already", () => {
    const late = { paused: true, seeking: true, ...played([0, 300]) };
    for (const target of [400, 340]) {
      const made = sections([at(0, 0)], [at(250, 250)], [at(310, target, late), "pause"], [at(310, target, late), "seeking"]);
      assert.deepEqual(media(made), [[0, 300, "seeking"]]);
    }
  });

  it("in a burst: nothing is claimed between the seeks but what was played between them", () => {
    const moving = { seeking: true };
    const made = sections(
      [at(0, 0)], [at(250, 250)],
      [at(300, 10_000, moving), "seeking"], [at(330, 12_000, moving), "seeking"], [at(360, 15_000, moving), "seeking"],
      [at(400, 15_000)], [at(650, 15_250), "stop"],
    );
    assert.deepEqual(media(made), [[0, 300, "seeking"], [15_000, 15_250, "stop"]]);
  });

  it("says which position it left, while playing and while paused", () => {
    const engine = sectionEngine(() => undefined);
    engine.take(sample(at(0, 0)));
    engine.take(sample(at(250, 250)));
    engine.take(sample(at(300, 40_000, { seeking: true })), "seeking");
    assert.equal(engine.position_ms(), 300);
    engine.take(sample(at(400, 40_000, { paused: true })));
    engine.take(sample(at(500, 7_000, { paused: true, seeking: true })), "seeking");
    assert.equal(engine.position_ms(), 40_000);
  });
});

describe("a stall", () => {
  it("is cut at waiting and goes on at playing", () => {
    const made = sections(
      [at(0, 0)], [at(250, 250)], [at(400, 350, { ready: false }), "waiting"],
      [at(2_000, 350, { ready: false })], [at(2_400, 360)], [at(2_650, 610), "stop"],
    );
    assert.deepEqual(media(made), [[0, 350, "waiting"], [350, 610, "stop"]]);
    assert.deepEqual([made[1]?.t0, made[1]?.t1], [2_390, 2_650]);
  });

  it("that nobody says is over at once loses nothing, but a jump in it is none of it", () => {
    const still = { ready: false };
    const stall: Step[] = [[at(0, 0)], [at(250, 250)], [at(400, 350, still), "waiting"]];
    for (const [went, begins] of [[430, 350], [700, 700], [351, 350]] as const) {
      const made = sections(...stall, [at(2_400, went)], [at(2_650, went + 250), "stop"]);
      assert.equal(made[1]?.m0, begins);
    }
    const sought = sections(...stall, [at(2_000, 420, { ...still, seeking: true }), "seeking"], [at(2_400, 430)], [at(2_650, 680), "stop"]);
    assert.equal(sought[1]?.m0, 430);
  });

  it("ends where it stood first, however often it was looked at: a start told late loses nothing", () => {
    const still = { paused: true, ready: false };
    for (const [stands, begins] of [[0, [10, 0]], [5_000, [180, 170 + 5_000]]] as const) {
      const [made] = sections([at(0, 0, still)], [at(150, stands, still)], [at(180, stands + 170)], [at(430, stands + 420), "stop"]);
      assert.deepEqual([made?.t0, made?.m0], begins);
    }
  });

  it("nobody announced does not become wall time that was paid", () => {
    const made = sections([at(0, 0)], [at(250, 250)], [at(5_000, 400)], [at(5_250, 650), "stop"]);
    assert.deepEqual(made.map(({ t0, t1, m0, m1, end }) => [t0, t1, m0, m1, end]), [
      [0, 400, 0, 400, "waiting"],
      [5_000, 5_250, 400, 650, "stop"],
    ]);
  });

  it("waiting during a seek is the seek", () => {
    const target = { seeking: true, ready: false };
    const made = sections([at(0, 0)], [at(250, 250)], [at(300, 20_000, target), "waiting"], [at(310, 20_000, target), "seeking"]);
    assert.deepEqual(media(made), [[0, 300, "seeking"]]);
  });

  it("suspend: three hours asleep cost no time and claim no media", () => {
    const night = 3 * 3_600_000;
    const made = sections([at(0, 0)], [at(250, 250)], [at(night, 500)], [at(night + 250, 750), "stop"]);
    assert.deepEqual(made.map(({ t0, t1, m1 }) => [t0, t1, m1]), [[0, 500, 500], [night, night + 250, 750]]);
  });

  it("hidden tab, timers held back to once a minute: nothing is lost", () => {
    const made = sections([at(0, 0)], [at(250, 250)], [at(60_000, 59_990)], [at(60_001, 59_991), "stop"]);
    assert.deepEqual(media(made), [[0, 59_991, "stop"]]);
  });
});

describe("the end, the loop, the source", () => {
  it("ended is told after a pause at the same place: one end, and it says ended", () => {
    const over = { paused: true, ended: true };
    const made = sections([at(0, 59_000)], [at(250, 59_250)], [at(1_000, 60_000, over), "pause"], [at(1_000, 60_000, over), "ended"]);
    assert.deepEqual(media(made), [[59_000, 60_000, "ended"]]);
  });

  it("a loop is a seek nobody made: the last section reaches the end", () => {
    const looping = { loop: true };
    const wrap = { ...looping, seeking: true, played: [[57_000, 60_000]] as [number, number][] };
    const made = sections(
      [at(0, 59_000, looping)], [at(750, 59_750, looping)], [at(1_050, 0, wrap), "seeking"],
      [at(1_100, 0, looping)], [at(1_350, 250, looping), "stop"],
    );
    assert.deepEqual(media(made), [[59_000, 60_000, "loop"], [0, 250, "stop"]]);
  });

  it("a seek to the start in the middle of a looping video is a seek", () => {
    const looping = { loop: true };
    const made = sections([at(0, 9_000, looping)], [at(250, 9_250, looping)], [at(300, 0, { ...looping, seeking: true }), "seeking"]);
    assert.deepEqual(media(made), [[9_000, 9_300, "seeking"]]);
  });

  it("another source ends the section and begins none", () => {
    const made = sections([at(0, 1_000)], [at(250, 1_250)], [at(300, 0, { ready: false }), "emptied"]);
    assert.deepEqual(media(made), [[1_000, 1_300, "emptied"]]);
  });
});

describe("the rate", () => {
  it("changes: the section ends there, and the next has the new one", () => {
    const made = sections(
      [at(0, 0)], [at(250, 250)], [at(1_000, 1_004, { rate: 2 }), "ratechange"],
      [at(1_250, 1_504, { rate: 2 })], [at(1_500, 2_004, { rate: 2 }), "stop"],
    );
    assert.deepEqual(made.map(({ m0, m1, rate, end }) => [m0, m1, rate, end]), [
      [0, 1_004, 1_000, "ratechange"],
      [1_004, 2_004, 2_000, "stop"],
    ]);
  });

  it("told late: the faster of both rates says what is possible", () => {
    const made = sections([at(0, 0)], [at(250, 250)], [at(1_250, 2_250, { rate: 2 }), "ratechange"], [at(1_500, 2_750, { rate: 2 }), "stop"]);
    assert.deepEqual(media(made), [[0, 2_250, "ratechange"], [2_250, 2_750, "stop"]]);
  });
});

it("sections never overlap in wall time, whatever is reported", () => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const cuts: (EndReason | undefined)[] = [undefined, undefined, undefined, "beat", "pause", "seeking", "waiting", "ratechange", "emptied"];
  for (let history = 0; history < 300; history++) {
    const made: Section[] = [];
    const engine = sectionEngine((section) => made.push(section));
    let [wall_ms, media_ms] = [0, 0];
    for (let step = 0; step < 60; step++) {
      wall_ms += random(400) + random(1_000) / 1_000;
      media_ms = random(6) === 0 ? random(60_000) : Math.max(0, media_ms + random(500) - 60);
      const flags = { paused: random(9) === 0, seeking: random(9) === 0, ready: random(9) > 0, rate: [0.5, 1, 1, 1, 2][random(5)] ?? 1 };
      engine.take(sample({ wall_ms, media_ms, ...flags }), cuts[random(cuts.length)]);
    }
    for (const [index, { t0, t1, m0, m1 }] of made.entries()) {
      assert.ok(t0 < t1 && m0 < m1 && t0 >= (made[index - 1]?.t1 ?? 0), JSON.stringify(made.slice(index - 1, index + 1)));
    }
  }
});
