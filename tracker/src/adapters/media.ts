/** The browser's own <video> and <audio>, and whatever behaves like one: a custom element, a player made by hand. */

import { rangeEnd, type Adapter, type Hear, type Player, type Reading } from "../adapter.ts";
import type { Safe } from "../watch.ts";
import { hearAll, table } from "./table.ts";

/** All a player of one's own must have to be tracked: the names, units and events of HTMLMediaElement.
 *
 * What is marked as optional may be missing: then the player cannot do it. Positions must be true at the instant they are
 * asked for; between two questions they may go on by wall time x rate and no further, or it counts as a seek.
 */
export interface MediaLike {
  /** Seconds. */
  readonly currentTime: number;
  /** Seconds; NaN while unknown, Infinity when endless. */
  readonly duration: number;
  readonly paused: boolean;
  /** At least these are to be dispatched: `play`, `playing`, `pause`, `seeking`, `seeked`, `waiting`, `ended`,
   * `ratechange`, and `timeupdate` a few times a second; `emptied` before another source. */
  addEventListener(type: string, listener: () => void, options?: AddEventListenerOptions): void;
  removeEventListener(type: string, listener: () => void): void;
  pause(): void;
  readonly ended?: boolean;
  /** True from the change of position until it plays, or could play, from there. */
  readonly seeking?: boolean;
  /** 1 unless said. */
  readonly playbackRate?: number;
  /** 3 or more while there is enough data to play on. */
  readonly readyState?: number;
  readonly loop?: boolean;
  readonly muted?: boolean;
  /** 0 to 1. */
  readonly volume?: number;
  /** Stretches played since the source was loaded, in seconds; makes the ends of sections exact. */
  readonly played?: TimeRanges;
  readonly buffered?: TimeRanges;
  readonly textTracks?: TextTrackList;
  readonly error?: { code: number; message: string } | null;
  readonly videoWidth?: number;
  readonly videoHeight?: number;
  /** What stands in the page, where the player itself does not. */
  readonly element?: Element;
}

const HAVE_FUTURE_DATA = 3;

/** In the order of the HTML standard's event summary. */
export const EVENTS = table(
  "loadstart progress:bufferedEnd suspend abort error:code,message emptied stalled"
  + " loadedmetadata:duration,videoWidth,videoHeight loadeddata canplay canplaythrough playing waiting seeking seeked ended"
  + " durationchange:duration timeupdate play pause:scrubbing ratechange:playbackRate resize:videoWidth,videoHeight"
  + " volumechange:volume,muted encrypted waitingforkey enterpictureinpicture leavepictureinpicture"
  + " texttrackchange:kind,label,language",
);

export const media: Adapter = (target) => (isMedia(target) ? mediaPlayer(() => target) : undefined);

/** A player whose media may be replaced, or not be there yet. */
export function mediaPlayer(current: () => MediaLike | undefined): Player {
  return {
    element: () => elementOf(current()),
    read: () => readMedia(current()),
    listen(hear, safe) {
      const now = current();
      return now ? listenTo(now, hear, safe) : () => undefined;
    },
    pause: () => current()?.pause(),
  };
}

export function isMedia(target: unknown): target is MediaLike {
  const like = target as Partial<MediaLike> | null;
  return typeof like?.currentTime === "number" && typeof like.addEventListener === "function";
}

/** `about` may know better what an event is about. */
export function listenTo(
  media: MediaLike, hear: Hear, safe: Safe, about?: (native: string) => unknown,
): () => void {
  const on = (native: string, listener: (data: unknown) => void): (() => void) | undefined => {
    const [on, name] = native === "texttrackchange" ? [media.textTracks, "change"] as const : [media, native] as const;
    on?.addEventListener(name, listener as () => void);
    return () => on?.removeEventListener(name, listener as () => void);
  };
  return hearAll(EVENTS, on, (_event, native) => about?.(native) ?? aboutMedia(media, native), hear, safe);
}

function aboutMedia(media: MediaLike, native: string): unknown {
  if (native === "error") return media.error ?? {};
  if (native === "progress") return { bufferedEnd: rangeEnd(ranges(media.buffered), media.currentTime * 1000) };
  return native === "texttrackchange" ? shown(media.textTracks) ?? {} : media;
}

/** The track of text that is shown. */
export function shown(tracks: ArrayLike<TextTrack> | undefined): TextTrack | undefined {
  return Array.from(tracks ?? []).find((track) => track.mode === "showing");
}

function elementOf(media: MediaLike | undefined): Element | undefined {
  return media instanceof Element ? media : media?.element;
}

function readMedia(media: MediaLike | undefined): Reading {
  return {
    media_ms: (media?.currentTime ?? 0) * 1000,
    duration_ms: (media?.duration ?? 0) * 1000 || Infinity,
    rate: media?.playbackRate ?? 1,
    paused: media?.paused ?? true,
    ended: media?.ended ?? false,
    ready: (media?.readyState ?? HAVE_FUTURE_DATA) >= HAVE_FUTURE_DATA,
    seeking: media?.seeking ?? false,
    loop: media?.loop ?? false,
    muted: (media?.muted ?? false) || media?.volume === 0,
    pip: !!media && document.pictureInPictureElement === (media as unknown),
    played: ranges(media?.played),
  };
}

function ranges(times: TimeRanges | undefined): [number, number][] | undefined {
  return times && Array.from({ length: times.length }, (_, i) => [times.start(i) * 1000, times.end(i) * 1000]);
}
