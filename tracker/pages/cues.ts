/** WebVTT as this server writes it: chapters, and the storyboard's tiles. Pure. */

export interface Cue {
  start_ms: number;
  end_ms: number;
  text: string;
}

const TIMES = /^(\d+):(\d\d):(\d\d)\.(\d{3}) --> (\d+):(\d\d):(\d\d)\.(\d{3})$/;

export function cuesIn(vtt: string): Cue[] {
  return vtt.split(/\n\n+/).flatMap((block) => {
    const [times = "", ...lines] = block.trim().split("\n");
    const found = TIMES.exec(times)?.slice(1).map(Number);
    return found ? [{ start_ms: ms(found.slice(0, 4)), end_ms: ms(found.slice(4)), text: plain(lines.join(" ")) }] : [];
  });
}

export function cueAt(cues: readonly Cue[], at_ms: number): Cue | undefined {
  return cues.find(({ start_ms, end_ms }) => start_ms <= at_ms && at_ms < end_ms);
}

/** A picture of the storyboard: part of a page, in its pixels. */
export interface Tile {
  page: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export function tileOf({ text }: Cue): Tile | undefined {
  const [, page, ...box] = /^(.+)#xywh=(\d+),(\d+),(\d+),(\d+)$/.exec(text) ?? [];
  const [x = 0, y = 0, width = 0, height = 0] = box.map(Number);
  return page === undefined ? undefined : { page, x, y, width, height };
}

function ms([hours = 0, minutes = 0, seconds = 0, rest = 0]: number[]): number {
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest;
}

/** What the server writes for what WebVTT would read as markup. */
function plain(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
