/** Tracks one player for one playback: samples into sections, sections into batches, batches to the server.
 *
 * The page and its player come first: nothing here throws into the page, hinders the player, or touches more of it
 * than pause(), and that only when the same viewer plays elsewhere.
 */

import type { Adapter, Meaning, Player } from "./adapter.ts";
import { Clock } from "./clock.ts";
import { Delivery, type Address, type DeliveryEvents } from "./delivery.ts";
import { browserEnv, siteEnv, type Env } from "./env.ts";
import { anyPlayer } from "./adapters/all.ts";
import { Pace } from "./pace.ts";
import type { PageHandlers } from "./page.ts";
import { sendOrphans } from "./leftovers.ts";
import { readHead } from "./queue.ts";
import { PlayerWatch, type Safe } from "./watch.ts";
import {
  claimedMs, ticketFacts, type Answer, type Batch, type EndReason, type Fields, type Problem, type TicketFacts,
} from "./wire.ts";

export type { Adapter, Player, Reading } from "./adapter.ts";
export type { MediaLike } from "./adapters/media.ts";
export type { Answer, Batch, Section } from "./wire.ts";

export interface Notice {
  /** `reopen`: this playback can record nothing more, the page should open a new one. `closed`: it was ended. */
  code:
    | "playing_elsewhere" | "trouble" | "not_stored" | "set_aside" | "reopen" | "closed" | "leftover_lost"
    | "unsupported" | "internal";
  /** The server's own code where it spoke, as `ticket_expired`. */
  cause: string;
  detail: string;
  /** Media ms that were played and will never be recorded. */
  lost_ms: number;
}

export interface State {
  phase: "recording" | "closed" | "stopped";
  saved: "saved" | "saving" | "waiting" | "lost";
  /** Batches not yet acknowledged. */
  pending: number;
}

export interface Options {
  ticket: string;
  /** Where batches go, as `https://media.example/v1/batches`. */
  endpoint: string;
  /** Where the ticket is renewed; beside `endpoint` unless given. */
  renew?: string;
  onAnswer?(answer: Answer, batch: Batch): void;
  onState?(state: State): void;
  onNotice?(notice: Notice): void;
}

export interface Tracking {
  readonly state: State;
  /** Ends the open section and sends everything; done when the server has acknowledged all of it. */
  flush(): Promise<void>;
  /** Something that the page saw: an event of the vocabulary, at the player's position now, sent at once. */
  tell(type: string, fields?: Fields): void;
  stop(): void;
}

/** Well inside what the wire allows, so that a batch always fits into a beacon. */
const SECTIONS_PER_BATCH = 100;
const EVENTS_PER_BATCH = 200;
/** The server sees a change of the playing device after 15 s; until then a fresh click on play has the last word. */
const PLAY_WINS_MS = 20_000;
const TROUBLE_AFTER = 3;
const FUTURES_IN_A_ROW = 3;

/** `track` of package.ts, for the site's own pages. */
export function track(target: unknown, options: Options): Tracking {
  return trackWith(anyPlayer, target, options, siteEnv());
}

/** Sends what pages that died left behind, before anything is tracked here. `onLost` gets the media ms refused for good. */
export function sendLeftovers(onLost: (lost_ms: number) => void): Promise<void> {
  return sendOrphans(browserEnv(), "", (_problem, lost_ms) => {
    if (lost_ms > 0) onLost(lost_ms);
  });
}

/** `track` with everything given: another adapter, another browser. Never throws. */
export function trackWith(adapter: Adapter, target: unknown, options: Options, env: Env): Tracking {
  const give = (detail: string): Tracking => {
    tellPage(() => options.onNotice?.({ code: "unsupported", cause: "", detail, lost_ms: 0 }));
    return { state: { phase: "stopped", saved: "saved", pending: 0 }, async flush() {}, tell() {}, stop() {} };
  };
  try {
    const facts = ticketFacts(options.ticket);
    if (!facts) return give("This is no ticket.");
    const player = adapter(target);
    if (!player) return give("This player cannot be tracked.");
    return new Tracker(player, options, env, facts);
  } catch (error) {
    return give(String(error));
  }
}

class Tracker implements Tracking {
  #options: Options;
  #clock: Clock;
  #watch: PlayerWatch;
  #pace: Pace;
  #delivery: Delivery;
  #ends: (() => void)[];
  #phase: State["phase"] = "recording";
  #failures = 0;
  #futures = 0;
  #lost = false;
  #told = "";

  constructor(player: Player, options: Options, env: Env, facts: TicketFacts) {
    this.#options = options;
    // A page loaded again with the same ticket goes on in the same playback, on the same clock.
    const zero = readHead(env.store, facts.playback)?.zero ?? env.date();
    this.#clock = new Clock(env, Math.max(0, env.date() - zero));
    const now = (): number => this.#clock.now();
    const later = (task: () => void, ms: number): (() => void) => env.later(this.#safe(task), ms);
    this.#watch = new PlayerWatch(player, now, env.visible);
    this.#pace = new Pace(now, later, { beat: () => this.#cut("beat"), batch: () => this.#batch() });
    this.#delivery = new Delivery(env, address(options, facts, env.base), facts, zero, this.#outcomes());
    this.#ends = [this.#watch.listen(this.#safe, (meaning) => this.#heard(meaning)), env.listen(this.#pageHandlers())];
    this.#look();
    void this.#delivery.start();
  }

  get state(): State {
    const pending = this.#delivery.pending;
    const onTheWay = this.#failures > 0 ? "waiting" : "saving";
    return { phase: this.#phase, pending, saved: this.#lost ? "lost" : pending > 0 ? onTheWay : "saved" };
  }

  async flush(): Promise<void> {
    this.#safe(() => this.#cut("beat"))();
    await this.#delivery.flush();
  }

  tell(type: string, fields: Fields = {}): void {
    if (this.#phase !== "recording") return;
    this.#watch.tell(type, fields);
    this.#pace.soon();
  }

  stop(): void {
    if (this.#phase !== "recording") return;
    this.#safe(() => this.#cut("stop"))();
    this.#end("stopped");
  }

  /** The page never sees an error of ours, only a notice. */
  #safe: Safe = (act) => (...args) => {
    try {
      act(...args);
    } catch (error) {
      this.#notice("internal", String(error));
    }
  };

  #notice(code: Notice["code"], detail = "", cause = "", lost_ms = 0): void {
    tellPage(() => this.#options.onNotice?.({ code, cause, detail, lost_ms }));
  }

  #tellState(): void {
    const state = this.state;
    const told = JSON.stringify(state);
    if (told !== this.#told) tellPage(() => this.#options.onState?.(state));
    this.#told = told;
  }

  #end(phase: State["phase"]): void {
    this.#phase = phase;
    this.#ends.forEach((end) => end());
    this.#pace.stop();
    this.#delivery.stop();
    this.#tellState();
  }

  #look(cut?: EndReason): void {
    this.#watch.look(cut);
    this.#pace.unsentSince(this.#watch.unsentSince);
  }

  #heard({ soon }: Meaning): void {
    if (soon) this.#pace.soon();
    this.#pace.unsentSince(this.#watch.unsentSince);
  }

  #cut(reason: EndReason): void {
    this.#watch.look(reason);
    this.#batch();
  }

  #batch(): void {
    const { sections, log } = this.#watch;
    this.#pace.batched();
    while (sections.length > 0 || log.size > 0) {
      this.#delivery.add({
        sent: Math.round(this.#clock.now()),
        sections: sections.splice(0, SECTIONS_PER_BATCH),
        events: log.take(EVENTS_PER_BATCH),
      });
    }
    this.#pace.unsentSince(this.#watch.unsentSince);
    this.#tellState();
  }

  #pageHandlers(): PageHandlers {
    const tell = (type: string, fields: Fields = {}): void => this.#watch.tell(type, fields);
    return {
      onVisibility: this.#safe((visible) => {
        tell("visibilitychange", { visible });
        if (visible) this.#look("visible");
        else this.#cut("hidden");
        void this.#delivery.flush();
      }),
      onFullscreen: this.#safe((element) => this.#watch.fullscreen(element)),
      onLeave: this.#safe((persisted) => {
        tell("pagehide", { persisted });
        this.#cut("pagehide");
        this.#delivery.leave();
      }),
      onRestore: this.#safe(() => {
        tell("pageshow", { persisted: true });
        void this.#delivery.comeBack();
      }),
      onNetwork: this.#safe((online) => {
        tell(online ? "online" : "offline");
        if (online) void this.#delivery.flush();
      }),
      onFlush: () => this.flush(),
    };
  }

  #outcomes(): DeliveryEvents {
    return {
      onAnswer: this.#safe((answer, batch) => this.#answered(answer, batch)),
      onAside: this.#safe((problem, batch) => this.#aside(problem, batch)),
      onClosed: this.#safe((problem, lost_ms) => this.#closed(problem, lost_ms)),
      onLeftoverClosed: (problem, lost_ms) => {
        if (lost_ms > 0) this.#notice("leftover_lost", problem.detail, problem.code, lost_ms);
      },
      onTrouble: this.#safe((failures) => {
        this.#failures = failures;
        if (failures === TROUBLE_AFTER) this.#notice("trouble");
        this.#tellState();
      }),
      onNotStored: () => this.#notice("not_stored"),
      onTaken: this.#safe(() => {
        this.#end("closed");
        this.#notice("reopen", "", "taken");
      }),
    };
  }

  #answered(answer: Answer, batch: Batch): void {
    this.#failures = 0;
    this.#lost = false;
    if (answer.next_beat_ms > 0) this.#pace.beat_ms = answer.next_beat_ms;
    tellPage(() => this.#options.onAnswer?.(answer, batch));
    this.#tellState();
    if (answer.playing_elsewhere) this.#yield();
    const inFuture = answer.refusals.some(({ reason }) => reason === "in_future");
    if (batch.sections.length > 0) this.#futures = inFuture ? this.#futures + 1 : 0;
    if (this.#futures === FUTURES_IN_A_ROW) this.#notice("reopen", "", "in_future");
  }

  /** The same viewer plays elsewhere, and began later: this player must not eat that time. */
  #yield(): void {
    const fresh = this.#clock.now() - this.#watch.playedAt < PLAY_WINS_MS;
    if (fresh || this.#watch.openSince === undefined) return;
    this.#watch.pause();
    this.#watch.tell("displaced");
    this.#notice("playing_elsewhere");
  }

  #aside(problem: Problem, batch: Batch): void {
    this.#lost = batch.sections.length > 0;
    const code = problem.code === "seq_conflict" ? "reopen" : "set_aside";
    this.#notice(code, problem.detail, problem.code, claimedMs(batch.sections));
    this.#tellState();
  }

  #closed(problem: Problem, lost_ms: number): void {
    this.#lost = lost_ms > 0;
    this.#end("closed");
    this.#notice("closed", problem.detail, problem.code, lost_ms);
  }
}

/** Where the page's own handler fails there is nobody left to tell. */
function tellPage(tell: () => void): void {
  try {
    tell();
  } catch {
    // Its error is not ours to show.
  }
}

function address({ ticket, endpoint, renew }: Options, { playback }: TicketFacts, base: string): Address {
  const batches = new URL(endpoint, base).href;
  return { ticket, endpoint: batches, renew: new URL(renew ?? `playbacks/${playback}/ticket`, batches).href };
}
