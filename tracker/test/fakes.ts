/** A browser made of plain values: its clock moves only when told, its network answers as told. */

import type { Adapter, Player } from "../src/adapter.ts";
import type { Env, Ownership } from "../src/env.ts";
import type { PageHandlers } from "../src/page.ts";
import type { Sample } from "../src/sections.ts";
import type { Store } from "../src/store.ts";
import type { Answer, Batch } from "../src/wire.ts";

export class FakeStore implements Store {
  readonly rows = new Map<string, string>();
  full = false;
  loaded = Promise.resolve();
  keys = (): string[] => [...this.rows.keys()];
  get = (key: string): string | null => this.rows.get(key) ?? null;
  remove = (key: string): void => void this.rows.delete(key);
  set(key: string, value: string): boolean {
    this.rows.set(key, value);
    return !this.full;
  }
}

export interface Request {
  url: string;
  ticket: string;
  body: string;
  batch: Batch;
  init: RequestInit;
}

export type Respond = (request: Request) => Response | Promise<Response>;

interface Timer {
  at: number;
  task: () => void;
}

export class FakeEnv implements Env {
  base = "https://school.example/watch/";
  now_ms = 1_000;
  /** What `Date.now` has more than `performance.now`: epoch, sleep, corrections. */
  epoch_ms = 1_790_000_000_000;
  store = new FakeStore();
  requests: Request[] = [];
  beacons: { url: string; text: string }[] = [];
  respond: Respond = (request) => acknowledge(request);
  owned = new Map<string, boolean>();
  locks: "known" | "unknown" = "known";
  isVisible = true;
  page: PageHandlers | undefined;
  random = (): number => 0.5;
  perf = (): number => this.now_ms;
  date = (): number => this.epoch_ms + this.now_ms;
  visible = (): boolean => this.isVisible;
  #timers: Timer[] = [];

  later(task: () => void, ms: number): () => void {
    const timer = { at: this.now_ms + ms, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  async fetch(url: string, init: RequestInit): Promise<Response> {
    const request = parseRequest(url, init);
    this.requests.push(request);
    return this.respond(request);
  }

  /** What is left to the browser to send; none unless it can. */
  deferredTexts: string[] | undefined;

  deferred(_url: string, text: string): boolean {
    this.deferredTexts?.push(text);
    return !!this.deferredTexts;
  }

  beacon(url: string, text: string): boolean {
    this.beacons.push({ url, text });
    return true;
  }

  async own(name: string): Promise<Ownership> {
    if (this.locks === "unknown") return { state: "unknown", release: () => undefined };
    if (this.owned.get(name)) return { state: "taken", release: () => undefined };
    this.owned.set(name, true);
    return { state: "mine", release: () => void this.owned.delete(name) };
  }

  listen(handlers: PageHandlers): () => void {
    this.page = handlers;
    return () => (this.page = undefined);
  }

  /** Lets time pass, timer by timer, with everything that waits for promises done in between. */
  async pass(ms: number): Promise<void> {
    const until = this.now_ms + ms;
    await settle();
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.now_ms = Math.max(this.now_ms, next.at);
      next.task();
      await settle();
    }
    this.now_ms = until;
    await settle();
  }

  get batches(): Batch[] {
    return this.requests.map(({ batch }) => batch);
  }
}

/** Promises that hang on one another are done after a turn of the event loop. */
export function settle(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}

function parseRequest(url: string, init: RequestInit): Request {
  const text = String(init.body);
  const [ticket = "", ...rest] = text.split("\n");
  const body = rest.join("\n");
  return { url, init, ticket, body, batch: body ? (JSON.parse(body) as Batch) : ({} as Batch) };
}

export function answer(seq: number, more: Partial<Answer> = {}): Answer {
  return {
    seq, status: "recorded", credited: [], credited_ms: 0, fresh_ms: 0, covered_ms: 0, watched_ms: 0, counted_ms: 0,
    needed_ms: 57_000, progress: 0, completed: false, evidence: "clock", refusals: [], playing_elsewhere: false, prompt: null,
    next_beat_ms: 10_000, received_at: 1_790_000_000_000, ...more,
  };
}

export function acknowledge(request: Request, more: Partial<Answer> = {}): Response {
  return Response.json(answer(request.batch.seq, more));
}

export function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ status, code, detail: `because of ${code}` }, { status, headers });
}

/** A ticket as far as a browser can read it: unsigned. */
export function fakeTicket(playback = "p_bob", life_s = 43_200): string {
  const part = (claims: object): string => Buffer.from(JSON.stringify(claims)).toString("base64url");
  const issued_s = 1_790_000_000;
  return `${part({ alg: "HS256" })}.${part({ playback, iat: issued_s, exp: issued_s + life_s })}.c2lnbmVk`;
}

/** A player with a media clock: it plays as real ones do, `played` ranges and all, and notes what it showed. */
export class FakePlayer {
  duration_ms = 60_000;
  rate = 1;
  paused = true;
  ended = false;
  ready = true;
  seeking = false;
  loop = false;
  muted = false;
  pip = false;
  /** False for a player that cannot tell its played ranges. */
  tellsPlayed = true;
  played: [number, number][] = [];
  /** What was shown, stretch by stretch. */
  truth: [number, number][] = [];
  listeners = new Map<string, (native: unknown) => void>();
  #env: FakeEnv;
  #media_ms = 0;
  #at_ms = 0;
  #stretch: [number, number] = [0, 0];

  constructor(env: FakeEnv) {
    this.#env = env;
  }

  get media_ms(): number {
    const passed_ms = this.#env.now_ms - this.#at_ms;
    this.#at_ms = this.#env.now_ms;
    if (!this.paused && !this.seeking && this.ready) {
      this.#media_ms = Math.min(this.duration_ms, this.#media_ms + passed_ms * this.rate);
      this.#stretch[1] = this.#media_ms;
    }
    return this.#media_ms;
  }

  fire(...types: string[]): void {
    for (const type of types) this.listeners.get(type)?.({ type });
  }

  play(): void {
    this.#land(this.media_ms, { paused: false, ended: false });
    this.fire("play", "playing");
  }

  pause(): void {
    if (this.paused) return;
    this.#land(this.media_ms, { paused: true });
    this.fire("pause");
  }

  wait(): void {
    this.#land(this.media_ms, { ready: false });
    this.fire("waiting");
  }

  goOn(): void {
    this.#land(this.media_ms, { ready: true });
    this.fire("canplay", "playing");
  }

  faster(rate: number): void {
    this.#land(this.media_ms, { rate });
    this.fire("ratechange");
  }

  /** Plays for `ms` of wall time, with a `timeupdate` every 250 ms. */
  async run(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 250) {
      await this.#env.pass(Math.min(250, left));
      this.fire("timeupdate");
    }
  }

  /** As browsers do it: the position is the new one before `seeking` is told. */
  async seek(to_ms: number, takes_ms = 40): Promise<void> {
    this.#land(to_ms, { seeking: true });
    this.fire("seeking");
    await this.#env.pass(takes_ms);
    this.#land(to_ms, { seeking: false });
    this.fire("timeupdate", "seeked");
  }

  /** Another source, of this length. */
  load(duration_ms: number): void {
    this.played = [];
    this.#land(0, { ready: false });
    this.fire("emptied");
    this.#land(0, { ready: true, duration_ms });
    this.fire("canplay");
  }

  /** From now on, at this position and in this state; what is played from here on is a new stretch. */
  #land(media_ms: number, state: Partial<FakePlayer>): void {
    const goesOn = this.media_ms === media_ms && !this.paused && !("seeking" in state) && "rate" in state;
    Object.assign(this, state);
    this.#media_ms = media_ms;
    if (goesOn || this.paused || this.seeking) return;
    this.#stretch = [media_ms, media_ms];
    this.played.push(this.#stretch);
    this.truth.push(this.#stretch);
  }
}

/** `played` as the standard has it: ranges that touch are one. */
function merged(ranges: [number, number][]): [number, number][] {
  const joined: [number, number][] = [];
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}

const TYPES = [
  "pause", "seeking", "waiting", "ended", "ratechange", "emptied", "play", "playing", "seeked", "timeupdate", "volumechange",
  "canplay",
];

export const fakeAdapter: Adapter = (target) => (target instanceof FakePlayer ? fakePlayer(target) : undefined);

function fakePlayer(player: FakePlayer): Player {
  return {
    element: () => undefined,
    read() {
      const { media_ms, duration_ms, rate, paused, ended, ready, seeking, loop, muted, pip, played, tellsPlayed } = player;
      return {
        media_ms, duration_ms, rate, paused, ended, ready, seeking, loop, muted, pip,
        played: tellsPlayed ? merged(played) : undefined,
      };
    },
    listen(hear, safe) {
      for (const type of TYPES) {
        player.listeners.set(type, safe(() => hear(type, type === "ratechange" ? { rate: player.rate * 1000 } : {})));
      }
      return () => player.listeners.clear();
    },
    pause: () => player.pause(),
  };
}

export function sample(more: Partial<Sample>): Sample {
  return {
    wall_ms: 0, media_ms: 0, duration_ms: 60_000, rate: 1, paused: false, ended: false, ready: true, seeking: false,
    loop: false, visible: true, muted: false, pip: false, played: undefined, ...more,
  };
}
