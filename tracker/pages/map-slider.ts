/** Makes a section map the seek bar it looks like: click, and every key a slider has. */

import { clockText } from "./clock-text.ts";
import { layerAt, type MapSections } from "./section-map.ts";
import type { Words } from "./words.ts";

const STEP_MS = 5_000;

export interface SliderEvents {
  sections(): MapSections;
  position_ms(): number;
  seek(to_ms: number): void;
}

/** Returns a function to call when position or sections changed, which keeps the spoken value right. */
export function makeSlider(svg: SVGElement, words: Words, events: SliderEvents): () => void {
  svg.setAttribute("role", "slider");
  svg.setAttribute("tabindex", "0");
  svg.setAttribute("aria-valuemin", "0");
  svg.addEventListener("click", ({ clientX }) => {
    const { left, width } = svg.getBoundingClientRect();
    events.seek(Math.max(0, Math.min(1, (clientX - left) / width)) * events.sections().duration_ms);
  });
  svg.addEventListener("keydown", (event) => {
    const to_ms = target(event.key, events);
    if (to_ms === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    events.seek(Math.max(0, Math.min(to_ms, events.sections().duration_ms)));
  });
  return () => speak(svg, words, events);
}

function target(key: string, { sections, position_ms }: SliderEvents): number | undefined {
  const at_ms = position_ms();
  switch (key) {
    case "ArrowRight":
    case "ArrowUp":
      return at_ms + STEP_MS;
    case "ArrowLeft":
    case "ArrowDown":
      return at_ms - STEP_MS;
    case "PageUp":
      return edges(sections()).find((edge) => edge > at_ms + 1);
    case "PageDown":
      // A second of grace, so that the key pressed twice while playing goes on backwards.
      return edges(sections()).findLast((edge) => edge < at_ms - 1_000) ?? 0;
    case "Home":
      return 0;
    case "End":
      return sections().duration_ms;
    default:
      return undefined;
  }
}

/** Where watched and missed stretches meet, in order. */
function edges({ coverage, duration_ms }: MapSections): number[] {
  return [...new Set([0, ...coverage.flat(), duration_ms])].sort((a, b) => a - b);
}

function speak(svg: SVGElement, words: Words, { sections, position_ms }: SliderEvents): void {
  const map = sections();
  const at_ms = Math.min(position_ms(), map.duration_ms);
  const where = words.say("at", { position: clockText(at_ms), duration: clockText(map.duration_ms) });
  const covered = map.coverage.reduce((sum, [start, end]) => sum + end - start, 0);
  svg.setAttribute("aria-label", words.say("map", { covered: clockText(covered) }));
  svg.setAttribute("aria-valuemax", String(Math.round(map.duration_ms / 1000)));
  svg.setAttribute("aria-valuenow", String(Math.round(at_ms / 1000)));
  svg.setAttribute("aria-valuetext", `${where}, ${words.say(`layer_${layerAt(map, at_ms)}`)}`);
}
