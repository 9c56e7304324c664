/** Storage for what must outlive the page: localStorage, with IndexedDB under it.
 *
 * Each covers the other's weakness. A write to localStorage is readable at once by every page, even one made while the
 * page is being left, but Chromium brings it to disk up to a minute later, so a killed browser loses it. IndexedDB is on
 * disk within milliseconds, but not when the page goes first.
 */

/** Small and synchronous. */
export interface Store {
  /** Done when everything that was ever stored and not removed can be read. */
  loaded(): Promise<void>;
  keys(): string[];
  get(key: string): string | null;
  /** False when there is no room, or no storage at all: then it is kept in memory, and only as long as the page. */
  set(key: string, value: string): boolean;
  remove(key: string): void;
}

const TABLE = "queue";

export function durableStore(): Store {
  const memory = new Map<string, string>();
  const database = openDatabase();
  const change = (act: (table: IDBObjectStore) => void): void => {
    database.then((db) => act(db.transaction(TABLE, "readwrite").objectStore(TABLE))).catch(() => undefined);
  };
  const store: Store = {
    loaded: () => loaded,
    keys: () => [...new Set([...memory.keys(), ...attempt(() => Object.keys(localStorage), [])])],
    get: (key) => memory.get(key) ?? attempt(() => localStorage.getItem(key), null),
    set(key, value) {
      change((table) => table.put(value, key));
      const written = attempt(() => (localStorage.setItem(key, value), true), false);
      if (written) memory.delete(key);
      else memory.set(key, value);
      return written;
    },
    remove(key) {
      change((table) => table.delete(key));
      memory.delete(key);
      attempt(() => localStorage.removeItem(key), undefined);
    },
  };
  const loaded = database.then((db) => restore(db, store)).catch(() => undefined);
  return store;
}

/** Some browsers throw at the mere mention of storage. */
function attempt<T>(act: () => T, otherwise: T): T {
  try {
    return act();
  } catch {
    return otherwise;
  }
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
