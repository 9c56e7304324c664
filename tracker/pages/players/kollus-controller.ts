/** Speaks with the frame of a Kollus player: JSON texts `{event_name, uid, data}`, `c_` to the player and `e_` from it.
 *
 * It has the names that the tracker's adapter for Kollus asks for. Unlike Kollus's own it hears only its own frame, of its own
 * origin.
 */

type Listener = (...data: unknown[]) => void;

interface Told {
  percent?: number;
  position?: number;
  duration?: number;
  speed?: number;
  value?: unknown;
}

const HELLO_MS = 1_000;
const HELLOS = 10;

export class KollusController {
  #frame: HTMLIFrameElement;
  #origin: string;
  #uid: unknown;
  #listeners = new Map<string, Listener[]>();
  #progress: Told = {};
  #speed = 1;
  #volume = 100;

  constructor(frame: HTMLIFrameElement) {
    this.#frame = frame;
    this.#origin = new URL(frame.src).origin;
    addEventListener("message", (message) => this.#take(message));
    this.#greet(HELLOS);
  }

  on(name: string, listener: Listener, { once = false } = {}): void {
    const heard: Listener = (...data) => {
      if (once) this.#listeners.set(name, (this.#listeners.get(name) ?? []).filter((other) => other !== heard));
      listener(...data);
    };
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), heard]);
  }

  play(): void {
    this.#say("play");
  }

  pause(): void {
    this.#say("pause");
  }

  /** The player knows whole seconds only. */
  seek(seconds: number): void {
    this.#say("set_current_time", Math.trunc(seconds));
  }

  setSpeed(speed: number): void {
    this.#say("set_speed", speed);
  }

  get_progress(): Told {
    return this.#progress;
  }

  get_speed(): number {
    return this.#speed;
  }

  get_volume(): number {
    return this.#volume;
  }

  /** Until it answers: it may still be loading. */
  #greet(left: number): void {
    if (this.#uid !== undefined || left === 0) return;
    this.#say("initialize");
    setTimeout(() => this.#greet(left - 1), HELLO_MS);
  }

  #say(name: string, data?: unknown): void {
    this.#frame.contentWindow?.postMessage(JSON.stringify({ event_name: `c_${name}`, uid: this.#uid, data }), this.#origin);
  }

  #take({ source, origin, data: text }: MessageEvent): void {
    if (source !== this.#frame.contentWindow || origin !== this.#origin || typeof text !== "string") return;
    const { event_name, uid, data } = JSON.parse(text) as { event_name?: string; uid?: unknown; data?: Told };
    const name = event_name?.replace(/^e_/, "") ?? "";
    this.#note(name, uid, data ?? {});
    const { percent, position, duration, value } = data ?? {};
    const given = name === "progress" ? [percent, position, duration] : [value];
    for (const listener of this.#listeners.get(name === "initialized" ? "ready" : name) ?? []) listener(...given);
  }

  #note(name: string, uid: unknown, data: Told): void {
    if (name === "initialized") this.#uid = uid ?? "";
    else if (name === "progress") this.#progress = data;
    else if (name === "speedchange") this.#speed = data.speed ?? 1;
    else if (name === "volumechange") this.#volume = Number(data.value ?? 100);
  }
}
