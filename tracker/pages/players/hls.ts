/** A playlist: by hls.js, or by the browser itself where that cannot run (as on iPhones).
 *
 * Of an uploaded video also captions, chapters and the picture before it begins; their addresses hold the ticket, as all do.
 */

import Hls, { type HlsConfig } from "hls.js";
import { element, elementPlayer } from "./element.ts";
import type { MakePlayer, Media } from "./page-player.ts";

/** The server paces what is far ahead (429): that is waited out, and never ends the playing. */
const PACED = { maxNumRetry: 60, retryDelayMs: 1_000, maxRetryDelayMs: 2_000 };
const PATIENT: Partial<HlsConfig> = {
  maxBufferLength: 30,
  maxMaxBufferLength: 60,
  fragLoadPolicy: {
    default: {
      maxTimeToFirstByteMs: 20_000,
      maxLoadTimeMs: 120_000,
      timeoutRetry: { maxNumRetry: 20, retryDelayMs: 500, maxRetryDelayMs: 4_000 },
      errorRetry: PACED,
    },
  },
};

export const hls: MakePlayer = (place, media, at_ms) => {
  const video = place as HTMLVideoElement;
  beside(video, media);
  if (!Hls.isSupported()) return watched(element(place, media, at_ms), video);
  const player = new Hls({ ...PATIENT, startPosition: at_ms / 1000 });
  player.attachMedia(video);
  return watched(elementPlayer(video, player, (src) => player.loadSource(src), media, at_ms), video);
};

type Page = ReturnType<MakePlayer>;

/** What lies beside the video moves to the new address with it. */
function watched(page: Page, video: HTMLVideoElement): Page {
  const reload = page.reload.bind(page);
  page.reload = (media, at_ms) => {
    beside(video, media);
    reload(media, at_ms);
  };
  return page;
}

function beside(video: HTMLVideoElement, media: Media): void {
  if (media.poster) video.poster = media.poster;
  const shown = new Set([...video.textTracks].filter((track) => track.mode === "showing").map((track) => track.language));
  for (const old of video.querySelectorAll("track")) old.remove();
  for (const captions of media.captions ?? []) {
    const track = add(video, "captions", captions.src, captions.label);
    track.srclang = captions.language;
    track.default = shown.has(captions.language);
  }
  if (media.chapters) add(video, "chapters", media.chapters, "").default = true;
}

function add(video: HTMLVideoElement, kind: string, src: string, label: string): HTMLTrackElement {
  const track = document.createElement("track");
  Object.assign(track, { kind, src, label });
  video.append(track);
  return track;
}
