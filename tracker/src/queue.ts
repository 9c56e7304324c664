/** Batches of one playback, written before they are sent and kept until acknowledged.
 *
 * In storage: `playhead/<playback>` holds what sending needs (ticket, address) and what going on needs (t = 0, the next
 * number); `playhead/<playback>/<seq>` holds a batch exactly as it travels, since the same number with another body is a
 * conflict. A batch the server will never take lies under `playhead-aside/<when>/<playback>/<seq>`, for whoever asks what was
 * lost.
 */

import type { Store } from "./store.ts";
import { claimedMs, type Batch } from "./wire.ts";

export interface QueueHead {
  ticket: string;
  endpoint: string;
  /** Epoch ms of t = 0. */
  zero: number;
  /** Epoch ms at which the ticket ends, and with it all use of this. */
  until: number;
  next_seq: number;
  /** Epoch ms of the last sign of life; tells a dead page where browsers have no locks. */
  seen: number;
}

const PREFIX = "playhead/";
const ASIDE = "playhead-aside/";
const ASIDE_KEPT = 20;

export class Queue {
  readonly playback: string;
  #store: Store;
  #pending: number[];
  #head: QueueHead;

  /** Goes on with what storage holds of this playback; `fresh` says how it begins otherwise, and with which ticket. */
  constructor(store: Store, playback: string, fresh: Omit<QueueHead, "next_seq">) {
    this.#store = store;
    this.playback = playback;
    const kept = readHead(store, playback);
    this.#pending = seqs(store, playback);
    this.#head = {
      ...fresh,
      zero: kept?.zero ?? fresh.zero,
      next_seq: Math.max(kept?.next_seq ?? 0, (this.#pending.at(-1) ?? -1) + 1),
    };
    this.#writeHead();
  }

  get head(): Readonly<QueueHead> {
    return this.#head;
  }

  get pending(): readonly number[] {
    return this.#pending;
  }

  renew(ticket: string, until: number): void {
    this.#head = { ...this.#head, ticket, until };
    this.#writeHead();
  }

  /** The oldest batch that waits; what another page sent meanwhile, as its owner for a time, waits no more. */
  next(): number | undefined {
    while (this.#pending[0] !== undefined && this.body(this.#pending[0]) === null) this.#pending.shift();
    return this.#pending[0];
  }

  /** Nobody goes on here. Once all is sent only the next number stays, for a page loaded again with the same ticket. */
  tidy(now_epoch_ms: number): void {
    if (this.#pending.length > 0) return;
    if (this.#head.until < now_epoch_ms) this.forget();
    else this.renew("", this.#head.until);
  }

  /** Numbers the batch and writes it; false when it could only be kept in memory. */
  add(batch: Omit<Batch, "seq">, now_epoch_ms: number): boolean {
    const seq = this.#head.next_seq;
    const stored = this.#store.set(this.#key(seq), JSON.stringify({ seq, ...batch }));
    this.#pending.push(seq);
    this.#head = { ...this.#head, next_seq: seq + 1, seen: now_epoch_ms };
    return this.#writeHead() && stored;
  }

  /** As it travels; null when it waits no more. */
  body(seq: number): string | null {
    return this.#store.get(this.#key(seq));
  }

  batch(seq: number): Batch {
    return JSON.parse(this.body(seq) ?? '{"sections":[],"events":[]}') as Batch;
  }

  /** Acknowledged: the server has it on disk. */
  done(seq: number): void {
    this.#pending = this.#pending.filter((other) => other !== seq);
    this.#store.remove(this.#key(seq));
  }

  /** The server will never take it; kept apart, the newest few. */
  setAside(seq: number, code: string): void {
    const { seen } = this.#head;
    this.#store.set(`${ASIDE}${seen}/${this.playback}/${seq}`, JSON.stringify({ code, body: this.body(seq) }));
    this.done(seq);
    const aside = this.#store.keys().filter((key) => key.startsWith(ASIDE)).sort();
    for (const key of aside.slice(0, -ASIDE_KEPT)) this.#store.remove(key);
  }

  /** Gives up everything: the ticket is worth nothing any more. Returns the media ms that were claimed and are lost. */
  drop(): number {
    let lost_ms = 0;
    for (const seq of this.#pending) {
      lost_ms += claimedMs(this.batch(seq).sections);
      this.done(seq);
    }
    this.forget();
    return lost_ms;
  }

  /** The playback is over: nothing of it stays in storage. */
  forget(): void {
    this.#store.remove(headKey(this.playback));
  }

  #key(seq: number): string {
    return `${PREFIX}${this.playback}/${seq}`;
  }

  #writeHead(): boolean {
    return this.#store.set(headKey(this.playback), JSON.stringify(this.#head));
  }
}

export function headKey(playback: string): string {
  return PREFIX + playback;
}

/** Playbacks that left something in storage. */
export function playbacksIn(store: Store): string[] {
  const heads = store.keys().filter((key) => key.startsWith(PREFIX) && !key.slice(PREFIX.length).includes("/"));
  return heads.map((key) => key.slice(PREFIX.length));
}

export function readHead(store: Store, playback: string): QueueHead | null {
  try {
    return JSON.parse(store.get(headKey(playback)) ?? "null") as QueueHead | null;
  } catch {
    return null;
  }
}

function seqs(store: Store, playback: string): number[] {
  const prefix = `${PREFIX}${playback}/`;
  const numbers = store.keys().filter((key) => key.startsWith(prefix)).map((key) => Number(key.slice(prefix.length)));
  return numbers.sort((a, b) => a - b);
}
