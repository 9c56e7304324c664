/** A playlist: by hls.js, or by the browser itself where that cannot run (as on iPhones). */

import Hls from "hls.js";
import { element, elementPlayer } from "./element.ts";
import type { MakePlayer } from "./page-player.ts";

export const hls: MakePlayer = (place, media, at_ms) => {
  if (!Hls.isSupported()) return element(place, media, at_ms);
  const video = place as HTMLVideoElement;
  const player = new Hls();
  player.attachMedia(video);
  return elementPlayer(video, player, (src) => player.loadSource(src), media, at_ms);
};
