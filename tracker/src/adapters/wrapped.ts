/** A player around a media element that it may put in place later, and replace. */

import type { Player } from "../adapter.ts";
import { listenTo, mediaPlayer, type MediaLike } from "./media.ts";
import { hearAll, type Row } from "./table.ts";

export interface Wrapping {
  rows: readonly Row[];
  /** Native events after which the element may be another. */
  rebind: readonly string[];
  current(): MediaLike | undefined;
  on(native: string, listener: (data: unknown) => void): () => void;
  about(data: unknown, native: string): unknown;
  /** What an event of the element is about, where the player knows better. */
  aboutMedia?(native: string): unknown;
}

export function wrapped({ rows, rebind, current, on, about, aboutMedia }: Wrapping): Player {
  /** The one listened to; a player may have let go of it before it says so. */
  let bound: MediaLike | undefined;
  return {
    ...mediaPlayer(() => bound ?? current()),
    listen(hear, safe) {
      let endMedia = (): void => undefined;
      const bind = (): void => {
        const next = current();
        if (next === bound) return;
        // Nobody else can tell of it: the element that would is gone.
        if (bound) hear("emptied");
        endMedia();
        bound = next;
        endMedia = next ? listenTo(next, hear, safe, aboutMedia) : () => undefined;
      };
      bind();
      const ends = [...rebind.map((native) => on(native, safe(bind))), hearAll(rows, on, about, hear, safe)];
      return () => [endMedia, ...ends].forEach((end) => end());
    },
  };
}
