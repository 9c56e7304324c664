/** Batches of one playback, written before they are sent and kept until acknowledged.
 *
 * In storage: `playhead/<playback>` holds what sending needs (ticket, address) and what going on needs (t = 0, the next
 * number); `playhead/<playback>/<seq>` holds a batch exactly as it travels, since the same number with another body is a
 * conflict. A batch the server will never take lies under `playhead-aside/<when>/<playback>/<seq>`, for whoever asks what was
 * lost.
 */

import { attempt } from "./attempt.ts";
import type { QueueHead, Store } from "./store.ts";
import { claimedMs, type Batch } from "./wire.ts";

const PREFIX = "playhead/";
const ASIDE = "playhead-aside/";
const ASIDE_KEPT = 20;

export interface Queue {
  readonly head: Readonly<QueueHead>;
  readonly pending: readonly number[];
  renew(ticket: string, until: number): void;
  /** The oldest batch that waits; what another page sent meanwhile, as its owner for a time, waits no more. */
  next(): number | undefined;
  /** Nobody goes on here. Once all is sent only the next number stays, for a page loaded again with the same ticket. */
  tidy(now_epoch_ms: number): void;
  /** Numbers the batch and writes it; false when it could only be kept in memory. */
  add(batch: Omit<Batch, "seq">, now_epoch_ms: number): boolean;
  /** As it travels; null when it waits no more. */
  body(seq: number): string | null;
  batch(seq: number): Batch;
  /** Acknowledged: the server has it on disk. */
  done(seq: number): void;
  /** The server will never take it; kept apart, the newest few. */
  setAside(seq: number, code: string): void;
  /** Gives up everything: the ticket is worth nothing any more. Returns the media ms that were claimed and are lost. */
  drop(): number;
}

/** Goes on with what storage holds of this playback; `fresh` says how it begins otherwise, and with which ticket. */
export function queueIn(store: Store, playback: string, fresh: Omit<QueueHead, "next_seq">): Queue {
  const kept = readHead(store, playback);
  const prefix = `${headKey(playback)}/`;
  let pending = keys(store, prefix).map(Number).sort((a, b) => a - b);
  const head: QueueHead = {
    ...fresh,
    zero: kept?.zero ?? fresh.zero,
    next_seq: Math.max(kept?.next_seq ?? 0, (pending.at(-1) ?? -1) + 1),
  };
  const write = (news: Partial<QueueHead>): boolean => store.set(headKey(playback), JSON.stringify(Object.assign(head, news)));
  const body = (seq: number): string | null => store.get(prefix + seq);
  const batch = (seq: number): Batch => JSON.parse(body(seq) ?? '{"sections":[],"events":[]}') as Batch;
  const done = (seq: number): void => {
    pending = pending.filter((other) => other !== seq);
    store.remove(prefix + seq);
  };
  /** The playback is over: nothing of it stays in storage. */
  const forget = (): void => store.remove(headKey(playback));
  write({});
  return {
    head,
    get pending() {
      return pending;
    },
    body,
    batch,
    done,
    renew: (ticket, until) => void write({ ticket, until }),
    next() {
      while (pending[0] !== undefined && body(pending[0]) === null) pending.shift();
      return pending[0];
    },
    tidy(now_epoch_ms) {
      if (pending.length > 0) return;
      if (head.until < now_epoch_ms) forget();
      else write({ ticket: "" });
    },
    add(made, seen) {
      const seq = head.next_seq;
      const stored = store.set(prefix + seq, JSON.stringify({ seq, ...made }));
      pending.push(seq);
      return write({ next_seq: seq + 1, seen }) && stored;
    },
    setAside(seq, code) {
      store.set(`${ASIDE}${head.seen}/${playback}/${seq}`, JSON.stringify({ code, body: body(seq) }));
      done(seq);
      for (const old of keys(store, ASIDE).sort().slice(0, -ASIDE_KEPT)) store.remove(ASIDE + old);
    },
    drop() {
      const lost_ms = pending.reduce((sum, seq) => sum + claimedMs(batch(seq).sections), 0);
      pending.forEach(done);
      forget();
      return lost_ms;
    },
  };
}

/** Also the name under which a page owns the playback's queue. */
export function headKey(playback: string): string {
  return PREFIX + playback;
}

/** Playbacks that left something in storage. */
export function playbacksIn(store: Store): string[] {
  return keys(store, PREFIX).filter((key) => !key.includes("/"));
}

export function readHead(store: Store, playback: string): QueueHead | null {
  return attempt(() => JSON.parse(store.get(headKey(playback)) ?? "null") as QueueHead | null, null);
}

/** What follows the prefix in the names that have it. */
function keys(store: Store, prefix: string): string[] {
  return store.keys().filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
}
