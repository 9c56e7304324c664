/** The package: `import { track } from "playhead"`. */

import { anyPlayer } from "./adapters/arriving.ts";
import { browserEnv } from "./env.ts";
import { trackWith, type Options, type Tracking } from "./tracker.ts";

export { sendLeftovers } from "./tracker.ts";
export type { Adapter, Player, Reading } from "./adapter.ts";
export type { MediaLike } from "./adapters/media.ts";
export type { Notice, Options, State, Tracking } from "./tracker.ts";
export type { Answer, Batch, Section } from "./wire.ts";

/** Starts tracking a player. t = 0 is now: call it when the answer with the ticket has come. */
export function track(target: unknown, options: Options): Tracking {
  return trackWith(anyPlayer, target, options, browserEnv());
}
