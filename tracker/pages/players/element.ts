/** The browser's own player. */

import { quietly, type MakePlayer, type Media, type PagePlayer } from "./page-player.ts";

export const element: MakePlayer = (place, media, at_ms) => {
  const video = place as HTMLVideoElement;
  return elementPlayer(video, video, (src) => void (video.src = src), media, at_ms);
};

/** A <video> that `put` gives its source; `target` is what there is to be tracked of it. */
export function elementPlayer(
  video: HTMLVideoElement, target: unknown, put: (src: string) => void, media: Media, at_ms: number,
): PagePlayer {
  const play = (): void => quietly(video.play());
  const reload = ({ src }: Media, at_ms: number): void => {
    const playing = !video.paused;
    put(src);
    // Without metadata this is where loading begins, so that nothing before it is fetched.
    if (at_ms > 0) video.currentTime = at_ms / 1000;
    if (playing) play();
  };
  reload(media, at_ms);
  return {
    target,
    reload,
    play,
    seek: (to_ms) => void (video.currentTime = to_ms / 1000),
    // The default rate too, so that another source begins with it.
    setRate: (rate) => void (video.playbackRate = video.defaultPlaybackRate = rate),
  };
}
