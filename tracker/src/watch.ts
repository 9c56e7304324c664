/** The player's side: every native event becomes a sample for the section engine and a line in the event log. */

import { MEANINGS, type Meaning, type Player, type Reading } from "./adapter.ts";
import { EventLog } from "./events.ts";
import { SectionEngine } from "./sections.ts";
import type { EndReason, Fields, Section } from "./wire.ts";

/** A video of another length in the same player is another video, and not what the ticket is for. */
const SAME_LENGTH_MS = 1_000;

/** Makes a function that never throws. */
export type Safe = <A extends unknown[]>(act: (...args: A) => void) => (...args: A) => void;

export class PlayerWatch {
  readonly log = new EventLog();
  /** Sections closed and not yet taken. */
  readonly sections: Section[] = [];
  /** Wall ms of the last `play`. */
  playedAt = -Infinity;
  #player: Player;
  #now: () => number;
  #visible: () => boolean;
  #engine = new SectionEngine((section) => this.#closed(section));
  #length_ms: number | undefined;
  #source: string | undefined;
  #newSource = false;
  #otherVideo = false;
  #fullscreen = false;

  constructor(player: Player, now: () => number, visible: () => boolean) {
    this.#player = player;
    this.#now = now;
    this.#visible = visible;
  }

  /** Wall ms at which the open section began; undefined while none is open. */
  get openSince(): number | undefined {
    return this.#engine.openSince;
  }

  /** Wall ms since which something played and was not taken yet; undefined while there is nothing. */
  get unsentSince(): number | undefined {
    return this.sections[0]?.t0 ?? this.openSince;
  }

  /** Listens to everything the player tells; returns what ends it. `heard` is called after each event. */
  listen(safe: Safe, heard: (meaning: Meaning) => void): () => void {
    const hear = (type: string, fields: Fields = {}): void => {
      const meaning = MEANINGS[type] ?? {};
      this.#hear(type, meaning, fields);
      heard(meaning);
    };
    return this.#player.listen(hear, safe);
  }

  /** Looks at the player now; `cut` says that a section ends here. */
  look(cut?: EndReason): void {
    const sample = { ...this.#player.read(), wall_ms: this.#now(), visible: this.#visible() };
    this.#compare(sample, cut);
    if (!this.#otherVideo) this.#engine.take(sample, cut);
  }

  /** Notes an event; within `thin_ms` it takes the place of one of its kind that still waits. */
  tell(type: string, fields: Fields = {}, thin_ms?: number): void {
    this.log.add({ type, t: Math.round(this.#now()), m: this.#media_ms(), ...fields }, thin_ms);
  }

  /** The page's element in full screen changed; often it is one around the player. */
  fullscreen(element: Element | null): void {
    const own = this.#player.element();
    this.#fills(!!own && !!element?.contains(own));
  }

  pause(): void {
    this.#player.pause();
  }

  #hear(type: string, meaning: Meaning, fields: Fields): void {
    if (type === "play") this.playedAt = this.#now();
    this.look(meaning.cut);
    if (type === "fullscreenchange") return this.#fills(fields.fullscreen === true);
    // Which position a seek left is known only once the section it cut is closed.
    const seek = type === "seeking" ? { from_ms: Math.round(this.#engine.position_ms), to_ms: this.#media_ms() } : {};
    const rate = type === "ratechange" ? { rate: Math.round(this.#player.read().rate * 1000) } : {};
    this.tell(type, { ...seek, ...rate, ...fields }, meaning.thin_ms);
  }

  /** The page and the player may both tell of it. */
  #fills(fullscreen: boolean): void {
    if (fullscreen !== this.#fullscreen) this.tell("fullscreenchange", { fullscreen });
    this.#fullscreen = fullscreen;
  }

  #closed(section: Section): void {
    this.sections.push(section);
    if (section.end === "loop") this.tell("loop");
  }

  #media_ms(): number {
    return Math.round(this.#player.read().media_ms);
  }

  /** Another video earns nothing. Where the player cannot say which it is, after a change of source the same length again
   * is the same video in another file.
   */
  #compare({ duration_ms, source }: Reading, cut: EndReason | undefined): void {
    if (source !== undefined) this.#otherVideo = source !== (this.#source ??= source);
    else if (cut === "emptied") this.#newSource = true;
    else if (duration_ms < Infinity) {
      this.#length_ms ??= duration_ms;
      if (this.#newSource) this.#otherVideo = Math.abs(duration_ms - this.#length_ms) > SAME_LENGTH_MS;
      this.#newSource = false;
    }
  }
}
