/** YouTube, by the messages of its frame: no seeks, no `timeupdate`, no played ranges.
 *
 * Where the page has opened the channel already, as by `YT.Player`, this only listens; else it opens it. Seeks are
 * inferred from positions that wall time x rate does not explain.
 */

import type { Hear, Player, Reading } from "../adapter.ts";
import type { Safe } from "../watch.ts";
import { Mirror } from "./mirror.ts";
import type { Fields } from "../wire.ts";
import { pick } from "./table.ts";

const HOST = /^https:\/\/www\.youtube(-nocookie)?\.com$/;
/** Reports come four times a second, and late; what is further off than this was a seek. */
const JUMP_MS = 300;
/** The channel belongs to whoever opened it; when nobody has by now, it is ours to open. */
const SILENT_MS = 500;
const TRIES = 10;

/** By the number of the state: what it changes, and our name for it. */
export const STATES: Record<number, [news: Partial<Reading>, event: string]> = {
  [-1]: [{ paused: true, ended: false, ready: false }, "unstarted"],
  0: [{ paused: true, ended: true }, "ended"],
  1: [{ paused: false, ended: false, ready: true }, "playing"],
  2: [{ paused: true, ended: false }, "pause"],
  3: [{ paused: false, ended: false, ready: false }, "waiting"],
  5: [{ paused: true, ended: false, ready: false }, "cued"],
};

/** What `infoDelivery` may hold; the frame sends what has changed. */
interface Info {
  currentTime?: number;
  duration?: number;
  playerState?: number;
  playbackRate?: number;
  playbackQuality?: string;
  volume?: number;
  muted?: boolean;
  videoLoadedFraction?: number;
  videoData?: { video_id?: string };
}

/** In the order in which they are to be believed, the position before the state that begins there. */
const CHANGES: { [K in keyof Info]?: (value: NonNullable<Info[K]>, all: Info) => [news: Partial<Reading>, event: string, fields?: Fields] } = {
  videoData: ({ video_id: id = "" }) => [{ source: id }, "loaded", { id }],
  duration: (duration) => [{ duration_ms: duration * 1000 || Infinity }, "durationchange", pick({ duration }, ["duration"])],
  currentTime: (time) => [{ media_ms: time * 1000 }, "timeupdate"],
  playbackRate: (playbackRate) => [{ rate: playbackRate }, "ratechange", pick({ playbackRate }, ["playbackRate"])],
  volume,
  muted: volume,
  playbackQuality: (quality) => [{}, "qualitychange", { quality }],
  videoLoadedFraction: (part, { duration = 0 }) => [{}, "progress", { buffered_ms: Math.round(part * duration * 1000) }],
  playerState: (state) => STATES[state] ?? [{}, "unstarted"],
};

function volume(_value: unknown, { volume = 100, muted = false }: Info): ReturnType<NonNullable<typeof CHANGES.muted>> {
  return [{ muted: muted || volume === 0 }, "volumechange", { volume_percent: Math.round(volume), muted }];
}

/** What the frame tells beside what it delivers, once it was asked to. */
export const TOLD: Record<string, string> = {
  onReady: "ready", onApiChange: "apichange", onAutoplayBlocked: "autoplayblocked", onError: "error",
};
const AS_INFO: Record<string, keyof Info> = {
  onStateChange: "playerState", onPlaybackRateChange: "playbackRate", onPlaybackQualityChange: "playbackQuality",
};
const ASKED = Object.keys({ ...TOLD, ...AS_INFO });

/** The page's own YT.Player, as far as it can say what was told before anybody listened. */
interface YtPlayer {
  getIframe(): HTMLIFrameElement;
  getCurrentTime?(): number;
  getDuration?(): number;
  getPlayerState?(): number;
  getPlaybackRate?(): number;
  getVideoData?(): { video_id?: string };
  getVolume?(): number;
  isMuted?(): boolean;
}

/** The frame of an embed, or the page's own YT.Player around it. */
export function youtube(target: unknown, now = () => performance.now()): Player | undefined {
  const { YT } = globalThis as { YT?: { get?(id: string): YtPlayer | undefined } };
  const given = target as Partial<YtPlayer> | null;
  const frame = given?.getIframe?.() ?? target;
  if (!(frame instanceof HTMLIFrameElement) || !HOST.test(originOf(frame))) return undefined;
  const mirror = new Mirror(now);
  return {
    element: () => frame,
    read: () => mirror.read(),
    listen: (hear, safe) => listen(frame, given?.getIframe ? given : YT?.get?.(frame.id), mirror, hear, safe),
    pause: () => say(frame, "command", "pauseVideo"),
  };
}

function originOf({ src }: HTMLIFrameElement): string {
  return URL.canParse(src, location.href) ? new URL(src, location.href).origin : "";
}

function say(frame: HTMLIFrameElement, event: string, func?: string, ...args: string[]): void {
  frame.contentWindow?.postMessage(JSON.stringify({ event, func, args, id: "playhead", channel: "widget" }), originOf(frame));
}

function listen(
  frame: HTMLIFrameElement, host: Partial<YtPlayer> | undefined, mirror: Mirror, hear: Hear, safe: Safe,
): () => void {
  let heard = false;
  let tries = 0;
  const told = tellerOf(mirror, hear);
  const take = safe(({ origin, source, data }: MessageEvent) => {
    if (source !== frame.contentWindow || !HOST.test(origin)) return;
    const { event, info } = JSON.parse(String(data)) as { event: string; info: unknown };
    if (!heard && tries) for (const type of ASKED) say(frame, "command", "addEventListener", type);
    heard = true;
    const [known, key] = [TOLD[event], AS_INFO[event]];
    if (known) hear(known, pick(event === "onError" ? { code: info } : {}, ["code"]));
    else told(key ? { [key]: info } : info as Info);
  });
  const timer = setInterval(safe(() => {
    if (heard || host || tries === TRIES) return clearInterval(timer);
    tries += 1;
    say(frame, "listening");
  }), SILENT_MS);
  addEventListener("message", take);
  if (host) safe(() => told(stateOf(host)))();
  return () => {
    clearInterval(timer);
    removeEventListener("message", take);
  };
}

function stateOf(host: Partial<YtPlayer>): Info {
  const state: Record<string, unknown> = {
    videoData: host.getVideoData?.(), duration: host.getDuration?.(), currentTime: host.getCurrentTime?.(),
    playbackRate: host.getPlaybackRate?.(), volume: host.getVolume?.(), muted: host.isMuted?.(), playerState: host.getPlayerState?.(),
  };
  return state as Info;
}

/** Makes events of what has changed, and seeks of positions nobody can explain. */
function tellerOf(mirror: Mirror, hear: Hear): (info: Info | null | undefined) => void {
  const known: Record<string, unknown> = {};
  const position = (media_ms: number, { playerState }: Info): void => {
    const behind = media_ms < mirror.expected_ms && media_ms >= Number(known.position_ms);
    const off_ms = Math.abs(media_ms - mirror.expected_ms);
    const seeks = known.position_ms !== undefined && off_ms > JUMP_MS * Math.max(1, mirror.told.rate) && !behind;
    known.position_ms = media_ms;
    if (seeks) {
      mirror.tell({ media_ms, seeking: true, ended: false });
      hear("seeking");
      mirror.tell({ seeking: false });
      hear("seeked");
    } else mirror.tell({ media_ms, ...(playerState === 0 || playerState === 2 ? { paused: true } : {}) });
  };
  return (info) => {
    for (const [key, change] of Object.entries(CHANGES) as [keyof Info, (value: unknown, all: Info) => [Partial<Reading>, string, Fields?]][]) {
      const value = info?.[key];
      const same = JSON.stringify(value);
      if (value === undefined || value === null || (same === known[key] && key !== "currentTime")) continue;
      known[key] = same;
      const [{ media_ms, ...news }, event, fields] = change(value, { ...(known.all as Info), ...info });
      const { source, paused } = mirror.told;
      if (news.source && source && source !== news.source) hear("emptied");
      if (media_ms !== undefined) position(media_ms, info ?? {});
      mirror.tell(news);
      if (paused && news.paused === false) hear("play");
      hear(event, fields);
    }
    known.all = { ...(known.all as Info), ...info };
  };
}

export { youtube as adapter };
