/** Everything of the browser that the tracker leans on, in one place, so that tests can bring their own. */

import type { TimeSource } from "./clock.ts";
import { listenToPage, type PageHandlers } from "./page.ts";

/** Small synchronous storage: what is written is there after a kill of the browser. */
export interface Store {
  keys(): string[];
  get(key: string): string | null;
  /** False when there is no room, or no storage at all. */
  set(key: string, value: string): boolean;
  remove(key: string): void;
}

export interface Env extends TimeSource {
  /** What relative addresses are relative to. */
  base: string;
  random(): number;
  /** Runs `task` after `ms`; the function returned takes it back. */
  later(task: () => void, ms: number): () => void;
  fetch(url: string, init: RequestInit): Promise<Response>;
  beacon(url: string, text: string): boolean;
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
    date: () => Date.now(),
    random: () => Math.random(),
    later(task, ms) {
      const timer = setTimeout(task, ms);
      return () => clearTimeout(timer);
    },
    fetch: (url, init) => fetch(url, init),
    beacon: (url, text) => navigator.sendBeacon(url, text),
    store: localStore(),
    own,
    visible: () => document.visibilityState === "visible",
    listen: listenToPage,
  };
}

/** localStorage, or the page's memory where that is forbidden or full: then only a reload loses what was not sent. */
function localStore(): Store {
  const memory = new Map<string, string>();
  const attempt = <T>(act: () => T, otherwise: T): T => {
    try {
      return act();
    } catch {
      return otherwise;
    }
  };
  return {
    keys: () => [...new Set([...memory.keys(), ...attempt(() => Object.keys(localStorage), [])])],
    get: (key) => memory.get(key) ?? attempt(() => localStorage.getItem(key), null),
    set(key, value) {
      const written = attempt(() => (localStorage.setItem(key, value), true), false);
      if (written) memory.delete(key);
      else memory.set(key, value);
      return written;
    },
    remove(key) {
      memory.delete(key);
      attempt(() => localStorage.removeItem(key), undefined);
    },
  };
}

function own(name: string): Promise<Ownership> {
  return new Promise((answer) => {
    let release = (): void => undefined;
    const held = new Promise<void>((over) => (release = over));
    const unknown = (): void => answer({ state: "unknown", release });
    if (!navigator.locks) return unknown();
    const request = navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      answer({ state: lock ? "mine" : "taken", release });
      return lock ? held : undefined;
    });
    request.catch(unknown);
  });
}
