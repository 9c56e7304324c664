/** The section engine: from samples of a player to the stretches that were really played.
 *
 * It believes only what is possible: media time may advance by wall time x rate and no further; whatever else
 * happens between two samples is a jump, whether the player announced a seek or not. Positions between samples come
 * from the player's own `played` ranges and from wall time x rate, never from joining `timeupdate` events.
 */

import { rangeEnd, type Reading } from "./adapter.ts";
import type { EndReason, Section } from "./wire.ts";

/** A player's reading, when it was taken, and whether the page could be seen. */
export interface Sample extends Reading {
  wall_ms: number;
  visible: boolean;
}

/** Media may run ahead of wall x rate by this much between two samples: timers and decoders are not exact. */
const AHEAD_MS = 300;
/** Media that falls further behind than this stood still: a stall nobody announced, or sleep. */
const STALL_MS = 250;
/** A section begins when its media begins to move, if that is later than this. */
const SLOW_START_MS = 40;
/** Media that moved on by less than this before anybody said that it plays again was played all the same. */
const RESUMED_MS = 250;
/** The end of a played range may trail the position by less than this. */
const RANGE_SLACK_MS = 50;
/** A jump from within this of the end to within this of the start, in a looping player, is the loop. */
const LOOP_EDGE_MS = 1_000;
/** The wire allows 0.25x to 4x; the claimed rate only feeds charts. */
const RATE_MIN = 250;
const RATE_MAX = 4_000;

type Edge = Pick<Sample, "wall_ms" | "media_ms">;

/** The first sample of the open section (its wall time moved on where playing was slow to begin) and the newest one. */
interface Open {
  first: Sample;
  last: Sample;
}

export interface SectionEngine {
  /** Where the player was known to be last, which a seek leaves behind. */
  position_ms(): number;
  /** Wall ms at which the open section began; undefined while none is open. */
  openSince(): number | undefined;
  /** Takes one sample; `cut` says that a boundary lies here. A section opens again at once while the player plays. */
  take(sample: Sample, cut?: EndReason): void;
}

export function sectionEngine(emit: (section: Section) => void): SectionEngine {
  let open: Open | undefined;
  /** Where it stood last, and since when, with no seek after it; undefined while it moves. */
  let stood: Edge | undefined;
  let position_ms = 0;

  const close = ({ first }: Open, end: Edge, reason: EndReason): void => {
    open = undefined;
    stood = reason === "seeking" || reason === "loop" ? undefined : end;
    position_ms = end.media_ms;
    const { rate, visible, muted, pip } = first;
    const [t0, t1, m0, m1] = [first.wall_ms, end.wall_ms, first.media_ms, end.media_ms].map(Math.round) as [number, number, number, number];
    const thousandths = Math.min(RATE_MAX, Math.max(RATE_MIN, Math.round(rate * 1000)));
    if (t0 < t1 && m0 < m1) emit({ t0, t1, m0, m1, rate: thousandths, visible, muted, pip, end: reason });
  };

  const extend = (now: Open, sample: Sample, cut: EndReason | undefined): void => {
    const { first, last } = now;
    if (isMove(sample, cut) || isJump(last, sample)) return close(now, unseenEnd(last, sample), cut === "emptied" ? cut : jumpReason(last, sample));
    const took_ms = movingTime(last, sample);
    const stood_ms = sample.wall_ms - last.wall_ms - took_ms;
    if (last.media_ms === first.media_ms && stood_ms > SLOW_START_MS) {
      now.first = { ...first, wall_ms: last.wall_ms + stood_ms };
    } else if (stood_ms > STALL_MS) {
      // All of the media that moved before the stall, and only as much wall time as that took.
      return close(now, { media_ms: sample.media_ms, wall_ms: last.wall_ms + took_ms }, cut ?? "waiting");
    }
    now.last = sample;
    const reason = cut ?? changed(first, sample);
    if (reason) close(now, sample, reason === "pause" && sample.ended ? "ended" : reason);
  };

  return {
    position_ms: () => position_ms,
    openSince: () => open?.first.wall_ms,
    take(sample, cut) {
      const moved = isMove(sample, cut);
      if (open) extend(open, sample, cut);
      else if (!moved) position_ms = sample.media_ms;
      if (moved) stood = undefined;
      if (open) return;
      if (isPlaying(sample) && cut !== "emptied" && cut !== "stop") open = { first: resumed(stood, sample), last: sample };
      else if (!moved) stood = stood?.media_ms === sample.media_ms ? stood : sample;
    },
  };
}

function isMove({ seeking }: Sample, cut: EndReason | undefined): boolean {
  return seeking || cut === "seeking" || cut === "emptied";
}

function isPlaying(sample: Sample): boolean {
  return !sample.paused && !sample.ended && !sample.seeking && sample.ready && sample.rate > 0;
}

function isJump(last: Sample, sample: Sample): boolean {
  const moved = sample.media_ms - last.media_ms;
  const reach = (sample.wall_ms - last.wall_ms) * Math.max(last.rate, sample.rate);
  if (moved < 0 || moved > reach + AHEAD_MS) return true;
  const end = rangeEnd(sample.played, last.media_ms);
  return end !== undefined && end < sample.media_ms - RANGE_SLACK_MS;
}

/** A player says that it plays again a little after it does: what moved since it stood is part of it. */
function resumed(stood: Edge | undefined, sample: Sample): Sample {
  const moved = sample.media_ms - (stood?.media_ms ?? Infinity);
  const took_ms = moved / sample.rate;
  if (!stood || moved <= 0 || moved > RESUMED_MS || took_ms > sample.wall_ms - stood.wall_ms) return sample;
  return { ...sample, media_ms: stood.media_ms, wall_ms: sample.wall_ms - took_ms };
}

/** Wall ms that the media between two samples took; where the rate changed between them, by the slower one. */
function movingTime(last: Sample, sample: Sample): number {
  return (sample.media_ms - last.media_ms) / Math.min(last.rate, sample.rate);
}

/** Where the media clock stood when it was cut off unseen: at the end of the played range, and no further than wall x rate. */
function unseenEnd(last: Sample, sample: Sample): Edge {
  const extrapolated = last.media_ms + (sample.wall_ms - last.wall_ms) * last.rate;
  const played = rangeEnd(sample.played, last.media_ms) ?? Infinity;
  const media_ms = Math.max(last.media_ms, Math.min(extrapolated, played, last.duration_ms));
  return { media_ms, wall_ms: last.wall_ms + (media_ms - last.media_ms) / last.rate };
}

function jumpReason(last: Sample, sample: Sample): EndReason {
  const { duration_ms, loop } = last;
  const wrapped = loop && last.media_ms > duration_ms - LOOP_EDGE_MS * last.rate
    && sample.media_ms < LOOP_EDGE_MS;
  return wrapped ? "loop" : "seeking";
}

/** A section has one rate, one visibility, one sound and one picture, and plays; the first that differs ends it. */
function changed(first: Sample, sample: Sample): EndReason | undefined {
  if (sample.paused || sample.ended) return "pause";
  if (sample.rate !== first.rate) return "ratechange";
  if (sample.visible !== first.visible) return sample.visible ? "visible" : "hidden";
  if (sample.muted !== first.muted) return "muted";
  if (sample.pip !== first.pip) return "pip";
  return sample.ready ? undefined : "waiting";
}
