/** Everything of the browser that the tracker leans on, in one place, so that tests can bring their own. */

import { attempt } from "./attempt.ts";
import type { TimeSource } from "./clock.ts";
import { answerFlushes, listenToPage, type PageHandlers } from "./page.ts";
import { durableStore, type Store } from "./store.ts";

export interface Env extends TimeSource {
  /** What relative addresses are relative to. */
  base: string;
  random(): number;
  /** Runs `task` after `ms`; the function returned takes it back. */
  later(task: () => void, ms: number): () => void;
  fetch(url: string, init: RequestInit): Promise<Response>;
  beacon(url: string, text: string): boolean;
  /** Sent by the browser once the page is gone, for what beacons have no room for; false where it cannot (fetchLater: Chromium alone). */
  deferred(url: string, text: string): boolean;
  store: Store;
  /** Becomes the one owner of a name, over all pages, until it is released or this page dies. */
  own(name: string): Promise<Ownership>;
  visible(): boolean;
  listen(handlers: PageHandlers): () => void;
}

/** "unknown" where the browser has no locks, as outside secure contexts. */
export interface Ownership {
  state: "mine" | "taken" | "unknown";
  release(): void;
}

export function browserEnv(): Env {
  return {
    base: document.baseURI,
    perf: () => performance.now(),
    date: Date.now,
    random: Math.random,
    later(task, ms) {
      const timer = setTimeout(task, ms);
      return () => clearTimeout(timer);
    },
    fetch: (url, init) => fetch(url, init),
    beacon: (url, text) => navigator.sendBeacon(url, text),
    deferred,
    store: durableStore(),
    own,
    visible: () => !document.hidden,
    listen: listenToPage,
  };
}

/** On a page of our own site another tab may ask to send everything, because somebody logs out there. */
export function siteEnv(): Env {
  const env = browserEnv();
  const listen = (handlers: PageHandlers): (() => void) => {
    const ends = [env.listen(handlers), answerFlushes(() => handlers.onFlush())];
    return () => ends.forEach((end) => end());
  };
  return { ...env, listen };
}

type FetchLater = (url: string, init: RequestInit) => unknown;

function deferred(url: string, body: string): boolean {
  // It throws where there is no room either, or the page does not allow it.
  return attempt(() => !!(globalThis as { fetchLater?: FetchLater }).fetchLater?.(url, { method: "POST", body, credentials: "omit" }), false);
}

function own(name: string): Promise<Ownership> {
  return new Promise((answer) => {
    let release = (): void => undefined;
    const held = new Promise<void>((over) => (release = over));
    const known = (state: Ownership["state"]): void => answer({ state, release });
    const ask = async (): Promise<void> => navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      known(lock ? "mine" : "taken");
      return lock ? held : undefined;
    });
    // Where there are no locks, or none for this page.
    ask().catch(() => known("unknown"));
  });
}
