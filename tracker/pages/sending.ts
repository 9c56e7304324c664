/** What every upload of the library page shows, and how long it waits before it tries again. */

export const RETRY_MS = [0, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000, 30_000, 60_000, 60_000, 60_000];

export const csrf = (): string => document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";

/** A file on its way: its name, how far it is, and a button to stop it. */
export class Line {
  readonly element = document.createElement("li");
  #said = document.createElement("span");
  #bar = document.createElement("progress");
  #stop = document.createElement("button");

  constructor(name: string, stop: () => void) {
    const line = document.createElement("div");
    const title = document.createElement("strong");
    title.textContent = name;
    line.className = "line";
    this.#said.className = "small muted";
    this.#stop.type = "button";
    this.#stop.className = "secondary";
    this.#stop.textContent = "Stop";
    this.#stop.setAttribute("aria-label", `Stop ${name}`);
    this.#stop.addEventListener("click", stop);
    this.#bar.max = 100;
    this.#bar.value = 0;
    this.#bar.setAttribute("aria-label", `Upload of ${name}`);
    line.append(title, this.#said, this.#stop);
    this.element.append(line, this.#bar);
  }

  show(text: string, percent?: number): void {
    this.#said.textContent = text;
    if (percent !== undefined) this.#bar.value = percent;
  }

  end(text: string): void {
    this.show(text);
    this.#stop.remove();
    this.#bar.remove();
  }
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
