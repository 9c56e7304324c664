/** The section map: one bar as wide as the video, exact to the pixel at any width.
 *
 * `layers` is pure: from intervals to the attributes of SVG rects, in percent of the duration. `SectionMap` puts them into
 * a page, with the markup of the server's own maps; where the server has drawn one, it is taken over and kept up to date.
 */

import { clockText } from "./clock-text.ts";
import { contains, intersect, minus, type Intervals } from "./intervals.ts";
import type { Words } from "./words.ts";

export interface MapSections {
  duration_ms: number;
  coverage: Intervals;
  again: Intervals;
  refused: Intervals;
}

export interface Layer {
  name: "watched" | "again" | "refused";
  /** A pattern of the page, as second signal beside the colour. */
  fill?: string;
  rects: { x: string; width: string; start_ms: number; end_ms: number }[];
}

export function layers({ duration_ms, coverage, again, refused }: MapSections): Layer[] {
  const rects = (set: Intervals): Layer["rects"] =>
    set.map(([start_ms, end_ms]) => ({
      x: percent(start_ms, duration_ms),
      width: percent(end_ms - start_ms, duration_ms),
      start_ms,
      end_ms,
    }));
  return [
    { name: "watched", rects: rects(coverage) },
    { name: "again", fill: "url(#map-dots)", rects: rects(intersect(again, coverage)) },
    { name: "refused", fill: "url(#map-hatch)", rects: rects(minus(refused, coverage)) },
  ];
}

/** Four decimals: a thousandth of a pixel on any screen. */
export function percent(part_ms: number, whole_ms: number): string {
  return `${((part_ms * 100) / whole_ms).toFixed(4)}%`;
}

const SVG = "http://www.w3.org/2000/svg";

export class SectionMap {
  readonly svg: SVGElement;
  #words: Words;
  #drawn = new Map<string, { group: SVGElement; is: string }>();
  #now: SVGElement;

  constructor(container: Element, words: Words) {
    this.#words = words;
    this.svg = container.querySelector<SVGElement>("svg.section-map")
      ?? append(container, "svg", { class: "section-map", width: "100%", height: "100%" });
    this.#now = this.svg.querySelector<SVGElement>(".map-now")
      ?? append(this.svg, "line", { class: "map-now", y1: "0", y2: "100%" });
    drawPatterns();
  }

  draw(sections: MapSections): void {
    for (const layer of layers(sections)) this.#drawLayer(layer);
  }

  now(position_ms: number, duration_ms: number): void {
    const x = percent(Math.min(position_ms, duration_ms), duration_ms);
    set(this.#now, { x1: x, x2: x });
  }

  /** Only what changed is drawn anew, so that a stretch under the pointer keeps its label. */
  #drawLayer({ name, fill, rects }: Layer): void {
    const is = JSON.stringify(rects);
    const drawn = this.#drawn.get(name);
    if (drawn?.is === is) return;
    const group = drawn?.group ?? this.#group(name);
    this.#drawn.set(name, { group, is });
    group.replaceChildren();
    for (const { x, width, start_ms, end_ms } of rects) {
      const rect = append(group, "rect", { x, width, y: "0", height: "100%", ...(fill && { fill }) });
      const [what, from, to] = [this.#words.say(`layer_${name}`), clockText(start_ms), clockText(end_ms)];
      append(rect, "title").textContent = this.#words.say("from_to", { what, from, to });
    }
  }

  #group(name: string): SVGElement {
    const known = this.svg.querySelector<SVGElement>(`g.map-${name}`);
    if (known) return known;
    const group = append(this.svg, "g", { class: `map-${name}` });
    this.svg.insertBefore(group, this.#now);
    return group;
  }
}

/** What is at a position, for the label of the map. */
export function layerAt({ coverage, again, refused }: MapSections, at_ms: number): Layer["name"] | "missed" {
  if (contains(coverage, at_ms)) return contains(again, at_ms) ? "again" : "watched";
  return contains(refused, at_ms) ? "refused" : "missed";
}

/** Once a page, unless the server has put them there. */
function drawPatterns(): void {
  if (document.getElementById("map-hatch")) return;
  const svg = append(document.body, "svg", { class: "section-map-patterns", width: "0", height: "0", "aria-hidden": "true" });
  const defs = append(svg, "defs");
  const size = { width: "6", height: "6" };
  const pattern = { ...size, patternUnits: "userSpaceOnUse" };
  const hatch = append(defs, "pattern", { id: "map-hatch", ...pattern, patternTransform: "rotate(45)" });
  append(hatch, "rect", { class: "map-hatch-ground", ...size });
  append(hatch, "rect", { class: "map-hatch-line", width: "2", height: "6" });
  const dots = append(defs, "pattern", { id: "map-dots", ...pattern });
  append(dots, "rect", { class: "map-again-ground", ...size });
  append(dots, "circle", { class: "map-again-dot", cx: "3", cy: "3", r: "1" });
}

function append(parent: Element, name: string, attributes: Record<string, string> = {}): SVGElement {
  const element = document.createElementNS(SVG, name) as SVGElement;
  set(element, attributes);
  parent.append(element);
  return element;
}

function set(element: Element, attributes: Record<string, string>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}
