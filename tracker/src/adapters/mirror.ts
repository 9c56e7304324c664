/** What is known here of a player that lives in another page: its last word, and time x rate since then. */

import type { Reading } from "../adapter.ts";

/** Who has not spoken for this long may as well stand still. */
const SILENT_MS = 1_000;
/** Reports come late by less than this; media never goes back by it without a seek. */
const LATE_MS = 300;

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

  /** Where it should be by now. */
  get expected_ms(): number {
    const { media_ms, rate, duration_ms } = this.#told;
    const passed_ms = this.runs ? Math.min(this.#now() - this.#at, SILENT_MS) * rate : 0;
    return Math.min(media_ms + passed_ms, duration_ms);
  }

  read(): Reading {
    this.#asked_ms = this.expected_ms;
    return { ...this.#told, media_ms: this.#asked_ms };
  }

  /** The player said something, at `at`; what it did not speak of goes on. A position under a moment old is no step back. */
  tell(news: Partial<Reading>, at = this.#now()): void {
    const media_ms = news.media_ms ?? this.expected_ms;
    const late = this.runs && !news.seeking && media_ms < this.#asked_ms && media_ms > this.#asked_ms - LATE_MS;
    Object.assign(this.#told, news, { media_ms: late ? this.#asked_ms : media_ms });
    this.#at = news.media_ms === undefined ? this.#now() : at;
  }
}
