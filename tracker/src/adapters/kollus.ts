/** Kollus, by the page's own VgControllerClient. Its off() takes everybody's listeners away, so it is never called. */

import type { Player, Reading } from "../adapter.ts";
import { Mirror } from "./mirror.ts";
import { pick, table } from "./table.ts";

interface Controller {
  on(event: string, listener: (...data: unknown[]) => void): void;
  pause(): void;
  get_progress(): { position?: number; duration?: number } | undefined;
  get_speed(): number;
  get_volume(): number;
}

export const EVENTS = table(
  "ready loaded=loadedmetadata:duration progress=timeupdate play=playing pause seeking seeked done=ended"
  + " speedchange=ratechange:playbackRate volumechange:volume,muted muted=volumechange:volume,muted"
  + " screenchange=fullscreenchange:fullscreen error:code jumpstepchange:step scalemodechange topmostchange"
  + " subtitlevisibilitychange:visible subtitle_sizechange=subtitlesizechange:size repeat_stat_change=repeatchange"
  + " playbackrateschange videosettingchange hlsfragchange=fragmentchange device_orientation_changed=orientationchange"
  + " html5_video_supported=html5videosupported close=dispose",
  { step: ["step_ms", 1_000], size: ["size", 1] },
);

/** Positions come with `progress` alone; all other events are at the position of that and the time since. */
const NEWS: Record<string, (player: Controller, first: unknown, position: unknown, duration: unknown) => Partial<Reading>> = {
  progress: (_player, _percent, position, duration) => at({ position, duration }),
  play: () => ({ paused: false, ended: false, ready: true }),
  pause: () => ({ paused: true }),
  seeking: () => ({ seeking: true }),
  seeked: (player) => ({ seeking: false, ended: false, ...at(player.get_progress()) }),
  done: () => ({ paused: true, ended: true }),
  speedchange: (player) => ({ rate: player.get_speed() || 1 }),
  loaded: (player) => at(player.get_progress()),
  muted: (_player, muted) => ({ muted: !!muted }),
};

/** It cannot be asked whether it plays: to who listens late, a position that went on by no more than this tells it. */
const WENT_ON_MS = 600;

export function kollus(target: unknown, now = () => performance.now()): Player | undefined {
  const player = target as Controller | null;
  if (typeof player?.get_progress !== "function" || typeof player.on !== "function") return undefined;
  const mirror = new Mirror(now);
  const about = (first: unknown): object => ({
    volume: player.get_volume() / 100, muted: mirror.told.muted, playbackRate: player.get_speed() || 1,
    duration: mirror.told.duration_ms / 1000, fullscreen: !!first, visible: !!first, code: first, step: first, size: first,
  });
  return {
    element: () => undefined,
    read: () => mirror.read(),
    listen(hear, safe) {
      let over = false;
      let told = false;
      mirror.tell({ ...at(player.get_progress()), rate: player.get_speed() || 1 });
      let loaded = mirror.told.duration_ms < Infinity;
      for (const [native, ours, props] of EVENTS) {
        player.on(native, safe((...data: unknown[]) => {
          if (over) return;
          if (native === "loaded") {
            // It names no video: another of the same length is not told apart.
            if (loaded) hear("emptied");
            loaded = true;
          }
          told ||= /^(play|pause|done)$/.test(native);
          const playing = !told && goesOn(mirror.told, data[1]) && { paused: false, ready: true };
          mirror.tell({ ...NEWS[native]?.(player, data[0], data[1], data[2]), ...playing });
          hear(ours, pick(about(data[0]), props));
        }));
      }
      return () => {
        over = true;
      };
    },
    pause: () => player.pause(),
  };
}

function goesOn({ media_ms, rate, seeking }: Readonly<Reading>, position: unknown): boolean {
  const moved_ms = Number(position) * 1000 - media_ms;
  return !seeking && moved_ms > 0 && moved_ms <= WENT_ON_MS * rate;
}

function at({ position, duration }: { position?: unknown; duration?: unknown } = {}): Partial<Reading> {
  return {
    ...(typeof position === "number" && { media_ms: position * 1000 }),
    ...(typeof duration === "number" && duration > 0 && { duration_ms: duration * 1000 }),
  };
}

export { kollus as adapter };
