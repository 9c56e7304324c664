/** The server's side: one playback's queue, who owns it, its ticket, and what became of each batch. */

import type { Env, Ownership } from "./env.ts";
import { lockName, sendOrphans } from "./leftovers.ts";
import { Queue } from "./queue.ts";
import { keepRenewed } from "./renewal.ts";
import { Sender, type SendEvents } from "./send.ts";
import { ticketFacts, type Batch, type TicketFacts } from "./wire.ts";

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
  renew: string;
  ticket: string;
}

export class Delivery {
  #env: Env;
  #address: Address;
  #facts: TicketFacts;
  #zero: number;
  #events: DeliveryEvents;
  /** Batches made before it is known whether the queue is ours. */
  #early: Omit<Batch, "seq">[] = [];
  #queue: Queue | undefined;
  #sender: Sender | undefined;
  #ownership: Ownership | undefined;
  #endRenewal = (): void => undefined;

  /** `zero`: epoch ms of the playback's t = 0. */
  constructor(env: Env, address: Address, facts: TicketFacts, zero: number, events: DeliveryEvents) {
    this.#env = env;
    this.#address = address;
    this.#facts = facts;
    this.#zero = zero;
    this.#events = events;
  }

  get pending(): number {
    return this.#early.length + (this.#queue?.pending.length ?? 0);
  }

  /** Takes the queue into possession, sends what it and dead pages' queues hold, and keeps the ticket fresh. */
  async start(): Promise<void> {
    await this.#env.store.loaded();
    this.#ownership = await this.#env.own(lockName(this.#facts.playback));
    if (this.#ownership.state === "taken") return this.#events.onTaken();
    const { ticket, endpoint, renew } = this.#address;
    this.#queue = new Queue(this.#env.store, this.#facts.playback, {
      ticket, endpoint, zero: this.#zero, until: this.#facts.expires_at_s * 1000, seen: this.#env.date(),
    });
    this.#sender = new Sender(this.#env, this.#queue, this.#events);
    this.#endRenewal = keepRenewed(this.#env, renew, ticket, (next) => this.#renewed(next));
    this.#early.splice(0).forEach((batch) => this.add(batch));
    void this.#sender.send();
    void sendOrphans(this.#env, this.#facts.playback, this.#events.onLeftoverClosed);
  }

  /** Writes the batch down and sends it as soon as its turn comes. */
  add(batch: Omit<Batch, "seq">): void {
    if (!this.#queue) this.#early.push(batch);
    else if (!this.#queue.add(batch, this.#env.date())) this.#events.onNotStored();
    void this.#sender?.send();
  }

  /** Tries at once; done when everything is acknowledged. */
  async flush(): Promise<void> {
    await this.#sender?.sendNow();
  }

  /** The page may be gone in an instant. */
  leave(): void {
    this.#sender?.beacon();
    // A held lock would keep the page out of the back/forward cache.
    this.#ownership?.release();
  }

  /** The page came back out of the back/forward cache. */
  async comeBack(): Promise<void> {
    this.#ownership = await this.#env.own(lockName(this.#facts.playback));
    await this.flush();
  }

  /** No more renewals; what waits is still sent. */
  stop(): void {
    this.#endRenewal();
  }

  #renewed(ticket: string): void {
    const facts = ticketFacts(ticket);
    if (facts) this.#queue?.renew(ticket, facts.expires_at_s * 1000);
  }
}
