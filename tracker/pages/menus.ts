/** The menus that only some videos have: quality, captions, chapters. Each stays hidden where there is nothing to choose.
 *
 *   select[data-quality], select[data-captions], select[data-chapters], each in a hidden <label>
 */

import { clockText } from "./clock-text.ts";
import type { Cue } from "./cues.ts";
import type { Panel } from "./panel.ts";
import type { PagePlayer } from "./players/page-player.ts";
import type { Words } from "./words.ts";

export class Menus {
  #panel: Panel;
  #words: Words;
  #video: HTMLVideoElement | null;
  #player: PagePlayer | undefined;
  #seek: (to_ms: number) => void;

  constructor(panel: Panel, words: Words, place: HTMLElement, seek: (to_ms: number) => void) {
    this.#panel = panel;
    this.#words = words;
    this.#seek = seek;
    this.#video = place instanceof HTMLVideoElement ? place : null;
    this.#on("quality", (name) => this.#player?.quality?.choose(name));
    this.#on("captions", (language) => this.#showCaptions(language));
    this.#on("chapters", (start_ms) => this.#seek(Number(start_ms)));
    // Captions have a button of the browser's own, too.
    this.#video?.textTracks.addEventListener("change", () => this.#followCaptions());
  }

  fill(player: PagePlayer, chapters: readonly Cue[]): void {
    const { quality } = player;
    if (this.#player !== player) quality?.onChange(() => this.#showQuality());
    this.#player = player;
    this.#showQuality();
    const tracks = this.#tracks().map(({ language, label }): [string, string] => [language, label]);
    this.#offer("captions", tracks.length ? [["", this.#words.say("captions_off")], ...tracks] : []);
    this.#followCaptions();
    this.#offer("chapters", chapters.map(({ start_ms, text }) => [String(start_ms), `${clockText(start_ms)} ${text}`]));
  }

  /** Which chapter is playing. */
  at(position_ms: number): void {
    const menu = this.#menu("chapters");
    if (!menu || menu === document.activeElement) return;
    const now = [...menu.options].findLast(({ value }) => Number(value) <= position_ms);
    if (now && menu.value !== now.value) menu.value = now.value;
  }

  #menu(name: string): HTMLSelectElement | null {
    return this.#panel.part<HTMLSelectElement>(name);
  }

  #on(name: string, chosen: (value: string) => void): void {
    const menu = this.#menu(name);
    menu?.addEventListener("change", () => chosen(menu.value));
  }

  #offer(name: string, choices: (readonly [string, string])[]): void {
    const menu = this.#menu(name);
    menu?.replaceChildren(...choices.map(([value, text]) => new Option(text, value)));
    menu?.closest("label")?.toggleAttribute("hidden", choices.length === 0);
  }

  /** What there is to choose from is known once the playlist is read. */
  #showQuality(): void {
    const menu = this.#menu("quality");
    const { quality } = this.#player ?? {};
    const names = quality?.names() ?? [];
    const [auto, now] = [this.#words.say("quality_auto"), quality?.playing()];
    const first = now && !quality?.chosen() ? `${auto} (${now})` : auto;
    this.#offer("quality", names.length > 1 ? [["", first], ...names.map(twice)] : []);
    if (menu && quality && names.length > 1) menu.value = quality.chosen();
  }

  #tracks(): TextTrack[] {
    return [...(this.#video?.textTracks ?? [])].filter(({ kind }) => kind === "captions" || kind === "subtitles");
  }

  #showCaptions(language: string): void {
    for (const track of this.#tracks()) track.mode = track.language === language ? "showing" : "disabled";
  }

  #followCaptions(): void {
    const menu = this.#menu("captions");
    if (menu?.options.length) menu.value = this.#tracks().find(({ mode }) => mode === "showing")?.language ?? "";
  }
}

const twice = (name: string): [string, string] => [name, name];
