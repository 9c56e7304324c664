/** The library page: sends files piece by piece, going on after whatever happened, and shows how packaging goes.
 *
 *   [data-upload]        the panel; data-begin (where an upload is begun), data-part (bytes in a piece)
 *   [data-upload-list]   a line for each file on its way; [data-upload-said] speaks of the whole
 *   [data-states]        the list; rows [data-asset] with [data-words], progress[data-percent], and data-undecided
 */

import { Upload } from "tus-js-client";
import { csrf, Line, mebibytes, RETRY_MS } from "./sending.ts";

const LOOK_MS = 1_500;

/** What the server said no to with, in its own words. */
function words(error: Error): string {
  const body = "originalResponse" in error ? (error.originalResponse as { getBody(): string } | null)?.getBody() : "";
  try {
    return (JSON.parse(body ?? "") as { detail: string }).detail;
  } catch {
    return navigator.onLine ? "The server could not be reached. Choose the file again to go on." : "You are offline.";
  }
}

function send(file: File, panel: HTMLElement, list: HTMLElement, said: HTMLElement | null): void {
  const line = new Line(file.name, () => void upload.abort(true).then(() => line.end("Stopped; nothing of it was kept.")));
  const upload = new Upload(file, {
    endpoint: panel.dataset.begin ?? "",
    chunkSize: Number(panel.dataset.part),
    retryDelays: RETRY_MS,
    removeFingerprintOnSuccess: true,
    metadata: { filename: file.name },
    headers: { "X-CSRFToken": csrf() },
    onProgress: (sent, all) => line.show(`${mebibytes(sent)} of ${mebibytes(all)}`, all ? (sent * 100) / all : 0),
    onError: (error) => line.end(words(error)),
    onSuccess: () => {
      line.end("Arrived. It is packaged now.");
      if (said) said.textContent = `${file.name} arrived.`;
      setTimeout(() => location.reload(), 600);
    },
  });
  list.append(line.element);
  line.show("Begins");
  // What an earlier page began with the same file goes on.
  void upload.findPreviousUploads().then((earlier) => {
    const first = earlier[0];
    if (first) upload.resumeFromPreviousUpload(first);
    upload.start();
  });
}

function takeFiles(panel: HTMLElement): void {
  const list = panel.querySelector<HTMLElement>("[data-upload-list]");
  const input = panel.querySelector<HTMLInputElement>("input[type=file]");
  const drop = panel.querySelector<HTMLElement>(".drop");
  const said = panel.querySelector<HTMLElement>("[data-upload-said]");
  if (!list || !input || !drop) return;
  const take = (files: FileList | null | undefined): void => {
    for (const file of files ?? []) send(file, panel, list, said);
  };
  input.addEventListener("change", () => {
    take(input.files);
    input.value = "";
  });
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    take(event.dataTransfer?.files);
  });
}

interface Standing {
  state: string;
  words: string;
  percent: number | null;
  undecided: boolean;
}

/** Looks while anything may still change; what is decided reads best on a fresh page, unless somebody is uploading. */
function followStates(section: HTMLElement): void {
  const look = async (): Promise<void> => {
    const rows = [...section.querySelectorAll<HTMLElement>("[data-undecided]")];
    if (!rows.length) return;
    const answer = await fetch(section.dataset.states ?? "", { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok) {
      const told = (await answer.json()) as Record<string, Standing>;
      for (const row of rows) show(row, told[row.dataset.asset ?? ""]);
    }
    setTimeout(() => void look(), LOOK_MS);
  };
  void look();
}

function show(row: HTMLElement, standing: Standing | undefined): void {
  if (!standing) return;
  const said = row.querySelector("[data-words]");
  const bar = row.querySelector<HTMLProgressElement>("progress");
  if (said) said.textContent = standing.percent === null ? standing.words : `${standing.words}: ${standing.percent} %`;
  if (bar && standing.percent !== null) bar.value = standing.percent;
  row.dataset.state = standing.state;
  if (standing.undecided) return;
  bar?.remove();
  delete row.dataset.undecided;
  if (!document.querySelector(".uploads li progress")) location.reload();
}

const panel = document.querySelector<HTMLElement>("[data-upload]");
if (panel) takeFiles(panel);
for (const section of document.querySelectorAll<HTMLElement>("[data-states]")) followStates(section);
