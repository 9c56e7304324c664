/** When a batch leaves: at every beat, and soon after what is worth telling at once. */

const BEAT_MS = 10_000;
/** A timer that comes later than this was held back by the browser; the player's own events stand in for it. */
const BEAT_LATE_MS = 500;
/** A batch that should leave soon waits this long for company, and a second one this long after the first. */
const SOON_MS = 200;
const APART_MS = 1_000;

export interface PaceEvents {
  now(): number;
  later(task: () => void, ms: number): () => void;
  /** When the oldest section that waits began: the beat counts from there, so that stalls between sections never put it off. */
  unsentSince(): number | undefined;
  /** The open section, if any, should be cut, and everything be sent. */
  beat(): void;
  /** What there is should be sent. */
  batch(): void;
}

export interface Pace {
  /** As the server asks in its answers. */
  beat_ms: number;
  /** To be called after each sample and each batch. */
  look(): void;
  soon(): void;
  /** A batch has left. */
  batched(): void;
  stop(): void;
}

export function paceOf({ now, later, unsentSince, beat, batch }: PaceEvents): Pace {
  let since: number | undefined;
  let lastBatch = -Infinity;
  let endBeat = (): void => undefined;
  let endSoon: (() => void) | undefined;

  const arm = (): void => {
    endBeat();
    const run_ms = now() - (since ?? now());
    endBeat = later(() => {
      beat();
      arm();
    }, Math.max(0, pace.beat_ms - run_ms));
  };

  const pace: Pace = {
    beat_ms: BEAT_MS,
    look() {
      const late = since !== undefined && now() - since > pace.beat_ms + BEAT_LATE_MS;
      if (since !== (since = unsentSince())) arm();
      else if (late) beat();
    },
    soon() {
      endSoon ??= later(batch, Math.max(SOON_MS, lastBatch + APART_MS - now()));
    },
    batched() {
      lastBatch = now();
      endSoon?.();
      endSoon = undefined;
    },
    stop() {
      endBeat();
      endSoon?.();
    },
  };
  arm();
  return pace;
}
