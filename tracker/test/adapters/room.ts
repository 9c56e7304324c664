/** A page of plain values for adapters: elements that are none, a clock that is told, and all that was heard. */

import type { Player } from "../../src/adapter.ts";
import { take } from "../../src/events.ts";
import { watchOf, type PlayerWatch } from "../../src/watch.ts";
import type { PlayerEvent, Section } from "../../src/wire.ts";
import { faults } from "../conforms.ts";
import { settle } from "../fakes.ts";

export class FakeElement extends EventTarget {
  contains = (other: unknown): boolean => other === this;
}

export class FakeFrame extends FakeElement {
  src: string;
  id = "player";
  said: string[] = [];
  contentWindow = { postMessage: (text: string): void => void this.said.push(text) };
  constructor(src: string) {
    super();
    this.src = src;
  }
}

export class FakeMedia extends FakeElement {
  currentTime = 0;
  duration = 60;
  playbackRate = 1;
  paused = true;
  ended = false;
  seeking = false;
  readyState = 4;
  loop = false;
  muted = false;
  volume = 1;
  videoWidth = 320;
  videoHeight = 180;
  error = null;
  pause = (): void => void (this.paused = true);
  fire = (...types: string[]): void => types.forEach((type) => this.dispatchEvent(new Event(type)));
}

const messages = new EventTarget();

Object.assign(globalThis, {
  Element: FakeElement,
  HTMLIFrameElement: FakeFrame,
  document: { pictureInPictureElement: null },
  location: new URL("https://school.example/watch/"),
  addEventListener: messages.addEventListener.bind(messages),
  removeEventListener: messages.removeEventListener.bind(messages),
});

/** A message to the page from a frame. */
export function post(frame: FakeFrame, data: unknown, origin = "https://www.youtube.com"): void {
  messages.dispatchEvent(Object.assign(new Event("message"), { origin, source: frame.contentWindow, data: JSON.stringify(data) }));
}

/** Listens to a player as the tracker does. Time passes by `clock.now`. */
export class Room {
  now_ms = 0;
  visible = (): boolean => true;
  errors: string[] = [];
  watch: PlayerWatch;
  end: () => void;

  constructor(open: (now: () => number) => Player | undefined) {
    const player = open(() => this.now_ms);
    if (!player) throw new Error("the adapter does not know it");
    this.watch = watchOf(player, () => this.now_ms, () => this.visible());
    this.end = this.watch.listen(
      (act) => (...given) => {
        try {
          act(...given);
        } catch (error) {
          this.errors.push(String(error));
        }
      },
      () => undefined,
    );
  }

  /** Everything heard since the last time, checked against the contract. */
  heard(): PlayerEvent[] {
    const events = take(this.watch.log, 500);
    const wrong = faults(JSON.stringify({ seq: 0, sent: 0, sections: [], events }));
    if (wrong.length > 0) throw new Error(wrong.join("; "));
    return events;
  }

  types(): string[] {
    return this.heard().map(({ type }) => type);
  }

  /** Stretches of media claimed so far, the open one included. */
  claimed(): [number, number, Section["end"]][] {
    this.watch.look("stop");
    return this.watch.sections.map(({ m0, m1, end }) => [m0, m1, end]);
  }
}

export { settle };
