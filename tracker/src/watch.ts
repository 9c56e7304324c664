/** The player's side: every native event becomes a sample for the section engine and a line in the event log. */

import type { Adapter, Meaning } from "./adapter.ts";
import { EventLog } from "./events.ts";
import { SectionEngine } from "./sections.ts";
import type { EndReason, Fields, Section } from "./wire.ts";

/** A video of another length in the same player is another video, and not what the ticket is for. */
const SAME_LENGTH_MS = 1_000;

/** Makes a function that never throws. */
export type Safe = <A extends unknown[]>(act: (...args: A) => void) => (...args: A) => void;

export class PlayerWatch<P> {
  readonly log = new EventLog();
  /** Sections closed and not yet taken. */
  readonly sections: Section[] = [];
  /** Wall ms of the last `play`. */
  playedAt = -Infinity;
  #adapter: Adapter<P>;
  #player: P;
  #now: () => number;
  #visible: () => boolean;
  #engine = new SectionEngine((section) => this.#closed(section));
  #length_ms: number | undefined;
  #newSource = false;
  #otherVideo = false;
  #fullscreen = false;

  constructor(adapter: Adapter<P>, player: P, now: () => number, visible: () => boolean) {
    this.#adapter = adapter;
    this.#player = player;
    this.#now = now;
    this.#visible = visible;
  }

  /** Wall ms at which the open section began; undefined while none is open. */
  get openSince(): number | undefined {
    return this.#engine.openSince;
  }

  /** Listens to everything the adapter names; returns what ends it. `heard` is called after each event. */
  listen(safe: Safe, heard: (meaning: Meaning) => void): () => void {
    const undo = Object.entries(this.#adapter.events).map(([type, meaning]) => {
      const hear = (native: unknown): void => {
        this.#hear(meaning.as ?? type, meaning, native);
        heard(meaning);
      };
      return this.#adapter.on(this.#player, type, safe(hear));
    });
    return () => undo.forEach((end) => end());
  }

  /** Looks at the player now; `cut` says that a section ends here. */
  look(cut?: EndReason): void {
    const sample = { ...this.#adapter.read(this.#player), wall_ms: this.#now(), visible: this.#visible() };
    this.#compareLength(sample.duration_ms, cut);
    if (!this.#otherVideo) this.#engine.take(sample, cut);
  }

  /** Notes an event; within `thin_ms` it takes the place of one of its kind that still waits. */
  tell(type: string, fields: Fields = {}, thin_ms?: number): void {
    this.log.add({ type, t: Math.round(this.#now()), m: this.#media_ms(), ...fields }, thin_ms);
  }

  /** The page's element in full screen changed; often it is one around the player. */
  fullscreen(element: Element | null): void {
    const fullscreen = element?.contains(this.#adapter.element(this.#player)) ?? false;
    if (fullscreen !== this.#fullscreen) this.tell("fullscreenchange", { fullscreen });
    this.#fullscreen = fullscreen;
  }

  pause(): void {
    this.#adapter.pause(this.#player);
  }

  #hear(type: string, meaning: Meaning, native: unknown): void {
    if (type === "play") this.playedAt = this.#now();
    const fields = this.#adapter.fields(this.#player, type, native);
    this.look(meaning.cut);
    // Which position a seek left is known only once the section it cut is closed.
    const seek = type === "seeking" ? { from_ms: Math.round(this.#engine.position_ms), to_ms: this.#media_ms() } : {};
    this.tell(type, { ...seek, ...fields }, meaning.thin_ms);
  }

  #closed(section: Section): void {
    this.sections.push(section);
    if (section.end === "loop") this.tell("loop");
  }

  #media_ms(): number {
    return Math.round(this.#adapter.read(this.#player).media_ms);
  }

  /** After a change of source: the same length again is the same video in another file, else nothing is claimed. */
  #compareLength(duration_ms: number, cut: EndReason | undefined): void {
    if (cut === "emptied") this.#newSource = true;
    else if (duration_ms < Infinity) {
      this.#length_ms ??= duration_ms;
      if (this.#newSource) this.#otherVideo = Math.abs(duration_ms - this.#length_ms) > SAME_LENGTH_MS;
      this.#newSource = false;
    }
  }
}
