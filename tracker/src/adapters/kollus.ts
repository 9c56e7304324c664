/** Kollus, by the page's own VgControllerClient. Its off() takes everybody's listeners away, so it is never called. */

import type { Player, Reading } from "../adapter.ts";
import { mirrorOf } from "./mirror.ts";
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

/** After these it knows where it is, before it tells of it by itself. */
const ASKED = /^(seeked|loaded)$/;
/** It cannot be asked whether it plays: to who listens late, a position that went on by no more than this tells it. */
const WENT_ON_MS = 600;

export function kollus(target: unknown, now = () => performance.now()): Player | undefined {
  const player = target as Controller | null;
  if (typeof player?.get_progress !== "function" || typeof player.on !== "function") return undefined;
  const mirror = mirrorOf(now);
  let muted = false;
  const about = (first: unknown): object => ({
    volume: player.get_volume() / 100, muted, playbackRate: player.get_speed() || 1, duration: player.get_progress()?.duration,
    fullscreen: !!first, visible: !!first, code: first, step: first, size: first,
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
        player.on(native, safe((first: unknown, position: unknown, duration: unknown) => {
          if (over) return;
          if (native === "loaded") {
            // It names no video: another of the same length is not told apart.
            if (loaded) hear("emptied");
            loaded = true;
          }
          if (native === "muted") muted = !!first;
          told ||= /^(play|pause|done)$/.test(native);
          const playing = !told && goesOn(mirror.told, position) && { paused: false, ready: true };
          // All other events are at the position of the last of these and the time since.
          const news = native === "progress" ? at({ position, duration }) : ASKED.test(native) ? at(player.get_progress()) : {};
          mirror.pass(hear, ours, pick(about(first), props), { ...news, ...playing });
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
