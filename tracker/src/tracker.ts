/** Tracks one player for one playback: samples into sections, sections into batches, batches to the server.
 *
 * The page and its player come first: nothing here throws into the page, hinders the player, or touches more of it
 * than pause(), and that only when the same viewer plays elsewhere.
 */

import type { Adapter, Player } from "./adapter.ts";
import { attempt } from "./attempt.ts";
import { clockFrom } from "./clock.ts";
import { deliver, type DeliveryEvents } from "./delivery.ts";
import { take } from "./events.ts";
import { browserEnv, siteEnv, type Env } from "./env.ts";
import { anyPlayer } from "./adapters/all.ts";
import { paceOf } from "./pace.ts";
import type { PageHandlers } from "./page.ts";
import { sendOrphans } from "./leftovers.ts";
import { readHead } from "./queue.ts";
import { watchOf, type Safe } from "./watch.ts";
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
    return start(player, options, env, facts);
  } catch (error) {
    return give(String(error));
  }
}

function start(player: Player, options: Options, env: Env, facts: TicketFacts): Tracking {
  // A page loaded again with the same ticket goes on in the same playback, on the same clock.
  const zero = readHead(env.store, facts.playback)?.zero ?? env.date();
  const now = clockFrom(env, Math.max(0, env.date() - zero));
  const watch = watchOf(player, now, env.visible);
  let phase: State["phase"] = "recording";
  let failures = 0;
  let futures = 0;
  let lost = false;
  let told = "";

  const notice = (code: Notice["code"], { detail = "", code: cause = "" }: Partial<Problem> = {}, lost_ms = 0): void =>
    tellPage(() => options.onNotice?.({ code, cause, detail, lost_ms }));

  /** The page never sees an error of ours, only a notice. */
  const safe: Safe = (act) => (...args) => {
    try {
      act(...args);
    } catch (error) {
      notice("internal", { detail: String(error) });
    }
  };

  const tellState = (): void => {
    const { state } = tracking;
    const text = JSON.stringify(state);
    if (text !== told) tellPage(() => options.onState?.(state));
    told = text;
  };

  const end = (last: State["phase"]): void => {
    phase = last;
    ends.forEach((one) => safe(one)());
    pace.stop();
    delivery.stop();
    tellState();
  };

  const batch = (): void => {
    const { sections, log } = watch;
    pace.batched();
    while (sections.length + log.length > 0) {
      const sent = Math.round(now());
      delivery.add({ sent, sections: sections.splice(0, SECTIONS_PER_BATCH), events: take(log, EVENTS_PER_BATCH) });
    }
    pace.look();
    tellState();
  };

  const cut = (reason: EndReason): void => {
    watch.look(reason);
    batch();
  };

  const flush = async (): Promise<void> => {
    safe(cut)("beat");
    await delivery.flush();
  };

  const pageHandlers: PageHandlers = {
    onVisibility: safe((visible) => {
      watch.tell("visibilitychange", { visible });
      if (visible) watch.look("visible");
      else cut("hidden");
      pace.look();
      void delivery.flush();
    }),
    onFullscreen: safe(watch.fullscreen),
    onLeave: safe((persisted) => {
      watch.tell("pagehide", { persisted });
      delivery.leave(() => cut("pagehide"));
    }),
    onRestore: safe(() => {
      watch.tell("pageshow", { persisted: true });
      void delivery.comeBack();
    }),
    onNetwork: safe((online) => {
      watch.tell(online ? "online" : "offline");
      if (online) void delivery.flush();
    }),
    onFlush: flush,
  };

  const heed = (answer: Answer, { sections }: Batch): void => {
    if (answer.next_beat_ms > 0) pace.beat_ms = answer.next_beat_ms;
    if (answer.playing_elsewhere) giveWay();
    const inFuture = answer.refusals.some(({ reason }) => reason === "in_future");
    if (sections.length > 0) futures = inFuture ? futures + 1 : 0;
    if (futures === FUTURES_IN_A_ROW) notice("reopen", { code: "in_future" });
  };

  /** The same viewer plays elsewhere, and began later: this player must not eat that time. */
  const giveWay = (): void => {
    const fresh = now() - watch.playedAt() < PLAY_WINS_MS;
    if (fresh || watch.openSince() === undefined) return;
    player.pause();
    watch.tell("displaced");
    notice("playing_elsewhere");
  };

  const outcomes: DeliveryEvents = {
    onAnswer: safe((answer, batch) => {
      failures = 0;
      lost = false;
      tellPage(() => options.onAnswer?.(answer, batch));
      tellState();
      heed(answer, batch);
    }),
    onAside: safe((problem, { sections }) => {
      lost = sections.length > 0;
      notice(problem.code === "seq_conflict" ? "reopen" : "set_aside", problem, claimedMs(sections));
      tellState();
    }),
    onClosed: safe((problem, lost_ms) => {
      lost = lost_ms > 0;
      end("closed");
      notice("closed", problem, lost_ms);
    }),
    onLeftoverClosed: (problem, lost_ms) => {
      if (lost_ms > 0) notice("leftover_lost", problem, lost_ms);
    },
    onTrouble: safe((times) => {
      failures = times;
      if (failures === TROUBLE_AFTER) notice("trouble");
      tellState();
    }),
    onNotStored: () => notice("not_stored"),
    onTaken: safe(() => {
      end("closed");
      notice("reopen", { code: "taken" });
    }),
  };

  const tracking: Tracking = {
    get state(): State {
      const { pending } = delivery;
      const onTheWay = failures > 0 ? "waiting" : "saving";
      return { phase, pending, saved: lost ? "lost" : pending > 0 ? onTheWay : "saved" };
    },
    flush,
    tell: safe((type, fields) => {
      if (phase !== "recording") return;
      watch.tell(type, fields);
      pace.soon();
    }),
    stop() {
      if (phase !== "recording") return;
      safe(cut)("stop");
      end("stopped");
    },
  };

  const later = (task: () => void, ms: number): (() => void) => env.later(safe(task), ms);
  const pace = paceOf({ now, later, unsentSince: watch.unsentSince, beat: () => cut("beat"), batch });
  const delivery = deliver(env, options, facts, zero, outcomes);
  const ends = [
    watch.listen(safe, ({ soon }) => {
      if (soon) pace.soon();
      pace.look();
    }),
    env.listen(pageHandlers),
  ];
  watch.look();
  pace.look();
  return tracking;
}

/** Where the page's own handler fails there is nobody left to tell. */
function tellPage(tell: () => void): void {
  attempt(tell, undefined);
}
