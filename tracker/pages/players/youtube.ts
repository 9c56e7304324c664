/** YouTube's embed, by the messages of its frame: the tracker opens the channel, this gives the commands. */

import { frameIn, withQuery, type MakePlayer } from "./page-player.ts";

export const youtube: MakePlayer = (place, { src }, at_ms) => {
  const start = String(Math.floor(at_ms / 1000));
  const asked = { enablejsapi: "1", origin: location.origin, rel: "0", playsinline: "1", start };
  const frame = frameIn(place, withQuery(src, asked));
  const command = (func: string, ...args: unknown[]): void => {
    const text = JSON.stringify({ event: "command", func, args, id: "playhead", channel: "widget" });
    frame.contentWindow?.postMessage(text, new URL(src).origin);
  };
  return {
    target: frame,
    reload: () => undefined,
    play: () => command("playVideo"),
    seek: (to_ms) => command("seekTo", to_ms / 1000, true),
    setRate: (rate) => command("setPlaybackRate", rate),
  };
};
