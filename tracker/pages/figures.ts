/** Draws the figures of a page with Plotly, from the JSON the server put beside each, in the page's own colours.
 *
 * Without this script or without Plotly the tables stay, which say the same.
 */

interface Figure {
  data: unknown[];
  layout: Record<string, unknown>;
}

interface Plotly {
  react(element: HTMLElement, data: unknown[], layout: unknown, config: unknown): Promise<unknown>;
}

/** The colours of `analytics/figures.py`, and the names under which the stylesheet knows them, in light and in dark. */
const NAMES: Record<string, string> = {
  "#2f7fcb": "--watched",
  "#0c3e73": "--again-ground",
  "#bb5309": "--refused-line",
  "#7a818b": "--muted",
  "#9aa1aa": "--untouched",
};

const NARROW_PX = 480;
const CONFIG = { displayModeBar: false, responsive: true, doubleClick: false };

declare const Plotly: Plotly | undefined;

function coloured(value: unknown, colours: Map<string, string>): unknown {
  if (typeof value === "string") return colours.get(value) ?? value;
  if (Array.isArray(value)) return value.map((each) => coloured(each, colours));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, coloured(each, colours)]));
}

/** On a phone every third mark of a time axis: more would stand on end. */
function fewerTicks({ layout }: Figure): void {
  const axis = layout["xaxis"] as { tickvals?: unknown[]; ticktext?: unknown[] } | undefined;
  if (!axis?.tickvals || !axis.ticktext) return;
  axis.tickvals = axis.tickvals.filter((_each, at) => at % 3 === 0);
  axis.ticktext = axis.ticktext.filter((_each, at) => at % 3 === 0);
}

function coloursNow(): Map<string, string> {
  const style = getComputedStyle(document.documentElement);
  return new Map(Object.entries(NAMES).map(([colour, name]) => [colour, style.getPropertyValue(name).trim() || colour]));
}

async function drawAll(plotly: Plotly): Promise<void> {
  const colours = coloursNow();
  for (const element of document.querySelectorAll<HTMLElement>("[data-figure]")) {
    const source = document.getElementById(element.dataset["figure"] ?? "");
    if (!source?.textContent) continue;
    const figure = coloured(JSON.parse(source.textContent), colours) as Figure;
    if (element.clientWidth < NARROW_PX) fewerTicks(figure);
    // Plotly makes its own room; the page has made room already, so that nothing jumps.
    const layout = { ...figure.layout, height: element.clientHeight, autosize: true };
    await plotly.react(element, figure.data, layout, CONFIG);
    element.dataset["drawn"] = "";
    // Between two figures the page may answer: a phone takes its time for each.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

if (typeof Plotly !== "undefined") {
  const plotly = Plotly;
  void drawAll(plotly);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => void drawAll(plotly));
}

export {};
