/** What dead pages left in storage, sent with their own tickets by the one page that owns it now. */

import type { Env, Ownership } from "./env.ts";
import { headKey, playbacksIn, queueIn, readHead } from "./queue.ts";
import { senderOf, type SendEvents } from "./send.ts";

/** Without locks a page counts as dead when it gave no sign of life for this long. */
const DEAD_MS = 60_000;

/** Sends every orphaned queue but `except`; `onClosed` tells what a refused one lost. */
export async function sendOrphans(env: Env, except: string, onClosed: SendEvents["onClosed"]): Promise<void> {
  await env.store.loaded;
  for (const playback of playbacksIn(env.store)) {
    if (playback === except) continue;
    const owned = await env.own(headKey(playback));
    if (isOrphan(env, playback, owned)) await sendQueue(env, playback, onClosed);
    owned.release();
  }
}

function isOrphan(env: Env, playback: string, { state }: Ownership): boolean {
  return state === "mine" || (state === "unknown" && env.date() - (readHead(env.store, playback)?.seen ?? 0) > DEAD_MS);
}

async function sendQueue(env: Env, playback: string, onClosed: SendEvents["onClosed"]): Promise<void> {
  const head = readHead(env.store, playback);
  if (!head) return env.store.remove(headKey(playback));
  const queue = queueIn(env.store, playback, head);
  await senderOf(env, queue, { onClosed }).send();
  queue.tidy(env.date());
}
