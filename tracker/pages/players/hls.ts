/** A playlist: by hls.js, or by the browser itself where that cannot run (as on iPhones).
 *
 * Of an uploaded video also captions, chapters and the picture before it begins; their addresses hold the ticket, as all do.
 */

import Hls, { type HlsConfig } from "hls.js";
import { element, elementPlayer } from "./element.ts";
import type { MakePlayer, Media, PagePlayer, Quality } from "./page-player.ts";

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
  return watched(Hls.isSupported() ? byHlsJs(video, media, at_ms) : byTheBrowser(video, media, at_ms), video);
};

function byHlsJs(video: HTMLVideoElement, media: Media, at_ms: number): PagePlayer {
  const player = new Hls({ ...PATIENT, startPosition: at_ms / 1000 });
  player.attachMedia(video);
  const page = elementPlayer(video, player, (src) => player.loadSource(src), media, at_ms);
  return { ...page, quality: qualityOf(player) };
}

/** By its lines; of an uploaded video as its playlists are called: a portrait's lines are not what is called so. */
function nameOf({ uri, height }: { uri: string; height: number }): string {
  return /\/hls\/[^/]+\/([a-z0-9]+)\.m3u8$/.exec(uri)?.[1] ?? `${height}p`;
}

function qualityOf(player: Hls): Quality {
  const names = (): string[] => [...new Set(player.levels.map(nameOf).reverse())];
  const now = (): string => {
    const level = player.levels[player.currentLevel];
    return level ? nameOf(level) : "";
  };
  let chosen = "";
  // From the next piece on; what is buffered of another quality is let go of.
  const choose = (name: string): void => {
    chosen = name;
    player.nextLevel = player.levels.findIndex((level) => nameOf(level) === name); // -1: by itself
  };
  player.on(Hls.Events.MANIFEST_PARSED, () => void (chosen && choose(chosen)));
  return {
    names,
    chosen: () => chosen,
    playing: now,
    choose,
    onChange(hear) {
      for (const event of [Hls.Events.MANIFEST_PARSED, Hls.Events.LEVEL_SWITCHED] as const) player.on(event, hear);
    },
  };
}

/** It chooses by itself, from the whole playlist; a quality that a viewer chose has a playlist of its own. */
function byTheBrowser(video: HTMLVideoElement, media: Media, at_ms: number): PagePlayer {
  let [now, chosen, heard] = [media, "", (): void => undefined];
  const page = element(video, media, at_ms);
  const put = (at_ms: number): void => {
    const own = now.qualities?.find(({ name }) => name === chosen);
    video.defaultPlaybackRate = video.playbackRate; // another source begins with it
    page.reload(own ? { ...now, src: own.src } : now, at_ms);
  };
  const quality: Quality = {
    names: () => (now.qualities ?? []).map(({ name }) => name),
    chosen: () => chosen,
    playing: () => "",
    choose(name) {
      chosen = name;
      put(video.currentTime * 1000);
      heard();
    },
    onChange: (hear) => void (heard = hear),
  };
  const reload = (media: Media, at_ms: number): void => {
    now = media;
    put(at_ms);
  };
  return { ...page, reload, quality };
}

/** What lies beside the video moves to the new address with it. */
function watched(page: PagePlayer, video: HTMLVideoElement): PagePlayer {
  const reload = (media: Media, at_ms: number): void => {
    beside(video, media);
    page.reload(media, at_ms);
  };
  return { ...page, reload };
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
