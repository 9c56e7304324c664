/** What the tracker must know of a player, whoever made it, and what the things a player does mean to us. */

import type { Safe } from "./watch.ts";
import type { EndReason, Fields } from "./wire.ts";

/** What a player says of itself at one instant. */
export interface Reading {
  media_ms: number;
  /** Infinity while unknown, and for a live stream. */
  duration_ms: number;
  /** 1 is normal speed. */
  rate: number;
  paused: boolean;
  ended: boolean;
  /** There is enough data to play on. */
  ready: boolean;
  seeking: boolean;
  loop: boolean;
  muted: boolean;
  pip: boolean;
  /** Stretches played since the source was loaded, in ms; undefined where the player cannot tell. */
  played: [number, number][] | undefined;
  /** Which video it is, where the player says so: another one is not what the ticket is for. */
  source?: string;
}

/** Something happened, by our name for it (contract/events.json). It is also a sample for the section engine. */
export type Hear = (type: string, fields?: Fields) => void;

/** One player on the page, as the tracker sees it. */
export interface Player {
  /** What stands in the page; undefined while nothing does. */
  element(): Element | undefined;
  read(): Reading;
  /** Listens without ever hindering the player; returns what ends it. Its listeners go through `safe`. */
  listen(hear: Hear, safe: Safe): () => void;
  pause(): void;
}

/** Knows one kind of player; undefined when the target is of another. */
export type Adapter = (target: unknown) => Player | undefined;

/** What one event means to us. */
export interface Meaning {
  /** A section ends here. */
  cut?: EndReason;
  /** Worth telling the server within half a second. */
  soon?: true;
  /** Within this time a newer one takes the place of one that was not sent yet. */
  thin_ms?: number;
}

const ONE_A_BEAT = { thin_ms: 10_000 };
const ONE_A_DRAG = { thin_ms: 1_000 };

/** By our name; those not named here are only told. */
export const MEANINGS: Record<string, Meaning> = {
  emptied: { cut: "emptied" }, waiting: { cut: "waiting" },
  seeking: { cut: "seeking", ...ONE_A_DRAG }, seeked: { soon: true },
  ended: { cut: "ended", soon: true }, pause: { cut: "pause", soon: true }, play: { soon: true },
  ratechange: { cut: "ratechange", soon: true }, dispose: { cut: "stop", soon: true },
  progress: ONE_A_BEAT, timeupdate: ONE_A_BEAT, fragmentbuffered: ONE_A_BEAT, fragmentchange: ONE_A_BEAT, textdata: ONE_A_BEAT,
  cuechange: ONE_A_BEAT, useractive: ONE_A_BEAT, userinactive: ONE_A_BEAT,
  volumechange: ONE_A_DRAG, camerachange: ONE_A_DRAG, resize: ONE_A_DRAG, playerresize: ONE_A_DRAG,
};

/** End of the range that holds a position; its edges count in, since samples are taken on them. */
export function rangeEnd(ranges: readonly [number, number][] | undefined, media_ms: number): number | undefined {
  return ranges?.find(([start, end]) => start - 1 <= media_ms && media_ms <= end + 1)?.[1];
}
