/** Cloudinary's player, whose own script and style stand in the page before this one.
 *
 * Its statistics, usage report, fonts, remote settings and logo are off: nothing is asked of, or told to, another host but the
 * one that has the video.
 */

import { quietly, type MakePlayer, type Media } from "./page-player.ts";

interface VideoJs {
  ready(then: () => void): void;
  currentTime(seconds: number): void;
  playbackRate(rate: number): void;
  defaultPlaybackRate(rate: number): void;
  paused(): boolean;
}

interface CloudinaryPlayer {
  videojs: VideoJs;
  source(address: string, options?: object): unknown;
  play(): Promise<unknown> | undefined;
}

declare const cloudinary: { videoPlayer(element: HTMLElement, options: object): CloudinaryPlayer };

const QUIET = { cloudinaryAnalytics: false, allowUsageReport: false, fontFace: false, videoConfig: false, showLogo: false };

export const cloudinaryPlayer: MakePlayer = (place, media, at_ms) => {
  place.classList.add("cld-video-player");
  // The cloud's name is asked for, and used for nothing: sources are whole addresses.
  const player = cloudinary.videoPlayer(place, { cloudName: "none", fluid: true, controls: true, ...QUIET });
  const seek = (to_ms: number): void => player.videojs.currentTime(to_ms / 1000);
  const put = ({ src, type }: Media, at_ms: number): void => {
    player.source(src, { sourceTypes: [type === "application/vnd.apple.mpegurl" ? "hls" : "mp4"], seekThumbnails: false });
    player.videojs.ready(() => at_ms > 0 && seek(at_ms));
  };
  put(media, at_ms);
  return {
    target: player,
    reload: put,
    play: () => quietly(player.play()),
    seek,
    setRate(rate) {
      player.videojs.defaultPlaybackRate(rate);
      player.videojs.playbackRate(rate);
    },
  };
};
