/** What the page tells its viewer in between, one line for each thing, gone when it is over. */

export interface NoticeButton {
  label: string;
  press(): void;
}

export class Notices {
  #place: Element | null;
  #shown = new Map<string, HTMLElement>();

  constructor(place: Element | null) {
    this.#place = place;
  }

  show(code: string, text: string, button?: NoticeButton): void {
    this.hide(code);
    const line = document.createElement("p");
    line.className = "notice";
    line.dataset.notice = code;
    line.append(text);
    if (button) line.append(" ", this.#button(code, button));
    this.#shown.set(code, line);
    this.#place?.append(line);
  }

  hide(...codes: string[]): void {
    for (const code of codes) {
      this.#shown.get(code)?.remove();
      this.#shown.delete(code);
    }
  }

  #button(code: string, { label, press }: NoticeButton): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => {
      this.hide(code);
      press();
    });
    return button;
  }
}
