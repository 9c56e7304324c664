/** Vimeo, by the page's own player.js: everything it says comes by messages, and every question takes a moment. */

import { rangeEnd, type Hear, type Player } from "../adapter.ts";
import type { Safe } from "../watch.ts";
import { LATE_MS, mirrorOf, type Mirror } from "./mirror.ts";
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
/** And once a beat: what nobody told of shows in it. */
const BEAT_MS = 10_000;
/** It answers within milliseconds; one that does not is gone. */
const ANSWER_MS = 250;

export function vimeo(target: unknown, now = () => performance.now()): Player | undefined {
  const player = vimeoOf(target);
  if (!player) return undefined;
  const mirror = mirrorOf(now);
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

function listen(player: VimeoPlayer, mirror: Mirror, now: () => number, hear: Hear, safe: Safe): () => void {
  let over = false;
  let turn = Promise.resolve();
  let askedAt = now();
  /** In the order they came, though some have to wait for an answer, and though that may be a refusal. */
  const inTurn = (ask: (() => Promise<void>) | undefined, act: () => void): void => {
    turn = turn.then(() => ask?.()).catch(() => undefined).then(() => (over ? undefined : safe(act)()));
  };
  const ends = EVENTS.map(([native, ours, props]) => {
    const take = safe((data: Data = {}) => {
      // Every question that failed is told as an error too, ours and other people's.
      if (native === "error" && /^[gs]et/.test(String(data.method))) return;
      const at = now();
      // A position comes with many of them, and is taken from all.
      const position = native !== "progress" && typeof data.seconds === "number" ? { media_ms: data.seconds * 1000 } : {};
      const expected_ms = mirror.expected_ms();
      const jumps = Math.abs((position.media_ms ?? expected_ms) - expected_ms) > OFF_MS;
      const asks = jumps || ASKED.test(native) || at - askedAt >= BEAT_MS;
      if (asks) askedAt = at;
      inTurn(asks ? () => askPlayed(player, mirror, native === "seeking" ? undefined : position.media_ms) : undefined, () => {
        mirror.pass(hear, ours, pick(data, props), position, at);
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

/** Where one range holds the last position and this one too, it only went on: late reports look like jumps. So it did where
 * that range ends a little before, and no other has begun since: what was played may be told late, too.
 */
async function askPlayed(player: VimeoPlayer, mirror: Mirror, media_ms?: number): Promise<void> {
  const { media_ms: last_ms, rate } = mirror.told;
  const [seconds, loop] = await answers(player.getPlayed(), player.getLoop());
  const played = seconds?.map(([start, end]): [number, number] => [start * 1000, end * 1000]);
  const [low_ms, high_ms] = [Math.min(last_ms, media_ms ?? Infinity), Math.max(last_ms, media_ms ?? Infinity)];
  const late = last_ms - low_ms < LATE_MS * rate;
  const end_ms = rangeEnd(played, low_ms) ?? -Infinity;
  const trails = end_ms > high_ms - LATE_MS * rate && !played?.some(([start]) => end_ms < start && start <= high_ms);
  const wentOn = late && (end_ms >= high_ms - OFF_MS || trails);
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
    duration_ms: (duration ?? 0) * 1000 || Infinity, ...(id && { source: String(id) }),
  });
}

/** One by one undefined where there is none, or not in time. */
function answers<T extends unknown[]>(...asked: { [K in keyof T]: Promise<T[K]> }): Promise<{ [K in keyof T]: T[K] | undefined }> {
  const late = new Promise<undefined>((over) => setTimeout(over, ANSWER_MS));
  return Promise.all(asked.map((one) => Promise.race([one.catch(() => undefined), late]))) as never;
}

export { vimeo as adapter };
