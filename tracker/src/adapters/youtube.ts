/** YouTube, by the messages of its frame: no seeks, no `timeupdate`, no played ranges.
 *
 * Where the page has opened the channel already, as by `YT.Player`, this only listens; else it opens it. Seeks are
 * inferred from positions that wall time x rate does not explain.
 */

import type { Hear, Player, Reading } from "../adapter.ts";
import type { Safe } from "../watch.ts";
import { mirrorOf, type Mirror } from "./mirror.ts";
import { pick, table } from "./table.ts";

const HOST = /^https:\/\/www\.youtube(-nocookie)?\.com$/;
/** Reports come four times a second, and late; what is further off than this was a seek. */
const JUMP_MS = 300;
/** The channel belongs to whoever opened it; when nobody has by now, it is ours to open. */
const SILENT_MS = 500;
const TRIES = 10;

/** Our names of its states, by their numbers. */
export const STATES: Record<number, string> = { [-1]: "unstarted", 0: "ended", 1: "playing", 2: "pause", 3: "waiting", 5: "cued" };

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
export const CHANGES = table(
  "videoData=loaded:id duration=durationchange:duration currentTime=timeupdate playbackRate=ratechange:playbackRate"
  + " volume=volumechange:volume,muted muted=volumechange:volume,muted playbackQuality=qualitychange:quality"
  + " videoLoadedFraction=progress:buffered playerState",
  { buffered: ["buffered_ms", 1_000] },
);

/** The same, by the names that the fields of other players have. */
function about({ volume = 100, muted = false, videoData, playbackQuality: quality, videoLoadedFraction = 0, duration = 0, ...rest }: Info): object {
  return { ...rest, duration, volume: volume / 100, muted, id: videoData?.video_id, quality, buffered: videoLoadedFraction * duration };
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
  const mirror = mirrorOf(now);
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

function stateOf(host: Partial<YtPlayer>): Record<string, unknown> {
  return {
    videoData: host.getVideoData?.(), duration: host.getDuration?.(), currentTime: host.getCurrentTime?.(),
    playbackRate: host.getPlaybackRate?.(), volume: host.getVolume?.(), muted: host.isMuted?.(), playerState: host.getPlayerState?.(),
  };
}

/** Makes events of what has changed, and seeks of positions nobody can explain. */
function tellerOf(mirror: Mirror, hear: Hear): (info: Info | null | undefined) => void {
  const known: Record<string, string> = {};
  let all: Info = {};
  let last_ms: number | undefined;

  const move = (media_ms: number, stands: boolean): Partial<Reading> => {
    const off_ms = media_ms - mirror.expected_ms();
    const behind = off_ms < 0 && media_ms >= Number(last_ms);
    const seeks = last_ms !== undefined && Math.abs(off_ms) > JUMP_MS * Math.max(1, mirror.told.rate) && !behind;
    last_ms = media_ms;
    if (!seeks) return { media_ms, ...(stands && { paused: true }) };
    mirror.pass(hear, "seeking", {}, { media_ms, ended: false });
    mirror.pass(hear, "seeked");
    return {};
  };

  return (info) => {
    all = { ...all, ...info };
    for (const [key, ours, props] of CHANGES) {
      const value = info?.[key as keyof Info];
      const same = JSON.stringify(value);
      if (value === undefined || value === null || (same === known[key] && key !== "currentTime")) continue;
      known[key] = same;
      const news = key === "currentTime" ? move(Number(value) * 1000, /^[02]$/.test(String(info?.playerState))) : {};
      mirror.pass(hear, key === "playerState" ? STATES[Number(value)] ?? "unstarted" : ours, pick(about(all), props), news);
    }
  };
}

export { youtube as adapter };
