/** hls.js: time from the <video> it feeds, quality, tracks and pieces from its own events. */

import type { Adapter } from "../adapter.ts";
import type { MediaLike } from "./media.ts";
import { table } from "./table.ts";
import { wrapped } from "./wrapped.ts";

type HlsListener = (event: string, data: Record<string, unknown>) => void;

interface Hls {
  media: MediaLike | null;
  levels: object[];
  on(event: string, listener: HlsListener): void;
  off(event: string, listener: HlsListener): void;
}

export const EVENTS = table(
  "hlsManifestParsed=manifestparsed:levelCount hlsLevelLoaded=levelloaded:live,totalduration"
  + " hlsLevelSwitched=qualitychange:height,bitrate hlsFragChanged=fragmentchange:start,duration"
  + " hlsFragBuffered=fragmentbuffered:start,total,bwEstimate hlsError=error:details,fatal"
  + " hlsAudioTrackSwitched=audiotrackchange:lang hlsKeyLoaded=keyloaded hlsStallResolved=stallresolved"
  + " hlsFpsDrop=framesdropped:currentDropped hlsInterstitialStarted=interstitialstart hlsInterstitialEnded=interstitialend"
  + " hlsEventCueEnter=eventcueenter",
  {
    totalduration: ["duration_ms", 1_000], height: ["height_px", 1], bitrate: ["bitrate_bps", 1], start: ["start_ms", 1_000],
    details: ["name"], lang: ["language"], total: ["bytes", 1], bwEstimate: ["bandwidth_bps", 1], currentDropped: ["dropped", 1],
    levelCount: ["levels", 1],
  },
);

export const hlsjs: Adapter = (target) => {
  const hls = target as Partial<Hls> | null;
  return Array.isArray(hls?.levels) && "media" in hls ? play(hls as Hls) : undefined;
};

function play(hls: Hls): ReturnType<Adapter> {
  return wrapped({
    rows: EVENTS,
    rebind: ["hlsMediaAttached", "hlsMediaDetaching", "hlsMediaDetached"],
    current: () => hls.media ?? undefined,
    on(native, listener) {
      const take: HlsListener = (_event, data) => listener(data);
      hls.on(native, take);
      return () => hls.off(native, take);
    },
    about(data) {
      const { level, details, frag, stats } = data as Record<"level" | "details" | "frag" | "stats", unknown>;
      const parts = [hls.levels[Number(level)], details, frag, stats].filter((part) => typeof part === "object");
      return Object.assign({ levelCount: hls.levels.length }, data, ...parts) as object;
    },
  });
}

export { hlsjs as adapter };
