/** The server's side: one playback's queue, who owns it, its ticket, and what became of each batch. */

import type { Env, Ownership } from "./env.ts";
import { sendOrphans } from "./leftovers.ts";
import { headKey, queueIn, type Queue } from "./queue.ts";
import { keepRenewed } from "./renewal.ts";
import { senderOf, type Sender, type SendEvents } from "./send.ts";
import type { Batch, TicketFacts } from "./wire.ts";

export interface DeliveryEvents extends SendEvents {
  /** The batch is in memory only: storage is full or forbidden. */
  onNotStored(): void;
  /** A batch of a page that died was refused for good. */
  onLeftoverClosed: SendEvents["onClosed"];
  /** Another page already tracks under this ticket, as in a duplicated tab. */
  onTaken(): void;
}

export interface Address {
  endpoint: string;
  renew?: string;
  ticket: string;
}

export interface Delivery {
  readonly pending: number;
  /** Writes the batch down and sends it as soon as its turn comes. */
  add(batch: Omit<Batch, "seq">): void;
  /** Tries at once; done when everything is acknowledged. */
  flush(): Promise<void>;
  /** The page may be gone in an instant, or be kept as it is: what `last` adds leaves by beacon too, since a request whose
   * answer comes to a page in the back/forward cache may throw it out of there.
   */
  leave(last: () => void): void;
  /** The page came back out of the back/forward cache. */
  comeBack(): Promise<void>;
  /** No more renewals; what waits is still sent. */
  stop(): void;
}

/** Takes the queue into possession, sends what it and dead pages' queues hold, and keeps the ticket fresh. `zero`: epoch ms
 * of the playback's t = 0.
 */
export function deliver(env: Env, address: Address, facts: TicketFacts, zero: number, events: DeliveryEvents): Delivery {
  const { store } = env;
  const { playback, until } = facts;
  const { ticket } = address;
  const endpoint = new URL(address.endpoint, env.base).href;
  const renew = new URL(address.renew ?? `playbacks/${playback}/ticket`, endpoint).href;
  /** Batches made before it is known whether the queue is ours. */
  const early: Omit<Batch, "seq">[] = [];
  let queue: Queue | undefined;
  let sender: Sender | undefined;
  let ownership: Ownership | undefined;
  let endRenewal: (() => void) | undefined;
  let away = false;

  const own = async (): Promise<void> => void (ownership = await env.own(headKey(playback)));

  const add = (batch: Omit<Batch, "seq">): void => {
    if (!queue) early.push(batch);
    else if (!queue.add(batch, env.date())) events.onNotStored();
    if (!away) void sender?.send();
  };

  const flush = async (): Promise<void> => (away ? sender?.beacon() : sender?.sendNow());

  const start = async (): Promise<void> => {
    await store.loaded;
    await own();
    if (ownership?.state === "taken") return events.onTaken();
    queue = queueIn(store, playback, { ticket, endpoint, zero, until, seen: env.date() });
    sender = senderOf(env, queue, events);
    endRenewal = keepRenewed(env, renew, ticket, facts, queue.renew);
    early.splice(0).forEach(add);
    void sender.send();
    void sendOrphans(env, playback, events.onLeftoverClosed);
  };

  void start();
  return {
    get pending() {
      return early.length + (queue?.pending.length ?? 0);
    },
    add,
    flush,
    leave(last) {
      away = true;
      last();
      sender?.beacon();
      // A held lock would keep the page out of the back/forward cache.
      ownership?.release();
    },
    async comeBack() {
      away = false;
      await own();
      await flush();
    },
    stop: () => endRenewal?.(),
  };
}
