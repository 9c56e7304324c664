/** Storage for what must outlive the page: localStorage, with IndexedDB under it.
 *
 * Each covers the other's weakness. A write to localStorage is readable at once by every page, even one made while the
 * page is being left, but Chromium brings it to disk up to a minute later, so a killed browser loses it. IndexedDB is on
 * disk within milliseconds, but not when the page goes first.
 */

import { attempt } from "./attempt.ts";

/** Small and synchronous. */
export interface Store {
  /** Done when everything that was ever stored and not removed can be read. */
  readonly loaded: Promise<void>;
  keys(): string[];
  get(key: string): string | null;
  /** False when there is no room, or no storage at all: then it is kept in memory, and only as long as the page. */
  set(key: string, value: string): boolean;
  remove(key: string): void;
}

/** What stands in storage of one playback's queue, beside its batches. */
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

const TABLE = "queue";

export function durableStore(): Store {
  const memory = new Map<string, string>();
  const disk = attempt(() => localStorage, undefined);
  const database = openDatabase();
  const change = (act: (table: IDBObjectStore) => void): void => {
    database.then((db) => act(db.transaction(TABLE, "readwrite").objectStore(TABLE))).catch(() => undefined);
  };
  const store: Store = {
    get loaded() {
      return loaded;
    },
    keys: () => [...new Set([...memory.keys(), ...Object.keys(disk ?? {})])],
    get: (key) => memory.get(key) ?? disk?.getItem(key) ?? null,
    set(key, value) {
      change((table) => table.put(value, key));
      const written = !!disk && attempt(() => (disk.setItem(key, value), true), false);
      if (written) memory.delete(key);
      else memory.set(key, value);
      return written;
    },
    remove(key) {
      change((table) => table.delete(key));
      memory.delete(key);
      disk?.removeItem(key);
    },
  };
  const loaded = database.then((db) => restore(db, store)).catch(() => undefined);
  return store;
}

async function openDatabase(): Promise<IDBDatabase> {
  const opening = indexedDB.open("playhead", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
  return result(opening);
}

/** Brings back what localStorage lost in a kill. What another page removes meanwhile may come back too: a duplicate, no harm. */
async function restore(db: IDBDatabase, store: Store): Promise<void> {
  const table = db.transaction(TABLE).objectStore(TABLE);
  const [keys, values] = await Promise.all([result(table.getAllKeys()), result(table.getAll())]);
  for (const [index, key] of keys.entries()) {
    if (store.get(String(key)) === null) store.set(String(key), String(values[index]));
  }
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
