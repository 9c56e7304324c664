/** For somebody else's page: `<script src="…/playhead.js" data-ticket="…" defer></script>` tracks the player on it.
 *
 * `data-endpoint` says where batches go (beside this script's own host unless given), `data-player` which element (a CSS
 * selector; the first <video>, <audio> or frame of a known player unless given). A player may carry its own `data-ticket` instead; for one that is
 * made later there is `playhead.track(player, {ticket, endpoint})`.
 */

import { anyPlayer } from "./adapters/arriving.ts";
import { track } from "./package.ts";
import type { Options } from "./tracker.ts";

Object.assign(globalThis, { playhead: { track } });

const script = document.currentScript;
if (script instanceof HTMLScriptElement) whenParsed(() => start(script));

function whenParsed(act: () => void): void {
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", act);
  else act();
}

function start({ src, dataset }: HTMLScriptElement): void {
  const options = (ticket: string): Options => ({
    ticket,
    endpoint: dataset.endpoint ?? new URL("/v1/batches", src || location.href).href,
  });
  const players = document.querySelectorAll<HTMLElement>(dataset.player ?? "video, audio, iframe");
  let { ticket } = dataset;
  for (const player of players) {
    const own = player.dataset.ticket;
    if (own) track(player, options(own));
    else if (ticket && anyPlayer(player)) {
      track(player, options(ticket));
      ticket = "";
    }
  }
}
