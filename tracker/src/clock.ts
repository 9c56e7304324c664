/** Wall time of one playback: whole ms since t = 0, never going back, and not standing still while the machine sleeps. */

export interface TimeSource {
  /** Monotonic ms (performance.now); in some browsers it stops during sleep. */
  perf(): number;
  /** Epoch ms (Date.now); follows sleep, but also every correction of the clock. */
  date(): number;
}

/** A difference of the two sources above this is sleep, not drift or a small correction. */
const SLEEP_MS = 2_000;

/** Tells the time, unrounded, so that intervals which touch are rounded alike. `elapsed_ms`: how long ago t = 0 was, for a
 * playback that goes on after a reload.
 */
export function clockFrom({ perf, date }: TimeSource, elapsed_ms = 0): () => number {
  let zero = perf() - elapsed_ms;
  let ahead = date() - perf();
  let last = elapsed_ms;
  return () => {
    const now = perf();
    const slept = date() - now - ahead;
    if (slept > SLEEP_MS) zero -= slept;
    // A clock put right is no sleep: it is seen once and never added up.
    if (Math.abs(slept) > SLEEP_MS) ahead += slept;
    last = Math.max(last, now - zero);
    return last;
  };
}
