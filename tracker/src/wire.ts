/** The wire, as contract/README.md explains it. Instants and positions are whole milliseconds, rates thousandths. */

import { attempt } from "./attempt.ts";

export type EndReason =
  | "beat" | "pause" | "seeking" | "ended" | "ratechange" | "waiting" | "hidden" | "visible"
  | "emptied" | "pagehide" | "loop" | "muted" | "pip" | "stop";

/** A claimed stretch: half-open in wall ms of the playback (`t`) and in media ms (`m`). */
export interface Section {
  t0: number;
  t1: number;
  m0: number;
  m1: number;
  rate: number;
  visible: boolean;
  muted: boolean;
  pip: boolean;
  end: EndReason;
}

export type Fields = Record<string, number | string | boolean>;

/** One thing the player did, at wall `t`, at media position `m`. */
export interface PlayerEvent {
  type: string;
  t: number;
  m: number;
  [field: string]: number | string | boolean;
}

export interface Batch {
  seq: number;
  sent: number;
  sections: Section[];
  events: PlayerEvent[];
}

export interface Refusal {
  section: number;
  reason: string;
  ms: number;
}

export interface Answer {
  seq: number;
  status: "recorded" | "duplicate";
  credited: [number, number][];
  credited_ms: number;
  fresh_ms: number;
  covered_ms: number;
  watched_ms: number;
  counted_ms: number;
  needed_ms: number | null;
  progress: number | null;
  completed: boolean;
  evidence: string;
  refusals: Refusal[];
  playing_elsewhere: boolean;
  /** A question that waits: is anybody there? Its answer is an event `present` with this name. */
  prompt: string | null;
  next_beat_ms: number;
  received_at: number;
}

/** RFC 9457, with our `code`. */
export interface Problem {
  code: string;
  detail: string;
}

/** What a ticket says about itself; read without checking, which is the server's part. */
export interface TicketFacts {
  playback: string;
  /** From its issue to its end. */
  life_ms: number;
  /** Epoch ms, by the server's clock. */
  until: number;
}

/** The payload of a JWT; null when this is none, or names no playback. */
export function ticketFacts(ticket: string): TicketFacts | null {
  return attempt(() => {
    const payload = ticket.split(".")[1] ?? "";
    const { playback, iat, exp } = JSON.parse(atob(payload.replace(/-/g, "+").replace(/_/g, "/"))) as Record<string, unknown>;
    const until = Number(exp) * 1000;
    const life_ms = until - Number(iat) * 1000;
    return typeof playback === "string" && life_ms > 0 ? { playback, life_ms, until } : null;
  }, null);
}

/** Media ms claimed by these sections, repeats included. */
export function claimedMs(sections: readonly Section[]): number {
  return sections.reduce((sum, { m0, m1 }) => sum + m1 - m0, 0);
}

/** True only for our collector's own answer to this very batch: a captive portal also says 200. */
export function isAnswerTo(seq: number, answer: unknown): answer is Answer {
  const given = answer as Partial<Answer> | null;
  return given?.seq === seq && (given.status === "recorded" || given.status === "duplicate");
}
