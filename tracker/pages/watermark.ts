/** The viewer's id and the time over the picture, somewhere else every few seconds, in fullscreen too.
 *
 * It deters and traces; it prevents nothing. It lies in the browser's top layer, above whatever fills the screen, inside
 * a closed shadow tree, and looks after itself: what removes, hides or covers it is noticed within a second, playing is
 * paused, and the server is told. Who runs a changed script or films the screen is beyond it.
 */

export type Tampering = "removed" | "hidden" | "covered" | "changed" | "picture-in-picture";

export interface Marked {
  /** What is marked: the place of the picture on the page. */
  stage: HTMLElement;
  text(): string;
  tampered(how: Tampering): void;
}

const LOOK_MS = 250;
const MOVE_MS = 7_000;
/** Of the picture's height, at the bottom: where players have their controls. */
const CONTROLS = 0.14;
/** So often in a row before a cover is believed in: a page that is drawn anew takes a moment. */
const COVERED_LOOKS = 2;

const HOST_STYLE = {
  position: "fixed", inset: "auto", margin: "0", padding: "0", border: "0", background: "transparent", overflow: "visible",
  width: "max-content", height: "max-content", pointerEvents: "none", zIndex: "2147483647", opacity: "1",
};
const LABEL_STYLE = {
  display: "block", font: "600 15px/1.2 system-ui, sans-serif", color: "rgba(255, 255, 255, 0.62)", whiteSpace: "pre",
  forcedColorAdjust: "none",
  textShadow: "0 0 2px rgba(0, 0, 0, 0.85), 0 0 4px rgba(0, 0, 0, 0.6)",
};
/** What the computed style of an untouched mark says, whatever the page. */
const UNTOUCHED = { visibility: "visible", opacity: "1", filter: "none", clipPath: "none", transform: "none", mixBlendMode: "normal" };

interface SeenEntry extends IntersectionObserverEntry {
  readonly isVisible?: boolean;
}

export class Watermark {
  #marked: Marked;
  #host = document.createElement("div");
  #label = document.createElement("span");
  #place = { across: 0.1, down: 0.1 };
  #movedAt = -Infinity;
  #covered = 0;
  #ends: (() => void)[] = [];
  #timer: number;

  constructor(marked: Marked) {
    this.#marked = marked;
    this.#make();
    this.#listen();
    this.#timer = window.setInterval(this.#look, LOOK_MS);
    this.#look();
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    this.#ends.forEach((end) => end());
    this.#host.remove();
  }

  #make(): void {
    this.#host.remove();
    this.#host = document.createElement("div");
    this.#label = document.createElement("span");
    this.#host.popover = "manual";
    this.#host.setAttribute("aria-hidden", "true");
    Object.assign(this.#host.style, HOST_STYLE);
    Object.assign(this.#label.style, LABEL_STYLE);
    this.#host.attachShadow({ mode: "closed" }).append(this.#label);
    document.body.append(this.#host);
    this.raise();
    this.#seen?.observe(this.#host);
    this.#changes.observe(this.#host, { attributes: true });
    this.#believe();
    this.#draw();
  }

  /** What was told of the mark before it was put where it is now says nothing; what is true of it comes a moment later. */
  #believe(): void {
    this.#visible = true;
    this.#covered = -COVERED_LOOKS;
  }

  /** Above whatever came into the top layer since, such as a picture that fills the screen. */
  raise = (): void => {
    if (typeof this.#host.showPopover !== "function") return;
    if (this.#host.matches(":popover-open")) this.#host.hidePopover();
    this.#host.showPopover();
  };

  #listen(): void {
    const onFullscreen = (): void => {
      this.raise();
      this.#believe();
      this.#movedAt = -Infinity;
      this.#draw();
    };
    const onPicture = (): void => {
      void document.exitPictureInPicture().catch(() => undefined);
      this.#marked.tampered("picture-in-picture");
    };
    const listen = (target: EventTarget, type: string, listener: () => void): void => {
      target.addEventListener(type, listener, true);
      this.#ends.push(() => target.removeEventListener(type, listener, true));
    };
    listen(document, "fullscreenchange", onFullscreen);
    listen(document, "enterpictureinpicture", onPicture);
    listen(window, "scroll", this.#draw);
    listen(window, "resize", this.#draw);
    this.#changes.observe(document.body, { childList: true });
    this.#ends.push(() => this.#changes.disconnect(), () => this.#seen?.disconnect());
  }

  /** Soon, and never at once: putting the mark back is a change, too, and whoever hides it again must not stop the page. */
  #changes = new MutationObserver(() => {
    this.#soon ??= window.setTimeout(() => {
      this.#soon = undefined;
      this.#look();
    }, LOOK_MS / 2);
  });
  #soon: number | undefined;

  /** Where the browser tells whether anything lies over an element, that is believed; a cover may let clicks through. */
  #seen = "IntersectionObserverEntry" in window && "isVisible" in IntersectionObserverEntry.prototype
    ? new IntersectionObserver((entries) => this.#hear(entries.at(-1)), { trackVisibility: true, delay: 100 } as IntersectionObserverInit)
    : undefined;
  #visible = true;

  #hear(entry: SeenEntry | undefined): void {
    if (entry?.target === this.#host) this.#visible = entry.isVisible ?? true;
  }

  // --- Drawing.

  #draw = (): void => {
    const now = performance.now();
    if (now - this.#movedAt > MOVE_MS) {
      this.#movedAt = now;
      this.#place = { across: Math.random(), down: Math.random() };
    }
    const text = this.#marked.text();
    if (this.#label.textContent !== text) this.#label.textContent = text;
    const { left, top } = this.#corner();
    const { style } = this.#host;
    if (style.left !== left) style.left = left;
    if (style.top !== top) style.top = top;
  };

  /** Inside what is to be seen of the picture. */
  #corner(): { left: string; top: string } {
    const picture = this.#picture();
    const { offsetWidth: wide, offsetHeight: high } = this.#host;
    const left = picture.left + Math.max(0, picture.width - wide) * this.#place.across;
    const top = picture.top + Math.max(0, picture.height * (1 - CONTROLS) - high) * this.#place.down;
    return { left: `${Math.round(left)}px`, top: `${Math.round(top)}px` };
  }

  #picture(): DOMRect {
    const { stage } = this.#marked;
    const whole = document.fullscreenElement;
    const shown = whole && (whole.contains(stage) || stage.contains(whole)) ? whole : stage;
    const { left, top, right, bottom } = shown.getBoundingClientRect();
    const [x, y] = [Math.max(left, 0), Math.max(top, 0)];
    return new DOMRect(x, y, Math.max(0, Math.min(right, innerWidth) - x), Math.max(0, Math.min(bottom, innerHeight) - y));
  }

  // --- Looking after itself.

  #look = (): void => {
    if (document.hidden) return;
    const how = this.#tampering();
    if (how) {
      this.#make();
      this.#marked.tampered(how);
    }
    this.#draw();
  };

  #tampering(): Tampering | undefined {
    if (!this.#host.isConnected || this.#host.parentNode !== document.body) return "removed";
    if (this.#isHidden(this.#host, UNTOUCHED) || this.#isHidden(this.#label, { visibility: "visible", opacity: "1" })) return "hidden";
    if (this.#isMoved()) return "changed";
    this.#covered = this.#isCovered() ? this.#covered + 1 : 0;
    return this.#covered >= COVERED_LOOKS ? "covered" : undefined;
  }

  #isHidden(element: HTMLElement, untouched: Record<string, string>): boolean {
    if (element === this.#host && typeof this.#host.showPopover === "function" && !this.#host.matches(":popover-open")) return true;
    const style = getComputedStyle(element) as unknown as Record<string, string>;
    if (style["display"] === "none") return true;
    return Object.entries(untouched).some(([name, value]) => style[name] !== value);
  }

  #isMoved(): boolean {
    const { left, top, width, height } = this.#host.getBoundingClientRect();
    const { style } = this.#host;
    const away = Math.abs(left - parseFloat(style.left)) + Math.abs(top - parseFloat(style.top));
    const colour = getComputedStyle(this.#label).color;
    return away > 4 || width < 20 || height < 8 || colour !== LABEL_STYLE.color || !this.#label.textContent;
  }

  /** Asked of the browser, and of whatever would take a click at three places of it. */
  #isCovered(): boolean {
    const picture = this.#picture();
    if (picture.width < this.#host.offsetWidth || picture.height < 2 * this.#host.offsetHeight) return false;
    // While a picture fills the screen, Chromium answers the question for a place with the picture, whatever is above it.
    return !this.#visible || (!document.fullscreenElement && this.#isUnderSomething());
  }

  #isUnderSomething(): boolean {
    const { left, top, width, height } = this.#host.getBoundingClientRect();
    this.#host.style.pointerEvents = "auto";
    const taken = [0.1, 0.5, 0.9].some((share) => {
      const [x, y] = [left + width * share, top + height / 2];
      const over = x < innerWidth && y < innerHeight ? document.elementFromPoint(x, y) : this.#host;
      return over !== this.#host;
    });
    this.#host.style.pointerEvents = "none";
    this.#changes.takeRecords();
    return taken;
  }
}
