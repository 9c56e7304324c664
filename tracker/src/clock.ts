/** Wall time of one playback: whole ms since t = 0, never going back, and not standing still while the machine sleeps. */

export interface TimeSource {
  /** Monotonic ms (performance.now); in some browsers it stops during sleep. */
  perf(): number;
  /** Epoch ms (Date.now); follows sleep, but also every correction of the clock. */
  date(): number;
}

/** A difference of the two sources above this is sleep, not drift or a small correction. */
const SLEEP_MS = 2_000;

export class Clock {
  #source: TimeSource;
  #perf: number;
  #date: number;
  #base: number;
  #last: number;

  /** `elapsed_ms`: how long ago t = 0 was, for a playback that goes on after a reload. */
  constructor(source: TimeSource, elapsed_ms = 0) {
    this.#source = source;
    this.#perf = source.perf();
    this.#date = source.date();
    this.#base = elapsed_ms;
    this.#last = elapsed_ms;
  }

  /** Unrounded, so that intervals which touch are rounded alike. */
  now(): number {
    const perf = this.#source.perf();
    const date = this.#source.date();
    const slept = date - this.#date - (perf - this.#perf);
    if (slept > SLEEP_MS) this.#base += slept;
    // A clock put right is no sleep: the anchors move along, so that it is seen once and never added up.
    if (Math.abs(slept) > SLEEP_MS) this.#date = date - (perf - this.#perf);
    this.#last = Math.max(this.#last, this.#base + perf - this.#perf);
    return this.#last;
  }
}
