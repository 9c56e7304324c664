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
const ASIDE = [400, 409, 413];
const CLOSED = [401, 403];

const TIMEOUT_MS = 15_000;
const BACKOFF_FIRST_MS = 1_000;
/** Whoever looks at the page waits for it; a page nobody sees has time. */
const BACKOFF_SEEN_MS = 12_000;
const BACKOFF_HIDDEN_MS = 60_000;
const RETRY_AFTER_MAX_MS = 3_600_000;
/** Browsers allow 64 KiB in flight for all beacons and keepalive requests of a page together. */
const BEACON_BYTES = 48_000;
const KEEPALIVE_CHARS = 16_000;

export interface Sender {
  /** Sends what waits, with as many tries as it takes; done when nothing waits any more. */
  send(): Promise<void>;
  /** Tries at once, back-off or not, but never before a `Retry-After` is over. */
  sendNow(): Promise<void>;
  /** The page may be gone in an instant: hands over what fits, and keeps it all the same. */
  beacon(): void;
  stop(): void;
}

export function senderOf(env: Env, queue: Queue, { onAnswer, onAside, onClosed, onTrouble }: Partial<SendEvents>): Sender {
  let sending: Promise<void> | undefined;
  let failures = 0;
  let wake = (): void => undefined;
  let notBefore = 0;
  let closed = false;

  const text = (seq: number): string => `${queue.head.ticket}\n${queue.body(seq)}`;

  const sleep = (ms: number): Promise<void> => new Promise((over) => {
    const cancel = env.later(over, ms);
    wake = () => {
      cancel();
      over();
    };
  });

  const stop = (): void => {
    closed = true;
    wake();
  };

  /** How long to wait before the next try. */
  const trouble = (response: Response | undefined): number => {
    failures += 1;
    onTrouble?.(failures);
    const most_ms = env.visible() ? BACKOFF_SEEN_MS : BACKOFF_HIDDEN_MS;
    const backoff_ms = Math.min(most_ms, BACKOFF_FIRST_MS * 2 ** (failures - 1));
    const asked_ms = retryAfter(response?.headers.get("Retry-After"), env.date());
    notBefore = env.perf() + asked_ms;
    // Jitter spreads a class that lost its server in the same second; what the server asked for is never undercut.
    return asked_ms + backoff_ms * (0.5 + env.random() / 2);
  };

  /** Zero when the batch is dealt with, else how long to wait before the next try. */
  const sendOne = async (seq: number): Promise<number> => {
    const response = await post(env, queue.head.endpoint, text(seq), "omit");
    const status = response?.status ?? 0;
    const answer = await json(response);
    const batch = queue.batch(seq);
    if (response?.ok && isAnswerTo(seq, answer)) {
      queue.done(seq);
      failures = 0;
      onAnswer?.(answer, batch);
      return 0;
    }
    const problem = problemIn(answer);
    if (ASIDE.includes(status)) {
      queue.setAside(seq, problem.code);
      onAside?.(problem, batch);
    } else if (CLOSED.includes(status) && problem.code) {
      stop();
      onClosed?.(problem, queue.drop());
    } else return trouble(response); // A firewall's 403 is not the server's word: without a code of ours nothing is thrown away.
    return 0;
  };

  const sendAll = async (): Promise<void> => {
    for (let seq = queue.next(); seq !== undefined && !closed; seq = queue.next()) {
      const wait_ms = await sendOne(seq);
      if (wait_ms > 0 && !closed) await sleep(wait_ms);
    }
    sending = undefined;
  };

  const send = async (): Promise<void> => {
    if (!closed && queue.pending.length > 0) await (sending ??= sendAll());
  };

  return {
    send,
    stop,
    sendNow() {
      if (env.perf() >= notBefore) wake();
      return send();
    },
    beacon() {
      let room = BEACON_BYTES;
      const { endpoint } = queue.head;
      for (const seq of closed ? [] : queue.pending) {
        if (queue.body(seq) === null) continue;
        room -= new Blob([text(seq)]).size;
        if (!(room >= 0 && env.beacon(endpoint, text(seq))) && !env.deferred(endpoint, text(seq))) return;
      }
    },
  };
}

/** Undefined where nobody answered, or not in time. Text needs no preflight. */
export async function post(env: Env, url: string, body: string, credentials: RequestCredentials): Promise<Response | undefined> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  return env.fetch(url, { method: "POST", body, credentials, keepalive: body.length < KEEPALIVE_CHARS, signal }).catch(() => undefined);
}

/** Ms to wait; the header holds seconds or a date (RFC 9110 section 10.2.3). */
function retryAfter(header: string | null | undefined, now_epoch_ms: number): number {
  const ms = Number(header) * 1000 || Date.parse(String(header)) - now_epoch_ms;
  return ms > 0 ? Math.min(ms, RETRY_AFTER_MAX_MS) : 0;
}

export async function json(response: Response | undefined): Promise<unknown> {
  return response?.json().catch(() => null);
}

export function problemIn(answer: unknown): Problem {
  const { code = "", detail = "" } = (answer ?? {}) as Partial<Problem>;
  return { code, detail };
}
