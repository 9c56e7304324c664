/** Vimeo, by the page's own player.js: everything it says comes by messages, and every question takes a moment. */

import { rangeEnd, type Hear, type Player, type Reading } from "../adapter.ts";
import type { Safe } from "../watch.ts";
import { LATE_MS, Mirror } from "./mirror.ts";
import { pick, table } from "./table.ts";

export interface VimeoPlayer {
  element?: Element;
  ready(): Promise<void>;
  on(event: string, listener: (data: Data) => void): void;
  off(event: string, listener: (data: Data) => void): void;
  pause(): Promise<void>;
  getPlayed(): Promise<[number, number][]>;
  getLoop(): Promise<boolean>;
  getMuted(): Promise<boolean>;
  getPaused(): Promise<boolean>;
  getCurrentTime(): Promise<number>;
  getDuration(): Promise<number>;
  getPlaybackRate(): Promise<number>;
  getVideoId(): Promise<number>;
}

type Data = Partial<Record<string, unknown>>;

/** All it has, in the order of its own list. */
export const EVENTS = table(
  "play playing pause ended timeupdate progress:seconds seeking seeked texttrackchange:kind,label,language"
  + " chapterchange:startTime,title,index cuechange:kind,label,language cuepoint:time,id volumechange:volume,muted"
  + " playbackratechange=ratechange:playbackRate bufferstart=waiting bufferend=canplay error:name,message loaded:id"
  + " loadedmetadata:duration durationchange:duration fullscreenchange:fullscreen qualitychange:quality"
  + " camerachange:yaw,pitch,roll,fov resize:videoWidth,videoHeight enterpictureinpicture leavepictureinpicture"
  + " remoteplaybackavailabilitychange remoteplaybackconnecting remoteplaybackconnect remoteplaybackdisconnect"
  + " interactivehotspotclicked interactiveoverlaypanelclicked likebuttonpressed:liked watchlaterbuttonpressed:watchLater",
  {
    seconds: ["buffered_ms", 1_000], startTime: ["start_ms", 1_000], time: ["time_ms", 1_000], index: ["index", 1],
    yaw: ["yaw", 1_000], pitch: ["pitch", 1_000], roll: ["roll", 1_000], fov: ["fov", 1_000], watchLater: ["watch_later"],
  },
);

/** A position this far from where it should be is a jump: seek events come after the first position behind them. */
const OFF_MS = 60;
/** Where a section ends, what was played is asked for in any case. */
const ASKED = /^(seeking|pause)$/;
/** It answers within milliseconds; one that does not is gone. */
const ANSWER_MS = 250;

export function vimeo(target: unknown, now = () => performance.now()): Player | undefined {
  const player = vimeoOf(target);
  if (!player) return undefined;
  const mirror = new Mirror(now);
  return {
    element: () => player.element,
    read: () => mirror.read(),
    listen: (hear, safe) => listen(player, mirror, now, hear, safe),
    pause: () => void player.pause().catch(() => undefined),
  };
}

/** A player of the page's own, or its one for this frame: another copy would speak over it. */
function vimeoOf(target: unknown): VimeoPlayer | undefined {
  const { Vimeo } = globalThis as { Vimeo?: { Player?: new (frame: Element) => VimeoPlayer } };
  const framed = target instanceof HTMLIFrameElement && /^(https?:)?\/\/player\.vimeo\.com\/video\//.test(target.src);
  const player = (framed && Vimeo?.Player ? new Vimeo.Player(target) : target) as Partial<VimeoPlayer> | null;
  return typeof player?.getPlayed === "function" ? (player as VimeoPlayer) : undefined;
}

/** What each event changes of what we know; a position comes with many of them, and is taken from all. */
const NEWS: Record<string, (data: Data) => Partial<Reading>> = {
  play: () => ({ paused: false, ended: false }),
  playing: () => ({ paused: false, ended: false, ready: true }),
  pause: () => ({ paused: true }),
  ended: () => ({ paused: true, ended: true }),
  seeking: () => ({ seeking: true }),
  seeked: () => ({ seeking: false, ended: false }),
  bufferstart: () => ({ ready: false }),
  bufferend: () => ({ ready: true }),
  playbackratechange: ({ playbackRate }) => ({ rate: Number(playbackRate) }),
  volumechange: ({ volume, muted }) => ({ muted: !!muted || volume === 0 }),
  loaded: ({ id }) => ({ source: String(id) }),
  loadedmetadata: length,
  durationchange: length,
  enterpictureinpicture: () => ({ pip: true }),
  leavepictureinpicture: () => ({ pip: false }),
};

function length({ duration }: Data): Partial<Reading> {
  return { duration_ms: Number(duration) * 1000 || Infinity };
}

function listen(player: VimeoPlayer, mirror: Mirror, now: () => number, hear: Hear, safe: Safe): () => void {
  let over = false;
  let turn = Promise.resolve();
  /** In the order they came, though some have to wait for an answer, and though that may be a refusal. */
  const inTurn = (ask: (() => Promise<void>) | undefined, act: () => void): void => {
    turn = turn.then(() => ask?.()).catch(() => undefined).then(() => (over ? undefined : safe(act)()));
  };
  const ends = EVENTS.map(([native, ours, props]) => {
    const take = safe((data: Data = {}) => {
      // Every question that failed is told as an error too, ours and other people's.
      if (native === "error" && /^[gs]et/.test(String(data.method))) return;
      const at = now();
      const position = native !== "progress" && typeof data.seconds === "number" ? { media_ms: data.seconds * 1000 } : {};
      const jumps = Math.abs((position.media_ms ?? mirror.expected_ms) - mirror.expected_ms) > OFF_MS;
      inTurn(jumps || ASKED.test(native) ? () => askPlayed(player, mirror, native === "seeking" ? undefined : position.media_ms) : undefined, () => {
        const news = NEWS[native]?.(data);
        const { source } = mirror.told;
        if (news?.source && source && news.source !== source) hear("emptied");
        mirror.tell({ ...position, ...news }, at);
        hear(ours, pick(data, props));
        // It is true for this instant only.
        mirror.tell({ played: undefined });
      });
    });
    player.on(native, take);
    return () => player.off(native, take);
  });
  inTurn(() => askAll(player, mirror), () => hear("ready"));
  return () => {
    over = true;
    ends.forEach((end) => end());
  };
}

/** Where one range holds the last position and this one too, it only went on: late reports look like jumps. */
async function askPlayed(player: VimeoPlayer, mirror: Mirror, media_ms?: number): Promise<void> {
  const { media_ms: last_ms, rate } = mirror.told;
  const [seconds, loop] = await answers(player.getPlayed(), player.getLoop());
  const played = seconds?.map(([start, end]): [number, number] => [start * 1000, end * 1000]);
  const [low_ms, high_ms] = [Math.min(last_ms, media_ms ?? Infinity), Math.max(last_ms, media_ms ?? Infinity)];
  const late = last_ms - low_ms < LATE_MS * rate;
  const wentOn = late && (rangeEnd(played, low_ms) ?? -Infinity) >= high_ms - OFF_MS;
  mirror.tell({ loop: !!loop, played: wentOn ? undefined : played });
}

/** What was told before anybody listened. */
async function askAll(player: VimeoPlayer, mirror: Mirror): Promise<void> {
  await player.ready();
  const [seconds, duration, rate, paused, loop, muted, id] = await answers(
    player.getCurrentTime(), player.getDuration(), player.getPlaybackRate(), player.getPaused(), player.getLoop(),
    player.getMuted(), player.getVideoId(),
  );
  mirror.tell({
    media_ms: (seconds ?? 0) * 1000, rate: rate ?? 1, paused: paused ?? true, ready: paused === false, loop: !!loop, muted: !!muted,
    ...length({ duration }), ...(id && { source: String(id) }),
  });
}

/** One by one undefined where there is none, or not in time. */
function answers<T extends unknown[]>(...asked: { [K in keyof T]: Promise<T[K]> }): Promise<{ [K in keyof T]: T[K] | undefined }> {
  const late = new Promise<undefined>((over) => setTimeout(over, ANSWER_MS));
  return Promise.all(asked.map((one) => Promise.race([one.catch(() => undefined), late]))) as never;
}

export { vimeo as adapter };
