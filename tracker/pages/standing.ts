/** Where the viewer stands in this video: what the opening told, kept up to date from the answers. Pure. */

import { claimedMs, type Answer, type Batch } from "../src/wire.ts";
import { gaps, intersect, intervals, minus, union, type Intervals, type Pair } from "./intervals.ts";

export interface Standing {
  coverage: Intervals;
  again: Intervals;
  /** Claimed and not credited, and not credited otherwise. */
  refused: Intervals;
  /** Media ms refused, by reason. */
  refusals: Record<string, number>;
  covered_ms: number;
  watched_ms: number;
  counted_ms: number;
  needed_ms: number | null;
  progress: number | null;
  completed: boolean;
}

/** What the answer to `POST /v1/playbacks` says of it. */
export interface OpeningStanding {
  coverage: Pair[];
  again: Pair[];
  refused: Pair[];
  refusals?: Record<string, number>;
  covered_ms: number;
  watched_ms: number;
  counted_ms?: number;
  needed_ms: number | null;
  progress: number | null;
  completed: boolean;
}

export function standingAtOpening(told: OpeningStanding): Standing {
  const { covered_ms, watched_ms, needed_ms, progress, completed } = told;
  const coverage = intervals(told.coverage);
  return {
    coverage,
    again: intersect(intervals(told.again), coverage),
    refused: minus(intervals(told.refused), coverage),
    refusals: { ...told.refusals },
    counted_ms: told.counted_ms ?? covered_ms,
    covered_ms, watched_ms, needed_ms, progress, completed,
  };
}

/** After an answer: numbers as the server gave them, stretches merged here, since answers carry only their own. */
export function afterAnswer(before: Standing, answer: Answer, batch: Batch): Standing {
  let { coverage, again } = before;
  for (const pair of answer.credited) {
    again = union(again, intersect([pair], coverage));
    coverage = union(coverage, [pair]);
  }
  const { covered_ms, watched_ms, counted_ms, needed_ms, progress, completed } = answer;
  return {
    coverage, again, covered_ms, watched_ms, counted_ms, needed_ms, progress, completed,
    refused: minus(union(before.refused, claimedInVain(answer, batch)), coverage),
    refusals: withRefusals(before.refusals, answer),
  };
}

/** The next stretch to watch at or after `from_ms`, else the first there is; null when nothing is missing.
 *
 * Slivers are passed over: what lies between two sections that touch on screen is not worth a jump.
 */
export function nextMissing(coverage: Intervals, duration_ms: number, from_ms: number): Pair | null {
  const missing = gaps(coverage, 0, duration_ms).filter(([start, end]) => end - start >= SLIVER_MS);
  return missing.find(([start]) => start > from_ms) ?? missing[0] ?? null;
}

const SLIVER_MS = 500;

function claimedInVain({ refusals }: Answer, { sections }: Batch): Intervals {
  const cut = sections.filter((section, index) => claimedMs([section]) > 0 && refusals.some((one) => one.section === index));
  return intervals(cut.map(({ m0, m1 }) => [m0, m1] as const));
}

function withRefusals(before: Record<string, number>, { refusals }: Answer): Record<string, number> {
  const after = { ...before };
  for (const { reason, ms } of refusals) after[reason] = (after[reason] ?? 0) + ms;
  return after;
}
