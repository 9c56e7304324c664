/** `POST /v1/playbacks`: what the watch page needs from the server to start. */

import type { Media } from "./players/page-player.ts";
import { json, problemIn } from "../src/send.ts";
import type { Problem } from "../src/wire.ts";
import type { Asked } from "./asked.ts";
import type { OpeningStanding } from "./standing.ts";
import type { Policy } from "./viewing-rules.ts";

export interface Opening extends OpeningStanding {
  playback: string;
  ticket: string;
  expires_at_s: number;
  opened_at: number;
  server_time: number;
  video: { key: string; title: string; duration_ms: number | null };
  media: Media;
  policy: Policy;
  /** Who watches, as the mark over the picture has it. */
  viewer?: { name: string; id: string };
  resume_ms: number;
  evidence: string;
}

/** Why there is no opening; status 0 when the server could not be reached. */
export interface NotOpened extends Problem {
  status: number;
}

export async function openPlayback(url: string, asked: Asked): Promise<Opening | NotOpened> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
      body: JSON.stringify(asked),
      cache: "no-store",
    });
    return response.status === 201 ? ((await response.json()) as Opening) : { status: response.status, ...problemIn(await json(response)) };
  } catch {
    return { status: 0, code: "", detail: "" };
  }
}

/** Where to begin, in ms: where the address asks for it (`#t=75`) and one may go anywhere, else where one stopped. */
export function beginAt({ policy, resume_ms }: Pick<Opening, "policy" | "resume_ms">, hash: string): number {
  const asked_s = /^#t=(\d{1,5})$/.exec(hash)?.[1];
  return asked_s === undefined || (policy.seeking ?? "free") !== "free" ? resume_ms : Number(asked_s) * 1000;
}

function csrfToken(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]');
  return meta?.content ?? /(?:^|; )csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? "";
}
