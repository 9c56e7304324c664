/** Events on their way into a batch: told once each, the chatty ones thinned. They are a record and never the proof. */

import type { PlayerEvent } from "./wire.ts";

interface Waiting {
  event: PlayerEvent;
  /** When the first of a thinned row came. */
  since: number;
}

export class EventLog {
  #waiting: Waiting[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  /** Within `thin_ms` of the first, a newer event of the same type takes the place of one that still waits. */
  add(event: PlayerEvent, thin_ms = 0): void {
    const index = this.#waiting.findIndex((other) => other.event.type === event.type && event.t - other.since < thin_ms);
    const [older] = index < 0 ? [] : this.#waiting.splice(index, 1);
    this.#waiting.push({ event, since: older?.since ?? event.t });
  }

  take(most: number): PlayerEvent[] {
    return this.#waiting.splice(0, most).map(({ event }) => event);
  }
}
