/** Kollus's embed, by messages: its own controller is not on npm, and nothing is loaded from elsewhere. */

import { KollusController } from "./kollus-controller.ts";
import { frameIn, type MakePlayer } from "./page-player.ts";

export const kollus: MakePlayer = (place, { src }, at_ms) => {
  const controller = new KollusController(frameIn(place, src));
  if (at_ms > 0) controller.on("loaded", () => controller.seek(at_ms / 1000), { once: true });
  return {
    target: controller,
    reload: () => undefined,
    play: () => controller.play(),
    seek: (to_ms) => controller.seek(to_ms / 1000),
    setRate: (rate) => controller.setSpeed(rate),
  };
};
