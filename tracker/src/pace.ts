/** When a batch leaves: at every beat, and soon after what is worth telling at once. */

const BEAT_MS = 10_000;
/** A timer that comes later than this was held back by the browser; the player's own events stand in for it. */
const BEAT_LATE_MS = 500;
/** A batch that should leave soon waits this long for company, and a second one this long after the first. */
const SOON_MS = 200;
const APART_MS = 1_000;

export interface PaceEvents {
  /** The open section, if any, should be cut, and everything be sent. */
  beat(): void;
  /** What there is should be sent. */
  batch(): void;
}

export class Pace {
  /** As the server asks in its answers. */
  beat_ms = BEAT_MS;
  #now: () => number;
  #later: (task: () => void, ms: number) => () => void;
  #events: PaceEvents;
  #since: number | undefined;
  #lastBatch = -Infinity;
  #endBeat = (): void => undefined;
  #endSoon: (() => void) | undefined;

  constructor(now: () => number, later: (task: () => void, ms: number) => () => void, events: PaceEvents) {
    this.#now = now;
    this.#later = later;
    this.#events = events;
    this.#arm();
  }

  /** To be told of after each sample and each batch: the beat counts from where the oldest section that waits began,
   * so that stalls between sections never put it off. */
  unsentSince(since: number | undefined): void {
    const late = since !== undefined && this.#now() - since > this.beat_ms + BEAT_LATE_MS;
    if (since !== this.#since) {
      this.#since = since;
      this.#arm();
    } else if (late) this.#events.beat();
  }

  soon(): void {
    const wait_ms = Math.max(SOON_MS, this.#lastBatch + APART_MS - this.#now());
    this.#endSoon ??= this.#later(() => this.#events.batch(), wait_ms);
  }

  /** A batch has left. */
  batched(): void {
    this.#lastBatch = this.#now();
    this.#endSoon?.();
    this.#endSoon = undefined;
  }

  stop(): void {
    this.#endBeat();
    this.#endSoon?.();
  }

  #arm(): void {
    this.#endBeat();
    const run_ms = this.#since === undefined ? 0 : this.#now() - this.#since;
    this.#endBeat = this.#later(() => this.#beat(), Math.max(0, this.beat_ms - run_ms));
  }

  #beat(): void {
    this.#events.beat();
    this.#arm();
  }
}
