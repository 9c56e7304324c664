/** What the watch page does with a player, whichever kind it is; what it knows of it, it is told as the tracker is. */

/** What the opening says; of an uploaded video also what lies beside it, "" where there is none. */
export interface Media {
  src: string;
  type: string;
  poster?: string;
  storyboard?: string;
  chapters?: string;
  captions?: { src: string; language: string; label: string }[];
  /** The best first, each by a playlist of its own. */
  qualities?: { name: string; src: string }[];
}

/** What there is to choose from, by name; "" leaves the choice to the player. */
export interface Quality {
  names(): string[];
  chosen(): string;
  /** What is on the screen now; "" where that cannot be known. */
  playing(): string;
  choose(name: string): void;
  onChange(hear: () => void): void;
}

export interface PagePlayer {
  /** What is tracked. */
  readonly target: unknown;
  /** Puts the video in again, by its new address where it has one. */
  reload(media: Media, at_ms: number): void;
  play(): void;
  seek(to_ms: number): void;
  setRate(rate: number): void;
  /** Where the viewer may choose. */
  readonly quality?: Quality;
}

/** Makes the player of one kind, in or of the element that the page keeps for it, to begin at a position. */
export type MakePlayer = (place: HTMLElement, media: Media, at_ms: number) => PagePlayer;

/** The page of another site inside ours. It is told where it is embedded: some play only where they may. */
export function frameIn(place: HTMLElement, src: string): HTMLIFrameElement {
  const frame = document.createElement("iframe");
  frame.title = place.getAttribute("aria-label") ?? "";
  frame.allow = "autoplay; fullscreen; picture-in-picture; encrypted-media";
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  frame.src = src;
  place.replaceChildren(frame);
  return frame;
}

export function withQuery(address: string, asked: Record<string, string>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  return url.href;
}

export const quietly = (promise: Promise<unknown> | undefined): void => void promise?.catch(() => undefined);
