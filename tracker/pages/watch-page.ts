/** The watch page: opens a playback, has its player made, tracks it, and shows what counts.
 *
 * It finds its parts by data attributes, all optional but the first two:
 *
 *   [data-watch]              the root; data-video, data-playbacks (where to open), data-batches (where batches go);
 *                             data-jwt, data-custom-key and data-start-s in the place of data-video, for who comes with
 *                             another system's token
 *   [data-player]             a <video> without src, or the place for a frame: what to play comes with the opening
 *   [data-map]                the section map; a map drawn by the server is taken over
 *   [data-progress-text]      "9:30 of 14:15 needed"
 *   [data-progress-percent]   "66 %"
 *   progress[data-progress-bar]
 *   [data-completed]          shown once completed
 *   [data-saved]              "saved", and the same as data-state
 *   [data-as-of]              the time of the last answer
 *   [data-next-missing]       a button; [data-next-missing-time] in it says where it leads
 *   [data-speed]              a <select>, filled here
 *   [data-quality], [data-captions], [data-chapters]   see menus.ts
 *   [data-refusals]           shown when there are any; [data-refusals-list] in it is filled
 *   [data-notices]            filled with <p class="notice" data-notice="code">
 *   script#words              JSON: why something was not counted, and other words than those of words.ts
 *
 * The root carries data-state (opening, ready, playing, paused, closed, failed), data-playback, data-covered-ms,
 * data-watched-ms and data-pending.
 */

import { CHANNEL, type FlushMessage } from "../src/page.ts";
import type { Player } from "../src/adapter.ts";
import { anyPlayer } from "../src/adapters/all.ts";
import { sendLeftovers, track, type Notice, type Options, type State, type Tracking } from "../src/tracker.ts";
import type { Answer, Batch } from "../src/wire.ts";
import { asked } from "./asked.ts";
import { clockText } from "./clock-text.ts";
import type { Cue } from "./cues.ts";
import { makeSlider } from "./map-slider.ts";
import { Menus } from "./menus.ts";
import { Notices } from "./notices.ts";
import { beginAt, openPlayback, type NotOpened, type Opening } from "./opening.ts";
import { Panel } from "./panel.ts";
import { Presence } from "./presence.ts";
import type { MakePlayer, PagePlayer } from "./players/page-player.ts";
import type { MapSections } from "./section-map.ts";
import { afterAnswer, nextMissing, standingAtOpening, type Standing } from "./standing.ts";
import { fetchCues, Storyboard } from "./storyboard.ts";
import { allowedRate, offeredRates, ViewingRules, type Policy } from "./viewing-rules.ts";
import { Watermark } from "./watermark.ts";
import { Words, type Word } from "./words.ts";

/** What an earlier page left is sent first, so that the opening knows of it; but nobody waits long for that. */
const LEFTOVERS_MS = 1_500;
const HINT_MS = 8_000;
/** A playback that fails at once again is not opened a third time by itself. */
const REOPEN_APART_MS = 60_000;

class WatchPage {
  #root: HTMLElement;
  #place: HTMLElement;
  #make: MakePlayer;
  #player: PagePlayer | undefined;
  /** What the player says of itself, by the table of its kind. */
  #told: Player | undefined;
  #words: Words;
  #notices: Notices;
  #panel: Panel;
  #menus: Menus;
  #board: Storyboard | undefined;
  #speakMap = (): void => undefined;
  #tracking: Tracking | undefined;
  #opening: Opening | undefined;
  #standing: Standing | undefined;
  #rules: ViewingRules | undefined;
  #mark: Watermark | undefined;
  #presence: Presence;
  #reopenedAt = -Infinity;

  constructor(root: HTMLElement, place: HTMLElement, make: MakePlayer) {
    this.#root = root;
    this.#place = place;
    this.#make = make;
    this.#words = new Words(ownWords());
    this.#panel = new Panel(root, this.#words);
    this.#menus = new Menus(this.#panel, this.#words, place, (to_ms) => this.#seek(to_ms));
    this.#notices = new Notices(this.#panel.part("notices"));
    this.#presence = new Presence({
      say: (word) => this.#words.say(word),
      answer: (prompt) => this.#tracking?.tell("present", { prompt }),
      pause: () => this.#told?.pause(),
      play: this.#play,
      raised: () => this.#mark?.raise(),
    });
    this.#listenToControls();
    this.#listenForLogout();
  }

  async start(): Promise<void> {
    this.#root.dataset.state = "opening";
    await Promise.race([sendLeftovers(this.#leftoverLost), new Promise((over) => setTimeout(over, LEFTOVERS_MS))]);
    await this.#open();
  }

  // --- Opening, and opening anew.

  async #open(): Promise<void> {
    const { playbacks = "" } = this.#root.dataset;
    const opening = await openPlayback(playbacks, asked(this.#root.dataset));
    if ("ticket" in opening) this.#opened(opening);
    else this.#notOpened(opening);
  }

  #opened(opening: Opening): void {
    this.#opening = opening;
    this.#standing = standingAtOpening(opening);
    this.#root.dataset.playback = opening.playback;
    this.#root.dataset.state = "ready";
    this.#tracking?.stop();
    if (this.#player) this.#track(this.#player, opening).reload(opening.media, this.#position_ms());
    else this.#listenToPlayer(this.#track(this.#make(this.#place, opening.media, beginAt(opening, location.hash)), opening));
    this.#hold(opening);
    this.#fillSpeeds(opening.policy);
    void this.#showBeside(opening);
    this.#notices.hide("opening_failed", "media_error", "closed", "ticket_expired");
    this.#show();
  }

  #notOpened({ status, code, detail }: NotOpened): void {
    this.#root.dataset.state = "failed";
    if (status === 401 && this.#root.dataset.jwt === undefined) this.#loggedOut();
    else if (code === "playing_already") this.#tell("playing_already", { detail, button: "try_again", press: () => void this.#open() });
    else if (status === 401 || status === 403) this.#notices.show("opening_failed", detail);
    else this.#tell("opening_failed", { detail, button: "try_again", press: () => void this.#open() });
  }

  /** What the policy asks of this page: its rules over the player, and the mark over the picture. */
  #hold(opening: Opening): void {
    const at_ms = this.#told ? this.#position_ms() : beginAt(opening, location.hash);
    this.#rules = new ViewingRules(opening.policy, at_ms, {
      position_ms: this.#position_ms,
      duration_ms: () => this.#sections().duration_ms,
      coverage: () => this.#standing?.coverage ?? [],
      seek: (to_ms) => this.#seek(to_ms),
      pause: () => this.#told?.pause(),
      applied: (rule) => this.#hint(rule === "part" ? "part_over" : "no_seeking"),
    });
    this.#mark?.stop();
    this.#mark = opening.policy.watermark ? this.#markFor(opening) : undefined;
  }

  #markFor({ viewer }: Opening): Watermark {
    return new Watermark({
      stage: this.#place,
      text: () => `${viewer?.name ?? ""} · ${viewer?.id ?? ""}\n${new Date().toLocaleString(document.documentElement.lang || [])}`,
      tampered: (how) => {
        this.#told?.pause();
        this.#tracking?.tell("tampered", { how });
        this.#tell("tampered");
      },
    });
  }

  /** Chapters and pictures of an uploaded video; it plays before they are there. */
  async #showBeside({ media }: Opening): Promise<void> {
    if (this.#player) this.#menus.fill(this.#player, []);
    const chapters: Cue[] = media.chapters ? await fetchCues(media.chapters) : [];
    if (this.#player && chapters.length) this.#menus.fill(this.#player, chapters);
    await this.#board?.load(media, chapters);
  }

  #trackOptions(opening: Opening): Options {
    const { playbacks = "", batches = "" } = this.#root.dataset;
    return {
      ticket: opening.ticket,
      endpoint: batches,
      renew: `${playbacks}/${opening.playback}/ticket`,
      onAnswer: (answer, batch) => this.#answered(answer, batch),
      onState: (state) => this.#stateChanged(state),
      onNotice: (notice) => this.#noticed(notice),
    };
  }

  #track(player: PagePlayer, opening: Opening): PagePlayer {
    this.#player = player;
    this.#tracking = track(player.target, this.#trackOptions(opening));
    return player;
  }

  #play = (): void => this.#player?.play();

  #openAnew = (): void => {
    this.#reopenedAt = performance.now();
    void this.#open();
  };

  // --- What the tracker tells.

  #answered(answer: Answer, batch: Batch): void {
    if (!this.#standing) return;
    this.#standing = afterAnswer(this.#standing, answer, batch);
    this.#panel.showAsOf(answer.received_at);
    this.#presence.ask(answer.prompt);
    this.#show();
  }

  #stateChanged(state: State): void {
    this.#panel.showSaved(state);
    if (state.phase === "closed") this.#root.dataset.state = "closed";
    if (state.saved === "saved") this.#notices.hide("trouble", "offline", "not_stored");
  }

  #noticed({ code, cause, lost_ms }: Notice): void {
    const lost = clockText(lost_ms);
    switch (code) {
      case "playing_elsewhere":
        return this.#tell(code, { button: "play_here", press: this.#play });
      case "trouble":
        return this.#tell(navigator.onLine ? "trouble" : "offline");
      case "reopen":
        return this.#reopen(lost);
      case "closed":
        this.#told?.pause();
        return this.#ended(cause === "ticket_expired" ? cause : code, lost);
      case "unsupported":
      case "internal":
        return this.#tell("internal");
      default:
        return this.#tell(code, { lost });
    }
  }

  #reopen(lost: string): void {
    if (performance.now() - this.#reopenedAt < REOPEN_APART_MS) return this.#ended("closed", lost);
    this.#openAnew();
    this.#tell("reopened", { lost });
  }

  #ended(code: "ticket_expired" | "closed", lost: string): void {
    this.#tell(code, { lost, button: "go_on", press: this.#openAnew });
  }

  #leftoverLost = (lost_ms: number): void => this.#tell("leftover_lost", { lost: clockText(lost_ms) });

  #tell(code: string, values: { lost?: string; rate?: number; detail?: string; button?: Word; press?: () => void } = {}): void {
    const { button, press, ...rest } = values;
    const text = this.#words.say(`notice_${code}` as Word, rest);
    this.#notices.show(code, text, button && press && { label: this.#words.say(button), press });
  }

  /** Something to know for a few seconds. */
  #hint(code: string, values: { rate?: number } = {}): void {
    this.#tell(code, values);
    setTimeout(() => this.#notices.hide(code), HINT_MS);
  }

  // --- What is shown.

  #sections = (): MapSections => ({
    duration_ms: this.#opening?.video.duration_ms ?? this.#ownDuration_ms(),
    coverage: this.#standing?.coverage ?? [],
    again: this.#standing?.again ?? [],
    refused: this.#standing?.refused ?? [],
  });

  #show(): void {
    if (this.#standing) this.#panel.showStanding(this.#standing, this.#sections());
    this.#showPosition();
  }

  #showPosition = (): void => {
    this.#panel.map?.now(this.#position_ms(), this.#sections().duration_ms);
    this.#menus.at(this.#position_ms());
    this.#panel.showNextMissing(this.#missing()?.[0]);
    this.#speakMap();
  };

  #position_ms = (): number => this.#told?.read().media_ms ?? 0;

  #ownDuration_ms(): number {
    const duration_ms = this.#told?.read().duration_ms ?? Infinity;
    return duration_ms < Infinity ? duration_ms : 1;
  }

  /** Under a no-skip policy only what follows without a gap counts, so the first gap is the one to fill. */
  #missing(): readonly [number, number] | null {
    if (!this.#standing || !this.#opening) return null;
    const from_ms = this.#opening.policy.no_skip ? -1 : this.#position_ms();
    return nextMissing(this.#standing.coverage, this.#sections().duration_ms, from_ms);
  }

  #fillSpeeds(policy: Policy): void {
    const offered = offeredRates(policy).map((rate) => rate / 1000);
    const now = this.#told?.read().rate ?? 1;
    const options = offered.map((rate) => new Option(`${rate}×`, String(rate), rate === 1, rate === now));
    this.#panel.part<HTMLSelectElement>("speed")?.replaceChildren(...options);
  }

  // --- What the viewer does.

  #listenToPlayer({ target }: PagePlayer): void {
    const playing = (): void => this.#moved("playing");
    const heard: Record<string, () => void> = {
      timeupdate: this.#showPosition,
      seeking: this.#showPosition,
      seeked: this.#showPosition,
      durationchange: () => this.#show(),
      loadedmetadata: () => this.#show(),
      play: playing,
      playing: () => {
        playing();
        this.#keepRate(); // where normal speed is not allowed, nothing has changed the speed yet
        this.#notices.hide("playing_elsewhere", "media_error");
      },
      pause: () => this.#moved("paused"),
      ended: () => this.#moved("paused"),
      ratechange: () => this.#keepRate(),
      error: () => this.#tell("media_error", { button: "try_again", press: this.#openAnew }),
    };
    this.#told = anyPlayer(target);
    const hear = (type: string): void => {
      this.#rules?.heard(type);
      heard[type]?.();
    };
    this.#told?.listen(hear, (act) => act);
  }

  #listenToControls(): void {
    this.#panel.part("next-missing")?.addEventListener("click", () => {
      const missing = this.#missing();
      if (missing) this.#seek(missing[0]);
    });
    const speed = this.#panel.part<HTMLSelectElement>("speed");
    speed?.addEventListener("change", () => {
      this.#player?.setRate(Number(speed.value));
    });
    const { map } = this.#panel;
    const slider = { sections: this.#sections, position_ms: this.#position_ms, seek: (to_ms: number) => this.#seek(to_ms) };
    if (map) this.#speakMap = makeSlider(map.svg, this.#words, slider);
    const stage = this.#place.parentElement;
    const pointed = { duration_ms: () => this.#sections().duration_ms, position_ms: this.#position_ms };
    if (map && stage) this.#board = new Storyboard(stage, map.svg, pointed);
  }

  /** Somebody logs out in another tab: what would be played from now on counts for nobody. */
  #listenForLogout(): void {
    new BroadcastChannel(CHANNEL).onmessage = ({ data }: MessageEvent<FlushMessage>) => {
      if (data?.type !== "logout") return;
      this.#told?.pause();
      this.#tracking?.stop();
      this.#root.dataset.state = "closed";
      this.#loggedOut();
    };
  }

  #loggedOut(): void {
    this.#tell("logged_out", { button: "log_in", press: () => location.reload() });
  }

  #moved(state: "playing" | "paused"): void {
    if (this.#tracking?.state.phase === "recording") this.#root.dataset.state = state;
  }

  #seek(to_ms: number): void {
    this.#player?.seek(to_ms);
  }

  /** The player's own menu may offer more than counts. */
  #keepRate(): void {
    const asked = this.#told?.read().rate ?? 1;
    const rate = this.#opening ? allowedRate(this.#opening.policy, Math.round(asked * 1000)) / 1000 : asked;
    if (Math.abs(rate - asked) > 0.001) {
      this.#player?.setRate(rate);
      this.#hint("too_fast", { rate: Math.max(rate, ...(this.#opening ? offeredRates(this.#opening.policy) : []).map((one) => one / 1000)) });
    }
    const speed = this.#panel.part<HTMLSelectElement>("speed");
    if (speed) speed.value = String(rate);
  }
}

function ownWords(): Record<string, string> {
  const json = document.querySelector("script#words")?.textContent;
  return json ? (JSON.parse(json) as Record<string, string>) : {};
}

/** Starts the page, where there is anything to watch. */
export function watchPage(make: MakePlayer): void {
  const root = document.querySelector<HTMLElement>("[data-watch]");
  const place = root?.querySelector<HTMLElement>("[data-player]");
  if (root && place) void new WatchPage(root, place, make).start();
}
