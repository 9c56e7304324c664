/** Keeps the page of who is where now up to date, from the server's events. Without it the page stays as it was loaded. */

import { clockText } from "./clock-text.ts";

interface Known {
  names: Record<string, string>;
  durations: Record<string, number | null>;
}

interface Told {
  now: number;
  here: [student: string, video: string, position_ms: number, told_at: number][];
  gone: [student: string, video: string][];
}

interface Place {
  student: string;
  video: string;
  position_ms: number;
  told_at: number;
}

const COLUMNS = 60;
const SILENT_MS = 15_000;

const root = document.querySelector<HTMLElement>("[data-live]");
const known = JSON.parse(document.getElementById("live-known")?.textContent ?? "null") as Known | null;
if (root && known) follow(root, known);

function follow(page: HTMLElement, { names, durations }: Known): void {
  const places = new Map<string, Place>();
  const state = page.querySelector<HTMLElement>("[data-live-state]");
  const nobody = document.querySelector("template[data-nobody]")?.innerHTML ?? "";
  const source = new EventSource(page.dataset["live"] ?? "");

  const take = (event: MessageEvent<string>, anew: boolean): void => {
    const told = JSON.parse(event.data) as Told;
    if (anew) places.clear();
    for (const [student, video] of told.gone) places.delete(`${student} ${video}`);
    for (const [student, video, position_ms, told_at] of told.here) {
      places.set(`${student} ${video}`, { student, video, position_ms, told_at });
    }
    for (const section of page.querySelectorAll<HTMLElement>("[data-video]")) {
      const video = section.dataset["video"] ?? "";
      const there = [...places.values()].filter((place) => place.video === video);
      show(section, there, told.now, names, durations[video] ?? null, nobody);
    }
    if (state) state.textContent = (state.dataset["wordsLive"] ?? "{n}").replace("{n}", String(new Set([...places.values()].map((place) => place.student)).size));
  };
  source.addEventListener("all", (event) => take(event, true));
  source.addEventListener("some", (event) => take(event, false));
  source.addEventListener("error", () => {
    if (state) state.textContent = state.dataset["wordsLost"] ?? "";
  });
  addEventListener("pagehide", () => source.close());
}

function show(
  section: HTMLElement,
  there: Place[],
  now: number,
  names: Record<string, string>,
  duration_ms: number | null,
  nobody: string,
): void {
  const count = section.querySelector("[data-count]");
  if (count) count.textContent = String(there.length);
  const list = section.querySelector("[data-here]");
  there.sort((one, other) => one.position_ms - other.position_ms);
  list?.replaceChildren(...(there.length ? there.map((place) => item(place, now, names)) : [empty(nobody)]));
  const bar = section.querySelector("[data-bar]");
  if (bar && duration_ms) bar.replaceChildren(columns(there, duration_ms));
}

function item({ student, position_ms, told_at }: Place, now: number, names: Record<string, string>): HTMLLIElement {
  const line = document.createElement("li");
  const at = document.createElement("strong");
  at.textContent = clockText(position_ms);
  line.append(`${names[student] ?? ""} `, at);
  if (now - told_at > SILENT_MS) line.className = "muted";
  return line;
}

function empty(nobody: string): HTMLLIElement {
  const line = document.createElement("li");
  line.className = "muted";
  line.textContent = nobody;
  return line;
}

/** A column for each part of the video, as high as many are in it. */
function columns(there: Place[], duration_ms: number): SVGSVGElement {
  const counts = new Array<number>(COLUMNS).fill(0);
  for (const { position_ms } of there) {
    const column = Math.min(COLUMNS - 1, Math.floor((position_ms / duration_ms) * COLUMNS));
    counts[column] = (counts[column] ?? 0) + 1;
  }
  const most = Math.max(1, ...counts);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "section-map class-map");
  svg.setAttribute("width", "100%");
  svg.setAttribute("height", "100%");
  svg.setAttribute("viewBox", `0 0 ${COLUMNS} 100`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  counts.forEach((number, column) => {
    if (!number) return;
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const height = (100 * number) / most;
    const sizes = { x: column + 0.1, y: 100 - height, width: 0.8, height };
    for (const [name, value] of Object.entries(sizes)) rect.setAttribute(name, String(value));
    rect.setAttribute("class", "class-watched");
    svg.append(rect);
  });
  return svg;
}
