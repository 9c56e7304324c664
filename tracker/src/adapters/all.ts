/** Every kind of player there is a table for, the particular ones first. */

import type { Adapter } from "../adapter.ts";
import { hlsjs } from "./hlsjs.ts";
import { kollus } from "./kollus.ts";
import { media } from "./media.ts";
import { cloudinary, videojs } from "./videojs.ts";
import { vimeo } from "./vimeo.ts";
import { youtube } from "./youtube.ts";

export const ADAPTERS: readonly Adapter[] = [cloudinary, videojs, hlsjs, vimeo, youtube, kollus, media];

/** The first that knows the target. */
export const anyPlayer: Adapter = (target) => {
  for (const adapter of ADAPTERS) {
    const player = adapter(target);
    if (player) return player;
  }
  return undefined;
};
