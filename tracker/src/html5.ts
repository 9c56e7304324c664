/** The browser's own <video> and <audio>, and every player that is one inside. */

import { rangeEnd, type Adapter, type Meaning } from "./adapter.ts";
import type { Fields } from "./wire.ts";

const HAVE_FUTURE_DATA = 3;
const ONE_A_BEAT_MS = 10_000;
const ONE_A_DRAG_MS = 1_000;
/** The wire takes longer texts, but nobody reads them. */
const TEXT_CHARS = 200;

/** In the order of the HTML standard's event summary; those without a meaning of their own are only told. */
const EVENTS: Record<string, Meaning> = {
  loadstart: {}, progress: { thin_ms: ONE_A_BEAT_MS }, suspend: {}, abort: {}, error: {},
  emptied: { cut: "emptied" }, stalled: {},
  loadedmetadata: {}, loadeddata: {}, canplay: {}, canplaythrough: {},
  playing: {}, waiting: { cut: "waiting" },
  seeking: { cut: "seeking", thin_ms: ONE_A_DRAG_MS }, seeked: { soon: true },
  ended: { cut: "ended", soon: true }, durationchange: {},
  timeupdate: { thin_ms: ONE_A_BEAT_MS },
  play: { soon: true }, pause: { cut: "pause", soon: true },
  ratechange: { cut: "ratechange", soon: true }, resize: {}, volumechange: { thin_ms: ONE_A_DRAG_MS },
  encrypted: {}, waitingforkey: {}, enterpictureinpicture: {}, leavepictureinpicture: {}, texttrackchange: {},
};

export const html5: Adapter<HTMLMediaElement> = {
  fits: (target): target is HTMLMediaElement => target instanceof HTMLMediaElement,
  element: (media) => media,
  read: (media) => ({
    media_ms: media.currentTime * 1000,
    duration_ms: media.duration * 1000 || Infinity,
    rate: media.playbackRate,
    paused: media.paused,
    ended: media.ended,
    ready: media.readyState >= HAVE_FUTURE_DATA,
    seeking: media.seeking,
    loop: media.loop,
    muted: media.muted || media.volume === 0,
    pip: document.pictureInPictureElement === media,
    played: ranges(media.played),
  }),
  events: EVENTS,
  fields: (media, type) => FIELDS[type]?.(media) ?? {},
  on(media, type, listener) {
    const [target, name] = type === "texttrackchange" ? [media.textTracks, "change"] as const : [media, type] as const;
    target.addEventListener(name, listener, { passive: true });
    return () => target.removeEventListener(name, listener);
  },
  pause: (media) => media.pause(),
};

const FIELDS: Record<string, (media: HTMLMediaElement) => Fields> = {
  loadedmetadata: (media) => ({ ...duration(media), ...size(media) }),
  durationchange: duration,
  resize: size,
  progress(media) {
    const end_ms = rangeEnd(ranges(media.buffered), media.currentTime * 1000);
    return end_ms === undefined ? {} : { buffered_ms: Math.round(end_ms) };
  },
  ratechange: (media) => ({ rate: Math.round(media.playbackRate * 1000) }),
  volumechange: (media) => ({ volume_percent: Math.round(media.volume * 100), muted: media.muted }),
  error: ({ error }) => (error ? { code: error.code, message: error.message.slice(0, TEXT_CHARS) } : {}),
  texttrackchange(media) {
    const shown = [...media.textTracks].find((track) => track.mode === "showing");
    return shown ? { kind: shown.kind, label: shown.label.slice(0, TEXT_CHARS), language: shown.language } : {};
  },
};

function duration(media: HTMLMediaElement): Fields {
  return Number.isFinite(media.duration) ? { duration_ms: Math.round(media.duration * 1000) } : {};
}

function size(media: HTMLMediaElement): Fields {
  return media instanceof HTMLVideoElement ? { width_px: media.videoWidth, height_px: media.videoHeight } : {};
}

function ranges(times: TimeRanges): [number, number][] {
  return Array.from({ length: times.length }, (_, i) => [times.start(i) * 1000, times.end(i) * 1000]);
}
