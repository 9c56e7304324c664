/** "Are you still there?", above whatever fills the screen: a button that has the focus, and a minute to press it.
 *
 * Nothing is lost by being late: the video pauses instead of playing on uncounted, and the button makes it go on.
 */

import type { Word } from "./words.ts";

/** As long as the server waits (`PRESENCE_ANSWER_MS`), less the way there. */
const ANSWER_MS = 55_000;

export interface Asking {
  say(word: Word): string;
  answer(prompt: string): void;
  pause(): void;
  play(): void;
  /** It was brought to the top; whatever has to stay above it goes there now. */
  raised(): void;
}

export class Presence {
  #asking: Asking;
  #prompt = "";
  #box: HTMLElement | undefined;
  #before: Element | null = null;
  #late: ReturnType<typeof setTimeout> | undefined;
  #paused = false;

  constructor(asking: Asking) {
    this.#asking = asking;
  }

  /** Every answer of the server names the question that waits, and goes on doing so until it has heard. */
  ask(prompt: string | null | undefined): void {
    if (!prompt || prompt === this.#prompt) return;
    this.#prompt = prompt;
    this.#close();
    this.#show();
    this.#late = setTimeout(() => this.#tooLate(), ANSWER_MS);
  }

  #show(): void {
    const { say } = this.#asking;
    const [box, title, text, button] = ["div", "h2", "p", "button"].map((tag) => document.createElement(tag)) as [HTMLElement, HTMLElement, HTMLElement, HTMLElement];
    Object.assign(box, { className: "presence", id: "presence" });
    for (const [name, value] of Object.entries({ role: "alertdialog", popover: "manual", "aria-labelledby": "presence-title", "aria-describedby": "presence-text" })) {
      box.setAttribute(name, value);
    }
    Object.assign(title, { id: "presence-title", textContent: say("presence_title") });
    Object.assign(text, { id: "presence-text", textContent: say("presence_text") });
    Object.assign(button, { type: "button", textContent: say("presence_answer") });
    button.addEventListener("click", () => this.#answer());
    box.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.#answer();
    });
    box.append(title, text, button);
    document.body.append(box);
    this.#box = box;
    this.#before = document.activeElement;
    document.addEventListener("fullscreenchange", this.#raise);
    this.#raise();
    button.focus();
  }

  /** Above a picture that began to fill the screen meanwhile. */
  #raise = (): void => {
    const box = this.#box;
    if (box?.matches(":popover-open")) box.hidePopover();
    box?.showPopover?.();
    this.#asking.raised();
  };

  #answer(): void {
    this.#close();
    this.#asking.answer(this.#prompt);
    if (this.#paused) this.#asking.play();
    this.#paused = false;
  }

  #tooLate(): void {
    this.#paused = true;
    this.#asking.pause();
    const text = this.#box?.querySelector("p");
    if (text) text.textContent = this.#asking.say("presence_late");
  }

  #close(): void {
    clearTimeout(this.#late);
    document.removeEventListener("fullscreenchange", this.#raise);
    if (!this.#box) return;
    this.#box.remove();
    this.#box = undefined;
    if (this.#before instanceof HTMLElement) this.#before.focus({ preventScroll: true });
  }
}
