/** What is known here of a player that lives in another page: its last word, and time x rate since then. */

import type { Hear, Reading } from "../adapter.ts";
import type { Fields } from "../wire.ts";

/** Who has not spoken for this long may as well stand still. */
const SILENT_MS = 1_000;
/** Reports come late by less than this, at normal speed; media never goes back by it without a seek. */
export const LATE_MS = 400;
/** How much of a lag is believed at once: one late report is none, a row of them is. */
const BELIEVED = 1 / 4;

const STANDS = { paused: true, ended: false, ready: false };
const PLAYS = { paused: false, ended: false };

/** What an event says of the player, by our name for it. */
const NEWS: Record<string, Partial<Reading>> = {
  play: PLAYS, playing: { ...PLAYS, ready: true }, pause: { paused: true }, ended: { paused: true, ended: true }, unstarted: STANDS, cued: STANDS,
  seeking: { seeking: true }, seeked: { seeking: false, ended: false }, waiting: { ready: false }, canplay: { ready: true },
  enterpictureinpicture: { pip: true }, leavepictureinpicture: { pip: false },
};

/** And what its fields do. */
function newsIn(type: string, { duration_ms, rate, volume_percent, muted, id }: Fields): Partial<Reading> {
  return {
    ...NEWS[type],
    ...(duration_ms && { duration_ms: Number(duration_ms) }),
    ...(rate && { rate: Number(rate) / 1000 }),
    ...(type === "volumechange" && { muted: !!muted || volume_percent === 0 }),
    ...(type === "loaded" && id && { source: String(id) }),
  };
}

export interface Mirror {
  /** As it was told last: unlike `read`, asking for this binds nobody to a position. */
  readonly told: Readonly<Reading>;
  /** Where it should be by now, however long it has said nothing. */
  expected_ms(): number;
  read(): Reading;
  /** The player said something, at `at`; what it did not speak of goes on. */
  tell(news: Partial<Reading>, at?: number): void;
  /** An event is told, with what else is known by it, and then heard; before it what it means and nobody said. */
  pass(hear: Hear, type: string, fields?: Fields, news?: Partial<Reading>, at?: number): void;
}

export function mirrorOf(now: () => number): Mirror {
  const told: Reading = {
    media_ms: 0, duration_ms: Infinity, rate: 1, seeking: false, loop: false, muted: false, pip: false, played: undefined, ...STANDS,
  };
  let since = now();
  let asked_ms = 0;

  const runs = (): boolean => !told.paused && !told.ended && told.ready && !told.seeking;

  const after = (silent_ms: number): number => {
    const { media_ms, rate, duration_ms } = told;
    return Math.min(media_ms + (runs() ? Math.min(now() - since, silent_ms) * rate : 0), duration_ms);
  };

  /** A report is never early, only late: one that lags a little is believed in part, and nothing goes back by it. */
  const believe = (media_ms: number, { seeking, paused, ended, source }: Partial<Reading>): number => {
    const lag_ms = after(Infinity) - media_ms;
    if (!runs() || seeking || source || lag_ms <= 0 || lag_ms > LATE_MS * told.rate) return media_ms;
    return Math.max(asked_ms, paused || ended ? media_ms : media_ms + lag_ms * (1 - BELIEVED));
  };

  const tell = (news: Partial<Reading>, at = now()): void => {
    const { media_ms } = news;
    const position_ms = media_ms === undefined ? after(SILENT_MS) : believe(media_ms, news);
    since = position_ms === media_ms ? at : now();
    Object.assign(told, news, { media_ms: position_ms });
  };

  return {
    told,
    expected_ms: () => after(Infinity),
    read: () => ({ ...told, media_ms: (asked_ms = after(SILENT_MS)) }),
    tell,
    pass(hear, type, fields = {}, news, at) {
      const { paused, source } = told;
      const all = { ...newsIn(type, fields), ...news };
      if (source && all.source && all.source !== source) hear("emptied");
      tell(all, at);
      if (paused && !told.paused && type !== "play") hear("play");
      hear(type, fields);
    },
  };
}
