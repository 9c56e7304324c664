/** An adapter's table of events, as text: `native=ours:prop,prop`, where ours is left out when it is the same.
 *
 * The props are what of the event's own data is worth keeping, by the native name; PROPS says what we call it.
 */

import type { Hear } from "../adapter.ts";
import type { Safe } from "../watch.ts";
import type { Fields } from "../wire.ts";

export type Row = [native: string, ours: string, props: string[]];

/** Our field, and for a number how many of our units are one of theirs. Without that it is a text or a boolean. */
export type Props = Record<string, [field: string, factor?: number]>;

/** Those of a media element; a table brings what only its own player has. */
export const PROPS: Props = {
  duration: ["duration_ms", 1_000], videoWidth: ["width_px", 1], videoHeight: ["height_px", 1],
  playbackRate: ["rate", 1_000], volume: ["volume_percent", 100], code: ["code", 1], bufferedEnd: ["buffered_ms", 1],
};
/** The wire takes longer texts, but nobody reads them. */
const TEXT_CHARS = 200;

export function table(text: string, own: Props = {}): Row[] {
  Object.assign(PROPS, own);
  return text.split(" ").map((row) => {
    const [names = "", props] = row.split(":");
    const [native = "", ours = native] = names.split("=");
    return [native, ours, props?.split(",") ?? []];
  });
}

/** What of `data` the wire has a place for; numbers that are none, and what is not there, are left out. */
export function pick(data: unknown, props: readonly string[]): Fields {
  const fields: Fields = {};
  for (const prop of props) {
    const value = (data as Record<string, unknown> | null | undefined)?.[prop];
    const [field, factor] = PROPS[prop] ?? [prop];
    if (value === undefined || value === null) continue;
    if (!factor) fields[field] = typeof value === "boolean" ? value : String(value).slice(0, TEXT_CHARS);
    else if (Number.isFinite(value)) fields[field] = Math.round(Number(value) * factor);
  }
  return fields;
}

/** Listens to every row; `about` finds what the props are props of, null when it is
 * nothing and not worth telling. Returns what ends it all. */
export function hearAll(
  rows: readonly Row[],
  on: (native: string, listener: (data: unknown) => void) => (() => void) | undefined,
  about: (data: unknown, native: string) => unknown,
  hear: Hear,
  safe: Safe,
): () => void {
  const ends = rows.map(([native, ours, props]) =>
    on(native, safe((data: unknown) => {
      const known = about(data, native);
      if (known !== null || props.length === 0) hear(ours, pick(known, props));
    })),
  );
  return () => ends.forEach((end) => end?.());
}
