/** The player's side: every native event becomes a sample for the section engine and a line in the event log. */

import { MEANINGS, type Meaning, type Player, type Reading } from "./adapter.ts";
import { note, type Waiting } from "./events.ts";
import { sectionEngine } from "./sections.ts";
import type { EndReason, Fields, Section } from "./wire.ts";

/** A video of another length in the same player is another video, and not what the ticket is for. */
const SAME_LENGTH_MS = 1_000;

/** Makes a function that never throws. */
export type Safe = <A extends unknown[]>(act: (...args: A) => void) => (...args: A) => void;

export interface PlayerWatch {
  readonly log: Waiting[];
  /** Sections closed and not yet taken. */
  readonly sections: Section[];
  /** Wall ms of the last `play`. */
  playedAt(): number;
  /** Wall ms at which the open section began; undefined while none is open. */
  openSince(): number | undefined;
  /** Wall ms since which something played and was not taken yet; undefined while there is nothing. */
  unsentSince(): number | undefined;
  /** Listens to everything the player tells; returns what ends it. `heard` is called after each event. */
  listen(safe: Safe, heard: (meaning: Meaning) => void): () => void;
  /** Looks at the player now; `cut` says that a section ends here. */
  look(cut?: EndReason): void;
  /** Notes an event; within `thin_ms` it takes the place of one of its kind that still waits. */
  tell(type: string, fields?: Fields, thin_ms?: number): void;
  /** The page's element in full screen changed; often it is one around the player. */
  fullscreen(element: Element | null): void;
}

export function watchOf(player: Player, now: () => number, visible: () => boolean): PlayerWatch {
  const log: Waiting[] = [];
  const sections: Section[] = [];
  let playedAt = -Infinity;
  let length_ms: number | undefined;
  let known: string | undefined;
  let newSource = false;
  let otherVideo = false;
  let filled = false;

  const engine = sectionEngine((section) => {
    sections.push(section);
    if (section.end === "loop") tell("loop");
  });
  const media_ms = (): number => Math.round(player.read().media_ms);
  const tell = (type: string, fields: Fields = {}, thin_ms?: number): void =>
    note(log, { type, t: Math.round(now()), m: media_ms(), ...fields }, thin_ms);

  /** The page and the player may both tell of it. */
  const fills = (fullscreen: boolean): void => {
    if (fullscreen !== filled) tell("fullscreenchange", { fullscreen });
    filled = fullscreen;
  };

  /** Another video earns nothing. Where the player cannot say which it is, after a change of source the same length again
   * is the same video in another file.
   */
  const compare = ({ duration_ms, source }: Reading, cut: EndReason | undefined): void => {
    if (source !== undefined) otherVideo = source !== (known ??= source);
    else if (cut === "emptied") newSource = true;
    else if (duration_ms < Infinity) {
      length_ms ??= duration_ms;
      if (newSource) otherVideo = Math.abs(duration_ms - length_ms) > SAME_LENGTH_MS;
      newSource = false;
    }
  };

  const look = (cut?: EndReason): void => {
    const sample = { ...player.read(), wall_ms: now(), visible: visible() };
    compare(sample, cut);
    if (!otherVideo) engine.take(sample, cut);
  };

  const hear = (type: string, { cut, thin_ms }: Meaning, fields: Fields): void => {
    if (type === "play") playedAt = now();
    look(cut);
    if (type === "fullscreenchange") return fills(fields.fullscreen === true);
    // Which position a seek left is known only once the section it cut is closed.
    if (type === "seeking") fields = { from_ms: Math.round(engine.position_ms()), to_ms: media_ms(), ...fields };
    if (type === "ratechange") fields = { rate: Math.round(player.read().rate * 1000), ...fields };
    tell(type, fields, thin_ms);
  };

  return {
    log,
    sections,
    playedAt: () => playedAt,
    openSince: engine.openSince,
    unsentSince: () => sections[0]?.t0 ?? engine.openSince(),
    listen: (safe, heard) => player.listen((type, fields = {}) => {
      const meaning = MEANINGS[type] ?? {};
      hear(type, meaning, fields);
      heard(meaning);
    }, safe),
    look,
    tell,
    fullscreen(element) {
      const own = player.element();
      fills(!!own && !!element?.contains(own));
    },
  };
}
