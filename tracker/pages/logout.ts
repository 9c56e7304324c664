/** Every page with a logout form: before the session ends, all tabs send what they still hold.
 *
 * Nothing is credited to a batch that arrives after logging out, so the form waits for them; two seconds at most, and
 * hardly at all where no tab is tracking. Without this script the form just submits.
 */

import { CHANNEL, type FlushMessage } from "../src/page.ts";

/** Trackers say at once that they are there; who has not within this time is not waited for. */
const ANYBODY_MS = 150;
const MOST_MS = 2_000;

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-logout]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void flushAllTabs().finally(() => form.submit());
  });
}

function flushAllTabs(): Promise<void> {
  return new Promise((done) => {
    const channel = new BroadcastChannel(CHANNEL);
    const id = String(Math.random());
    const busy = new Set<string>();
    const finish = (): void => {
      channel.postMessage({ type: "logout", id } satisfies FlushMessage);
      channel.close();
      done();
    };
    let everybodySpoke = false;
    const finishWhenQuiet = (): void => {
      if (everybodySpoke && busy.size === 0) finish();
    };
    channel.onmessage = ({ data }: MessageEvent<FlushMessage>) => {
      if (data?.id !== id || !data.from) return;
      if (data.type === "flushing") busy.add(data.from);
      else busy.delete(data.from);
      finishWhenQuiet();
    };
    channel.postMessage({ type: "flush", id } satisfies FlushMessage);
    setTimeout(() => {
      everybodySpoke = true;
      finishWhenQuiet();
    }, ANYBODY_MS);
    setTimeout(finish, MOST_MS);
  });
}
