/** What the tracker must know of a kind of player: an adapter is a table, with no state of its own. */

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
}

/** What one native event means to us. Every event is also a sample for the section engine. */
export interface Meaning {
  /** A section ends here. */
  cut?: EndReason;
  /** Worth telling the server within half a second. */
  soon?: boolean;
  /** Within this time a newer one takes the place of one that was not sent yet. */
  thin_ms?: number;
  /** Our name for it, where the player has another. */
  as?: string;
}

export interface Adapter<P = unknown> {
  fits(target: unknown): target is P;
  /** What stands in the page. */
  element(player: P): Element;
  read(player: P): Reading;
  /** By native name. */
  events: Record<string, Meaning>;
  /** What goes with an event of our name `type`, as contract/events.json says. */
  fields(player: P, type: string, native: unknown): Fields;
  /** Listens without ever hindering the player; returns what ends it. */
  on(player: P, type: string, listener: (native: unknown) => void): () => void;
  pause(player: P): void;
}

/** End of the range that holds a position; its edges count in, since samples are taken on them. */
export function rangeEnd(ranges: readonly [number, number][] | undefined, media_ms: number): number | undefined {
  return ranges?.find(([start, end]) => start - 1 <= media_ms && media_ms <= end + 1)?.[1];
}
