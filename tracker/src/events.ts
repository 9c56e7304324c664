/** Events on their way into a batch: told once each, the chatty ones thinned. They are a record and never the proof. */

import type { PlayerEvent } from "./wire.ts";

export interface Waiting {
  event: PlayerEvent;
  /** When the first of a thinned row came. */
  since: number;
}

/** Within `thin_ms` of the first, a newer event of the same type takes the place of one that still waits. */
export function note(log: Waiting[], event: PlayerEvent, thin_ms = 0): void {
  const index = log.findIndex((other) => other.event.type === event.type && event.t - other.since < thin_ms);
  const [older] = index < 0 ? [] : log.splice(index, 1);
  log.push({ event, since: older?.since ?? event.t });
}

export function take(log: Waiting[], most: number): PlayerEvent[] {
  return log.splice(0, most).map(({ event }) => event);
}
