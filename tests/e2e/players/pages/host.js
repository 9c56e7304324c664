// The page around a player: makes it, tracks it, follows a script, and says what happened.
import { track } from "/dist/playhead.mjs";
import { SCRIPTS } from "/pages/scripts.js";
import { witness } from "/pages/truth.js";

/** `make(source)` answers { target, player, video }: what is tracked, what is commanded, and the element if it is in this page. */
export function host(make) {
  const wanted = new URLSearchParams(location.search);
  const script = wanted.get("script");
  const answers = [];
  const notices = [];
  const sections = [];
  const events = {};
  window.follow = async (ticket) => {
    const { target, player, video } = await make({ stalls: script === "stall" });
    const truth = video ? witness(video) : frameTruth();
    const state = { saved: "" };
    const tracking = track(target, {
      ticket,
      endpoint: "/v1/batches",
      onAnswer(answer, batch) {
        answers.push(answer);
        sections.push(...batch.sections);
        for (const { type } of batch.events) events[type] = (events[type] ?? 0) + 1;
      },
      onState: (now) => Object.assign(state, now),
      onNotice: (notice) => notices.push(notice),
    });
    if (player.ready) await player.ready();
    const load = player.load;
    player.load = async (name) => {
      await truth.change(true);
      await load(name);
    };
    await SCRIPTS[script](player, { hide: (hidden) => window.hide(hidden) });
    await truth.stop();
    await player.pause();
    await new Promise((over) => setTimeout(over, 600));
    await tracking.flush();
    tracking.stop();
    await tracking.flush();
    return { truth: await truth.spans, sections, events, notices, refusals: answers.flatMap((answer) => answer.refusals), state };
  };
}

/** The witness inside a frame of another site, spoken to beside the player's own protocol. */
function frameTruth() {
  const ask = (what, value) => new Promise((answered) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => answered(data);
    document.querySelector("iframe").contentWindow.postMessage({ witness: what, value }, "*", [port2]);
  });
  return { get spans() { return ask("spans"); }, change: (other) => ask("change", other), stop: () => ask("stop") };
}

export function once(target, type) {
  return new Promise((over) => target.addEventListener(type, over, { once: true }));
}

/** Commands for whatever has the names of a media element. */
export function commands(video, load) {
  return {
    play: () => video.play(),
    pause: () => video.pause(),
    seek: (to) => void (video.currentTime = to),
    rate: (rate) => void (video.playbackRate = rate),
    loop: (loop) => void (video.loop = loop),
    load,
    async ready() {
      while (video.readyState < 3) await new Promise((over) => setTimeout(over, 30));
    },
  };
}

export const media = (name, { stalls } = {}) => `/media/${name}${stalls ? "?stalls" : ""}`;
