/** Players of other makers: what must be known of one is only loaded when a page has it. */

import type { Adapter, Player } from "../adapter.ts";
import { isMedia, media, mediaPlayer } from "./media.ts";

/** What tells a kind apart, and where the rest of it lies. */
type Kind = [is: (target: Target) => unknown, load: () => Promise<{ adapter: Adapter }>];
type Target = Partial<Record<"videojs" | "isFullscreen" | "levels" | "getPlayed" | "getIframe" | "get_progress" | "src", unknown>>;

const KINDS: readonly Kind[] = [
  [(it) => it.videojs ?? it.isFullscreen, () => import("./videojs.ts")],
  [(it) => it.levels, () => import("./hlsjs.ts")],
  [(it) => it.getPlayed ?? ("Vimeo" in globalThis && framed(it, "player.vimeo.com/video")), () => import("./vimeo.ts")],
  [(it) => it.getIframe ?? framed(it, "www.youtube(-nocookie)?.com"), () => import("./youtube.ts")],
  [(it) => it.get_progress, () => import("./kollus.ts")],
];
/** What did not come over a bad network is asked for again. */
const AGAIN_MS = 5_000;

/** The first that knows the target. Of other makers' ones no more is looked at here than what they have by their names. */
export const anyPlayer: Adapter = (target) => {
  const kind = isMedia(target) ? undefined : KINDS.find(([is]) => is(target ?? {}));
  return kind ? arriving(async () => (await kind[1]()).adapter(target)) : media(target);
};

function framed({ src }: Target, host: string): boolean {
  return new RegExp(`^https://${host}/`).test(String(src));
}

/** Stands still until what reads it is there. */
function arriving(load: () => Promise<Player | undefined>): Player {
  let player = mediaPlayer(() => undefined);
  return {
    element: () => player.element(),
    read: () => player.read(),
    listen(hear, safe) {
      let end: (() => void) | undefined = () => undefined;
      const begin = safe((come: Player | undefined) => {
        if (!come) throw new Error("This player cannot be tracked.");
        if (!end) return;
        player = come;
        end = come.listen(hear, safe);
        hear("ready");
      });
      const ask = (): void => void load().then(begin, () => end && setTimeout(ask, AGAIN_MS));
      ask();
      return () => {
        end?.();
        end = undefined;
      };
    },
    pause: () => player.pause(),
  };
}
