/** The library page: sends files straight to the provider that a teacher chose, as the ticket of that upload says.
 *
 *   [data-elsewhere]     the form; data-begin (where an upload is agreed on); below it are …/{key}/again/ and …/arrived/
 *   [data-upload-list]   a line for each file on its way; [data-upload-said] speaks of the whole
 */

import { Upload } from "tus-js-client";
import { csrf, Line, mebibytes, RETRY_MS } from "./sending.ts";

interface Ticket {
  way: "tus" | "pieces" | "form";
  url: string;
  fields: Record<string, string>;
  file_field: string;
  part_bytes: number;
}

interface Agreed {
  key: string;
  ticket: Ticket;
}

/** What cannot be helped by trying again. */
class Refused extends Error {}

/** How the provider's answer says no, where it says so in a good one. */
interface Said {
  error?: number | string | { message?: string };
  message?: string;
}

async function ask(address: string, told: Record<string, string>): Promise<Response> {
  const body = new FormData();
  for (const [name, value] of Object.entries(told)) body.append(name, value);
  const answer = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": csrf(), Accept: "application/json" } });
  if (answer.ok) return answer;
  const problem = (await answer.json().catch(() => ({}))) as { detail?: string };
  throw new Refused(problem.detail ?? "The server refused this upload.");
}

type Progress = (sent: number) => void;

function byTus(file: File, { url }: Ticket, onProgress: Progress, stop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(file, {
      uploadUrl: url,
      retryDelays: RETRY_MS,
      storeFingerprintForResuming: false,
      onProgress: (sent) => onProgress(sent),
      onError: reject,
      onSuccess: () => resolve(),
    });
    stop.addEventListener("abort", () => {
      void upload.abort();
      reject(new Refused("Stopped."));
    });
    upload.start();
  });
}

/** One request with a form, whose progress can be seen. */
function post(url: string, body: FormData, headers: Record<string, string>, onProgress: Progress, stop: AbortSignal): Promise<Said> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onerror = () => reject(new Error("The connection broke off."));
    request.onabort = () => reject(new Refused("Stopped."));
    request.onload = () => {
      const said = (request.response ?? {}) as Said;
      const error = said.error;
      const words = (typeof error === "object" ? error.message : said.message) ?? "";
      if (request.status >= 500) reject(new Error(words));
      else if (request.status >= 400 || error) reject(new Refused(words || "The provider refused the file."));
      else resolve(said);
    };
    stop.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

function form(ticket: Ticket, file: Blob, name: string): FormData {
  const body = new FormData();
  for (const [field, value] of Object.entries(ticket.fields)) body.append(field, value);
  body.append(ticket.file_field, file, name);
  return body;
}

/** Tries again after each cut, ever later; a refusal is final. */
async function stubborn<Result>(doing: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; ; tries++) {
    try {
      return await doing();
    } catch (error) {
      const wait = RETRY_MS[tries];
      if (error instanceof Refused || wait === undefined) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

async function byPieces(file: File, ticket: Ticket, renew: () => Promise<Ticket>, onProgress: Progress, stop: AbortSignal): Promise<void> {
  const upload = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const began = Date.now();
  let current = ticket;
  for (let first = 0; first < file.size; first += ticket.part_bytes) {
    const piece = file.slice(first, first + ticket.part_bytes);
    const headers = { "X-Unique-Upload-Id": upload, "Content-Range": `bytes ${first}-${first + piece.size - 1}/${file.size}` };
    // A signature is good for an hour: long uploads get a new one in time.
    if (Date.now() - began > 40 * 60_000 && current === ticket) current = await renew();
    await stubborn(() => post(current.url, form(current, piece, file.name), headers, (sent) => onProgress(first + sent), stop));
  }
}

/** A one-time address is used up by a cut, too: each further try asks for another. */
function byForm(file: File, ticket: Ticket, renew: () => Promise<Ticket>, onProgress: Progress, stop: AbortSignal): Promise<void> {
  let next: Promise<Ticket> | undefined = Promise.resolve(ticket);
  return stubborn(async () => {
    const mine = await (next ?? renew());
    next = undefined;
    await post(mine.url, form(mine, file, file.name), {}, onProgress, stop);
  });
}

async function send(file: File, begin: string, account: string, line: Line, stop: AbortSignal): Promise<void> {
  const title = file.name.replace(/\.[^.]+$/, "") || file.name;
  const told = { account, title: title.slice(0, 200), name: file.name, size_bytes: String(file.size) };
  const { key, ticket } = (await (await ask(begin, told)).json()) as Agreed;
  const about = new URL(`../${key}/`, new URL(begin, location.href)).href;
  const onProgress: Progress = (sent) => line.show(`${mebibytes(Math.min(sent, file.size))} of ${mebibytes(file.size)}`, (Math.min(sent, file.size) * 100) / file.size);
  const renew = async (): Promise<Ticket> => ((await (await ask(`${about}again/`, {})).json()) as Agreed).ticket;
  try {
    if (ticket.way === "tus") await byTus(file, ticket, onProgress, stop);
    else if (ticket.way === "pieces") await byPieces(file, ticket, renew, onProgress, stop);
    else await byForm(file, ticket, renew, onProgress, stop);
  } catch (error) {
    if (stop.aborted) await ask(new URL("../remove/", new URL(begin, location.href)).href, { remote: key });
    throw error;
  }
  await ask(`${about}arrived/`, {});
}

const panel = document.querySelector<HTMLFormElement>("[data-elsewhere]");
const list = panel?.querySelector<HTMLElement>("[data-upload-list]");
const said = panel?.querySelector<HTMLElement>("[data-upload-said]");
let underWay = 0;
let arrived = false;

function take(file: File, form: HTMLFormElement): void {
  const account = form.querySelector<HTMLSelectElement>("select")?.value ?? "";
  const stop = new AbortController();
  const line = new Line(file.name, () => stop.abort());
  list?.append(line.element);
  line.show("Begins");
  underWay += 1;
  send(file, form.dataset.begin ?? "", account, line, stop.signal)
    .then(
      () => {
        arrived = true;
        line.end("Arrived. Its provider is transcoding it now.");
        if (said) said.textContent = `${file.name} arrived.`;
      },
      (error: unknown) => line.end(error instanceof Error && error.message ? error.message : "The provider could not be reached."),
    )
    .finally(() => {
      underWay -= 1;
      if (!underWay && arrived && !document.querySelector(".uploads li progress")) setTimeout(() => location.reload(), 600);
    });
}

panel?.querySelector<HTMLInputElement>("input[type=file]")?.addEventListener("change", (event) => {
  const input = event.target as HTMLInputElement;
  for (const file of input.files ?? []) take(file, panel);
  input.value = "";
});
addEventListener("beforeunload", (event) => {
  if (underWay) event.preventDefault();
});
