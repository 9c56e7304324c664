/** What is known here of a player that lives in another page: its last word, and time x rate since then. */

import type { Reading } from "../adapter.ts";

/** Who has not spoken for this long may as well stand still. */
const SILENT_MS = 1_000;
/** Reports come late by less than this, at normal speed; media never goes back by it without a seek. */
export const LATE_MS = 400;
/** How much of a lag is believed at once: one late report is none, a row of them is. */
const BELIEVED = 1 / 4;

export class Mirror {
  #now: () => number;
  #at: number;
  #asked_ms = 0;
  #told: Reading = {
    media_ms: 0, duration_ms: Infinity, rate: 1, paused: true, ended: false, ready: false, seeking: false, loop: false,
    muted: false, pip: false, played: undefined,
  };

  constructor(now: () => number) {
    this.#now = now;
    this.#at = now();
  }

  get runs(): boolean {
    const { paused, ended, ready, seeking } = this.#told;
    return !paused && !ended && ready && !seeking;
  }

  /** As it was told last: unlike `read`, asking for this binds nobody to a position. */
  get told(): Readonly<Reading> {
    return this.#told;
  }

  /** Where it should be by now, however long it has said nothing. */
  get expected_ms(): number {
    return this.#after(Infinity);
  }

  read(): Reading {
    this.#asked_ms = this.#after(SILENT_MS);
    return { ...this.#told, media_ms: this.#asked_ms };
  }

  /** The player said something, at `at`; what it did not speak of goes on. */
  tell(news: Partial<Reading>, at = this.#now()): void {
    const { media_ms } = news;
    const position_ms = media_ms === undefined ? this.#after(SILENT_MS) : this.#believe(media_ms, news);
    this.#at = media_ms === undefined || position_ms !== media_ms ? this.#now() : at;
    Object.assign(this.#told, news, { media_ms: position_ms });
  }

  /** A report is never early, only late: one that lags a little is believed in part, and nothing goes back by it. */
  #believe(media_ms: number, { seeking, paused, ended, source }: Partial<Reading>): number {
    const lag_ms = this.expected_ms - media_ms;
    if (!this.runs || seeking || source || lag_ms <= 0 || lag_ms > LATE_MS * this.#told.rate) return media_ms;
    return Math.max(this.#asked_ms, paused || ended ? media_ms : this.expected_ms - lag_ms * BELIEVED);
  }

  #after(silent_ms: number): number {
    const { media_ms, rate, duration_ms } = this.#told;
    const passed_ms = this.runs ? Math.min(this.#now() - this.#at, silent_ms) * rate : 0;
    return Math.min(media_ms + passed_ms, duration_ms);
  }
}
