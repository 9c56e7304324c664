/** Video.js 8, and Cloudinary's player, which is one inside: time from the inner <video>, the rest from the player. */

import type { Adapter, Player } from "../adapter.ts";
import { isMedia, shown, type MediaLike } from "./media.ts";
import { wrapped } from "./wrapped.ts";
import { table } from "./table.ts";

interface VideoJs {
  el(): Element | null;
  on(type: string, listener: (event: VideoJsEvent) => void): void;
  off(type: string, listener: (event: VideoJsEvent) => void): void;
  pause(): void;
  scrubbing(): boolean;
  isFullscreen(): boolean;
  language(): string;
  textTracks(): ArrayLike<TextTrack>;
  qualityLevels?(): QualityLevels;
}

interface QualityLevels extends ArrayLike<object> {
  readonly selectedIndex: number;
  on(type: string, listener: (event: VideoJsEvent) => void): void;
  off(type: string, listener: (event: VideoJsEvent) => void): void;
}

/** Cloudinary puts what its own events are about into `eventData`. */
interface VideoJsEvent {
  eventData?: object;
}

export const EVENTS = table(
  "ready sourceset texttrackchange:kind,label,language audiotrackchange videotrackchange posterchange playerresize"
  + " useractive userinactive fullscreenchange:fullscreen enterFullWindow=fullscreenchange:fullscreen"
  + " exitFullWindow=fullscreenchange:fullscreen languagechange:language playbackrateschange controlsenabled controlsdisabled"
  + " vttjsloaded textdata dispose levels=qualitychange:height,bitrate",
  { height: ["height_px", 1], bitrate: ["bitrate_bps", 1] },
);

/** Its counts of plays, seeks and percents are wrong after seeks: told for the record, used for nothing. */
export const CLOUDINARY = [
  ...EVENTS,
  ...table(
    "qualitychanged=qualitychange start percentsplayed:percent timeplayed:time replay playlistcreated playlistitemchanged"
    + " upcomingvideoshow upcomingvideohide retryplaylist refresh productBarMin=productbarmin",
    { percent: ["percent", 1], time: ["time_ms", 1_000] },
  ),
];

export const videojs: Adapter = (target) => (isVideoJs(target) ? inside(target, EVENTS) : undefined);

/** Never by the player's own on() and off(), which take two listeners of the same source text for one. */
export const cloudinary: Adapter = (target) => {
  const inner = (target as { videojs?: unknown } | null)?.videojs;
  return isVideoJs(inner) ? inside(inner, CLOUDINARY) : undefined;
};

export const adapter: Adapter = (target) => cloudinary(target) ?? videojs(target);

function isVideoJs(target: unknown): target is VideoJs {
  const like = target as Partial<Record<string, unknown>> | null;
  return typeof like?.el === "function" && typeof like.isFullscreen === "function";
}

function inside(player: VideoJs, rows: typeof EVENTS): Player {
  return wrapped({
    rows,
    rebind: ["sourceset", "loadstart", "dispose"],
    current: () => {
      const inner = player.el()?.querySelector("video, audio");
      return isMedia(inner) ? inner as MediaLike : undefined;
    },
    on(native, listener) {
      const [target, type] = native === "levels" ? [player.qualityLevels?.(), "change"] as const : [player, native] as const;
      target?.on(type, listener);
      return () => target?.off(type, listener);
    },
    about(event, native) {
      const levels = native === "levels" && player.qualityLevels?.();
      if (levels) return levels[levels.selectedIndex] ?? {};
      if (native === "texttrackchange") return shown(player.textTracks()) ?? {};
      const about = (event as VideoJsEvent | undefined)?.eventData;
      if (native.endsWith("played")) return about ?? null;
      return { language: player.language(), fullscreen: player.isFullscreen() || native === "enterFullWindow", ...about };
    },
    // Dragging the position makes Video.js pause and play by itself.
    aboutMedia: (native) => (native === "pause" ? { scrubbing: player.scrubbing() } : undefined),
  });
}
