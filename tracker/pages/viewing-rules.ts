/** What the policy lets the player do: speeds, the part, seeking. The server holds all of it by itself; this saves the
 * viewer from playing what would not count or never come. Pure but for the calls to the player.
 */

import type { Intervals } from "./intervals.ts";

export interface Policy {
  max_rate: number;
  threshold_percent: number;
  no_skip: boolean;
  part: [number, number] | null;
  seeking?: "free" | "covered" | "none";
  rates?: number[] | null;
  watermark?: boolean;
}

export interface Ruled {
  position_ms(): number;
  duration_ms(): number;
  coverage(): Intervals;
  seek(to_ms: number): void;
  pause(): void;
  /** A rule was applied: the viewer is told which. */
  applied(rule: "part" | "seeking"): void;
}

const SPEEDS = [500, 750, 1000, 1250, 1500, 1750, 2000, 2500, 3000, 3500, 4000];
/** As the server bridges what a player leaves between two sections. */
const GAP_MS = 2_000;
const SLACK_MS = 700;

/** Offered speeds in thousandths; normal speed is among them wherever it is allowed. */
export function offeredRates({ rates, max_rate }: Policy): number[] {
  const offered = rates ?? [...SPEEDS, max_rate];
  return [...new Set(offered)].filter((rate) => rate <= max_rate).sort((one, other) => one - other);
}

/** The nearest speed that is allowed in the place of one that is not: below it where there is one. */
export function allowedRate(policy: Policy, asked: number): number {
  const { rates, max_rate } = policy;
  if (!rates) return Math.min(asked, max_rate);
  const offered = offeredRates(policy);
  return offered.filter((rate) => rate <= asked).at(-1) ?? offered[0] ?? Math.min(asked, max_rate);
}

export class ViewingRules {
  #policy: Policy;
  #ruled: Ruled;
  /** Where playing was last, but for seeks. */
  #at_ms: number;
  /** How far it was played here without a jump. */
  #played_ms: number;
  #over = false;

  constructor(policy: Policy, begin_ms: number, ruled: Ruled) {
    this.#policy = policy;
    this.#ruled = ruled;
    this.#at_ms = this.#played_ms = begin_ms;
  }

  /** Something happened to the player. */
  heard(type: string): void {
    if (type === "ended") this.#over = true;
    else if (type === "seeking") this.#seeking();
    else if (type === "timeupdate") this.#moved();
  }

  /** Where seeking may go: everything up to here, from the part's start on. */
  reach_ms(): number {
    const [start, end] = this.#policy.part ?? [0, Infinity];
    let reach_ms = start;
    let left_out_ms = 0;
    for (const [from, to] of this.#ruled.coverage()) {
      left_out_ms += Math.max(0, from - reach_ms);
      if (left_out_ms > GAP_MS) break;
      reach_ms = Math.max(reach_ms, to);
    }
    return Math.min(Math.max(reach_ms, this.#played_ms), end);
  }

  #seeking(): void {
    const asked_ms = this.#ruled.position_ms();
    const [start, end] = this.#policy.part ?? [0, Infinity];
    // Whoever asks for what lies behind the part asks for its end, which has to be reached by watching all the same.
    const to_ms = Math.max(start, Math.min(asked_ms, end - 1));
    if (!this.#maySeek(to_ms, start)) return this.#back(this.#at_ms, "seeking");
    if (asked_ms < start - SLACK_MS || asked_ms > end + SLACK_MS) return this.#back(to_ms, "part");
    this.#over = false;
  }

  #maySeek(to_ms: number, start: number): boolean {
    const { seeking = "free" } = this.#policy;
    if (seeking === "free" || Math.abs(to_ms - this.#at_ms) <= SLACK_MS) return true;
    // Whoever has seen the end may begin again.
    if (seeking === "none") return this.#over && to_ms <= start + SLACK_MS;
    return to_ms <= this.reach_ms() + SLACK_MS;
  }

  #moved(): void {
    const at_ms = this.#ruled.position_ms();
    const [start, end] = this.#policy.part ?? [0, Infinity];
    if (at_ms >= end && end < this.#ruled.duration_ms() - SLACK_MS) {
      this.#over = true;
      this.#ruled.pause();
      if (at_ms > end + SLACK_MS) this.#ruled.seek(end);
      this.#ruled.applied("part");
    } else if (at_ms < start - SLACK_MS) return this.#back(start, "part");
    this.#at_ms = at_ms;
    if (at_ms <= this.#played_ms + GAP_MS) this.#played_ms = Math.max(this.#played_ms, at_ms);
  }

  #back(to_ms: number, rule: "part" | "seeking"): void {
    this.#at_ms = to_ms;
    this.#ruled.seek(to_ms);
    this.#ruled.applied(rule);
  }
}
