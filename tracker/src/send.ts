/** Sends a queue, oldest first and one at a time, until the server has acknowledged everything.
 *
 * Only an answer of our collector to this very batch acknowledges it. A beacon never does: it has no answer.
 */

import type { Env } from "./env.ts";
import type { Queue } from "./queue.ts";
import { isAnswerTo, type Answer, type Batch, type Problem } from "./wire.ts";

export interface SendEvents {
  onAnswer(answer: Answer, batch: Batch): void;
  /** The batch will not be sent again. */
  onAside(problem: Problem, batch: Batch): void;
  /** The ticket is worth nothing any more; everything waiting was dropped. */
  onClosed(problem: Problem, lost_ms: number): void;
  /** It failed this many times in a row, and will be tried again. */
  onTrouble(failures: number): void;
}

/** What becomes of a batch that was not taken; every other status is worth another try. */
const FATES: Record<number, "aside" | "closed"> = { 400: "aside", 409: "aside", 413: "aside", 401: "closed", 403: "closed" };

const TIMEOUT_MS = 15_000;
const BACKOFF_FIRST_MS = 1_000;
/** Whoever looks at the page waits for it; a page nobody sees has time. */
const BACKOFF_SEEN_MS = 12_000;
const BACKOFF_HIDDEN_MS = 60_000;
const RETRY_AFTER_MAX_MS = 3_600_000;
/** Browsers allow 64 KiB in flight for all beacons and keepalive requests of a page together. */
const BEACON_BYTES = 48_000;
const KEEPALIVE_CHARS = 16_000;

export class Sender {
  #env: Env;
  #queue: Queue;
  #events: SendEvents;
  #sending: Promise<void> | undefined;
  #failures = 0;
  #wake = (): void => undefined;
  #notBefore = 0;
  #closed = false;

  constructor(env: Env, queue: Queue, events: SendEvents) {
    this.#env = env;
    this.#queue = queue;
    this.#events = events;
  }

  /** Sends what waits, with as many tries as it takes; done when nothing waits any more. */
  send(): Promise<void> {
    if (this.#closed || this.#queue.pending.length === 0) return Promise.resolve();
    this.#sending ??= this.#sendAll();
    return this.#sending;
  }

  /** Tries at once, back-off or not, but never before a `Retry-After` is over. */
  sendNow(): Promise<void> {
    if (this.#env.perf() >= this.#notBefore) this.#wake();
    return this.send();
  }

  /** The page may be gone in an instant: hands over what fits, and keeps it all the same. */
  beacon(): void {
    let room = BEACON_BYTES;
    for (const seq of this.#closed ? [] : this.#queue.pending) {
      if (this.#queue.body(seq) === null) continue;
      const text = this.#text(seq);
      const { endpoint } = this.#queue.head;
      room -= new Blob([text]).size;
      if (!(room >= 0 && this.#env.beacon(endpoint, text)) && !this.#env.deferred(endpoint, text)) return;
    }
  }

  stop(): void {
    this.#closed = true;
    this.#wake();
  }

  async #sendAll(): Promise<void> {
    for (let seq = this.#queue.next(); seq !== undefined && !this.#closed; seq = this.#queue.next()) {
      const wait_ms = await this.#sendOne(seq);
      if (wait_ms > 0 && !this.#closed) await this.#sleep(wait_ms);
    }
    this.#sending = undefined;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((over) => {
      const cancel = this.#env.later(over, ms);
      this.#wake = () => {
        cancel();
        over();
      };
    });
  }

  /** Zero when the batch is dealt with, else how long to wait before the next try. */
  async #sendOne(seq: number): Promise<number> {
    const response = await post(this.#env, this.#queue.head.endpoint, this.#text(seq), "omit");
    const answer = response?.ok ? await json(response) : null;
    if (isAnswerTo(seq, answer)) {
      const batch = this.#queue.batch(seq);
      this.#queue.done(seq);
      this.#failures = 0;
      this.#events.onAnswer(answer, batch);
      return 0;
    }
    const fate = FATES[response?.status ?? 0];
    if (!response || !fate) return this.#trouble(response);
    const problem = await problemIn(response);
    // A firewall's 403 is not the server's word: without a code of ours nothing is thrown away.
    if (fate === "closed" && !problem.code) return this.#trouble(response);
    if (fate === "closed") this.#close(problem);
    else this.#setAside(seq, problem);
    return 0;
  }

  #close(problem: Problem): void {
    this.stop();
    this.#events.onClosed(problem, this.#queue.drop());
  }

  #setAside(seq: number, problem: Problem): void {
    const batch = this.#queue.batch(seq);
    this.#queue.setAside(seq, problem.code);
    this.#events.onAside(problem, batch);
  }

  #trouble(response: Response | undefined): number {
    this.#failures += 1;
    this.#events.onTrouble(this.#failures);
    const most_ms = this.#env.visible() ? BACKOFF_SEEN_MS : BACKOFF_HIDDEN_MS;
    const backoff_ms = Math.min(most_ms, BACKOFF_FIRST_MS * 2 ** (this.#failures - 1));
    const asked_ms = retryAfter(response?.headers.get("Retry-After"), this.#env.date());
    this.#notBefore = this.#env.perf() + asked_ms;
    // Jitter spreads a class that lost its server in the same second; what the server asked for is never undercut.
    return asked_ms + backoff_ms * (0.5 + this.#env.random() / 2);
  }

  #text(seq: number): string {
    return `${this.#queue.head.ticket}\n${this.#queue.body(seq)}`;
  }
}

/** Undefined where nobody answered, or not in time. A type that needs no preflight. */
export async function post(env: Env, url: string, body: string, credentials?: RequestCredentials): Promise<Response | undefined> {
  try {
    return await env.fetch(url, {
      method: "POST",
      body,
      headers: { "Content-Type": "text/plain" },
      ...(credentials && { credentials }),
      cache: "no-store",
      keepalive: body.length < KEEPALIVE_CHARS,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    return undefined;
  }
}

/** Ms to wait; the header holds seconds or a date (RFC 9110 section 10.2.3). */
function retryAfter(header: string | null | undefined, now_epoch_ms: number): number {
  if (!header) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now_epoch_ms;
  return ms > 0 ? Math.min(ms, RETRY_AFTER_MAX_MS) : 0;
}

export async function json(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

export async function problemIn(response: Response): Promise<Problem> {
  const { code, detail } = ((await json(response)) ?? {}) as Partial<Problem>;
  return { status: response.status, code: code ?? "", detail: detail ?? "" };
}
