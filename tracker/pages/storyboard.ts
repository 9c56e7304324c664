/** What is to be seen where the pointer or the keyboard is on the section map: picture, chapter and time, over the
 * video's lower edge. Their addresses hold the ticket, as all do. */

import { clockText } from "./clock-text.ts";
import { cueAt, cuesIn, tileOf, type Cue } from "./cues.ts";
import type { Media } from "./players/page-player.ts";

export interface Pointed {
  duration_ms(): number;
  position_ms(): number;
}

export class Storyboard {
  #box = document.createElement("div");
  #picture = document.createElement("div");
  #said = document.createElement("span");
  #tiles: Cue[] = [];
  #chapters: readonly Cue[] = [];
  #address = "";

  constructor(stage: Element, map: Element, pointed: Pointed) {
    this.#box.className = "board";
    this.#box.hidden = true;
    this.#box.setAttribute("aria-hidden", "true"); // the map itself says where it is
    this.#picture.className = "board-picture";
    this.#box.append(this.#picture, this.#said);
    stage.append(this.#box);
    map.addEventListener("pointermove", (event) => {
      const { left, width } = map.getBoundingClientRect();
      this.#show(((event as PointerEvent).clientX - left) / width, pointed.duration_ms());
    });
    for (const type of ["pointerleave", "focusout"]) map.addEventListener(type, () => (this.#box.hidden = true));
    map.addEventListener("keydown", () => setTimeout(() => this.#show(pointed.position_ms() / pointed.duration_ms(), pointed.duration_ms())));
  }

  /** Of a video that has none nothing is shown. */
  async load({ storyboard }: Media, chapters: readonly Cue[]): Promise<void> {
    this.#chapters = chapters;
    this.#address = storyboard ?? "";
    this.#tiles = storyboard ? await fetchCues(storyboard) : [];
  }

  #show(share: number, duration_ms: number): void {
    if (!this.#tiles.length && !this.#chapters.length) return;
    const at_ms = Math.max(0, Math.min(share, 1)) * duration_ms;
    this.#draw(Math.min(at_ms, duration_ms - 1));
    const chapter = cueAt(this.#chapters, at_ms)?.text;
    this.#said.textContent = chapter ? `${clockText(at_ms)} · ${chapter}` : clockText(at_ms);
    this.#box.hidden = false;
    const room = this.#box.parentElement?.clientWidth ?? 0;
    const { offsetWidth } = this.#box;
    this.#box.style.left = `${Math.max(0, Math.min(room * share - offsetWidth / 2, room - offsetWidth))}px`;
  }

  #draw(at_ms: number): void {
    const cue = cueAt(this.#tiles, at_ms);
    const tile = cue && tileOf(cue);
    this.#picture.hidden = !tile;
    if (!tile) return;
    const { page, x, y, width, height } = tile;
    const picture = `url("${new URL(page, new URL(this.#address, location.href)).href}")`;
    const { style } = this.#picture;
    if (style.backgroundImage !== picture) style.backgroundImage = picture;
    style.backgroundPosition = `${-x}px ${-y}px`;
    style.width = `${width}px`;
    style.height = `${height}px`;
  }
}

/** None where they cannot be had: the video plays without them. */
export async function fetchCues(address: string): Promise<Cue[]> {
  const answer = await fetch(address, { cache: "no-store" }).catch(() => null);
  return answer?.ok ? cuesIn(await answer.text()) : [];
}
