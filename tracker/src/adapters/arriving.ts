/** Players of other makers: what must be known of one is only loaded when a page has it. */

import type { Adapter, Player } from "../adapter.ts";
import { isMedia, media, mediaPlayer } from "./media.ts";

/** What tells a kind apart, and where the rest of it lies. */
type Kind = [is: (target: Target) => unknown, load: (target: unknown) => Promise<Player | undefined>];
type Target = Partial<Record<"videojs" | "isFullscreen" | "levels" | "getPlayed" | "getIframe" | "get_progress" | "src", unknown>>;

const KINDS: readonly Kind[] = [
  [(it) => it.videojs ?? it.isFullscreen, async (it) => {
    const { cloudinary, videojs } = await import("./videojs.ts");
    return cloudinary(it) ?? videojs(it);
  }],
  [(it) => it.levels, async (it) => (await import("./hlsjs.ts")).hlsjs(it)],
  [(it) => it.getPlayed ?? ("Vimeo" in globalThis && framed(it, "player.vimeo.com/video")), async (it) => (await import("./vimeo.ts")).vimeo(it)],
  [(it) => it.getIframe ?? framed(it, "www.youtube(-nocookie)?.com"), async (it) => (await import("./youtube.ts")).youtube(it)],
  [(it) => it.get_progress, async (it) => (await import("./kollus.ts")).kollus(it)],
];
/** What did not come over a bad network is asked for again. */
const AGAIN_MS = 5_000;

/** The first that knows the target. Of other makers' ones no more is looked at here than what they have by their names. */
export const arrivingPlayer: Adapter = (target) => {
  const kind = isMedia(target) ? undefined : KINDS.find(([is]) => is(target ?? {}));
  return kind ? arriving(() => kind[1](target)) : media(target);
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
