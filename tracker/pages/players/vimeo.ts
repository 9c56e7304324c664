/** Vimeo's embed, by its own player.js. */

import Player from "@vimeo/player";
import { frameIn, quietly, withQuery, type MakePlayer } from "./page-player.ts";

/** dnt: what the viewer does there is not followed; speed: its menu offers speeds. */
const ASKED = { dnt: "1", speed: "1", playsinline: "1" };

export const vimeo: MakePlayer = (place, { src }, at_ms) => {
  const player = new Player(frameIn(place, withQuery(src, ASKED)));
  const seek = (to_ms: number): void => quietly(player.setCurrentTime(to_ms / 1000));
  if (at_ms > 0) seek(at_ms);
  return {
    target: player,
    reload: () => undefined,
    play: () => quietly(player.play()),
    seek,
    setRate: (rate) => quietly(player.setPlaybackRate(rate)),
  };
};
