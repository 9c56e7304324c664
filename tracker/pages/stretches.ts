/** Points at the stretches of a section map: by pointer, by touch, and by the arrow keys; what is there is told below. */

const KEYS: Record<string, (at: number, most: number) => number> = {
  ArrowRight: (at, most) => Math.min(at + 1, most),
  ArrowLeft: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_at, most) => most,
};

for (const map of document.querySelectorAll<HTMLElement>("[data-stretches]")) {
  const rects = [...map.querySelectorAll<SVGRectElement>(".map-stretches rect")];
  const readout = map.parentElement?.querySelector<HTMLElement>("[data-readout]");
  const start = readout?.textContent ?? "";

  const tell = (rect: Element | null): void => {
    for (const each of rects) each.toggleAttribute("data-pointed", each === rect);
    if (readout) readout.textContent = rect?.getAttribute("aria-label") ?? start;
  };

  for (const [at, rect] of rects.entries()) {
    // The browser's own tooltip would lie over what is told below.
    rect.querySelector("title")?.remove();
    rect.addEventListener("pointerenter", () => tell(rect));
    rect.addEventListener("pointerdown", () => tell(rect));
    rect.addEventListener("focus", () => {
      for (const each of rects) each.setAttribute("tabindex", each === rect ? "0" : "-1");
      tell(rect);
    });
    rect.addEventListener("keydown", (event) => {
      const next = rects[KEYS[event.key]?.(at, rects.length - 1) ?? -1];
      if (!next) return;
      event.preventDefault();
      next.focus();
    });
  }
  map.addEventListener("pointerleave", () => tell(rects.find((rect) => rect === document.activeElement) ?? null));
}

export {};
