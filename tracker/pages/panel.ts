/** What the watch page shows beside the player: progress, what was not counted, what is saved, the section map. */

import type { State } from "../src/tracker.ts";
import { clockText } from "./clock-text.ts";
import { SectionMap, type MapSections } from "./section-map.ts";
import type { Standing } from "./standing.ts";
import type { Words } from "./words.ts";

export class Panel {
  readonly map: SectionMap | null;
  #root: HTMLElement;
  #words: Words;

  constructor(root: HTMLElement, words: Words) {
    this.#root = root;
    this.#words = words;
    const place = this.part("map");
    this.map = place && new SectionMap(place, words);
  }

  part<E extends HTMLElement = HTMLElement>(name: string): E | null {
    return this.#root.querySelector<E>(`[data-${name}]`);
  }

  showStanding(standing: Standing, sections: MapSections): void {
    this.#root.dataset.coveredMs = String(standing.covered_ms);
    this.#root.dataset.watchedMs = String(standing.watched_ms);
    this.#showProgress(standing);
    this.#showRefusals(standing.refusals);
    this.part("completed")?.toggleAttribute("hidden", !standing.completed);
    this.map?.draw(sections);
  }

  showSaved({ saved, pending }: State): void {
    this.#write("saved", this.#words.say(saved));
    this.part("saved")?.setAttribute("data-state", saved);
    this.#root.dataset.pending = String(pending);
  }

  showAsOf(epoch_ms: number): void {
    const asOf = this.part<HTMLTimeElement>("as-of");
    if (!asOf) return;
    const received = new Date(epoch_ms);
    asOf.dateTime = received.toISOString();
    asOf.textContent = received.toLocaleTimeString(document.documentElement.lang || [], { hour12: false });
  }

  showNextMissing(start_ms: number | undefined): void {
    this.part("next-missing")?.toggleAttribute("disabled", start_ms === undefined);
    this.#write("next-missing-time", start_ms === undefined ? "" : clockText(start_ms));
  }

  #write(name: string, text: string): void {
    const part = this.part(name);
    if (part && part.textContent !== text) part.textContent = text;
  }

  #showProgress({ counted_ms, covered_ms, needed_ms, progress }: Standing): void {
    const [counted, needed] = [clockText(Math.min(counted_ms, needed_ms ?? 0)), clockText(needed_ms ?? 0)];
    const word = needed_ms === null ? "watched" : "needed";
    this.#write("progress-text", this.#words.say(word, { counted, needed, covered: clockText(covered_ms) }));
    const percent = progress === null ? this.#words.say("unknown") : this.#words.say("percent", { number: progress });
    this.#write("progress-percent", percent);
    const bar = this.part<HTMLProgressElement>("progress-bar");
    if (!bar) return;
    bar.hidden = needed_ms === null;
    bar.max = needed_ms || 1;
    bar.value = counted_ms;
  }

  #showRefusals(refusals: Record<string, number>): void {
    const largestFirst = Object.entries(refusals).sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
    this.part("refusals")?.toggleAttribute("hidden", largestFirst.length === 0);
    this.part("refusals-list")?.replaceChildren(...largestFirst.map(([reason, ms]) => this.#refusal(reason, ms)));
  }

  #refusal(reason: string, ms: number): HTMLLIElement {
    const [item, amount] = [document.createElement("li"), document.createElement("strong")];
    item.dataset.reason = reason;
    amount.textContent = clockText(ms);
    item.append(amount, ` ${this.#words.reason(reason)}`);
    return item;
  }
}
