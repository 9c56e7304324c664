/** The tracker keeps to the contract, and understands all that the contract lets a server say. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { queueIn } from "../src/queue.ts";
import { senderOf } from "../src/send.ts";
import { ticketFacts, type Answer, type Problem } from "../src/wire.ts";
import { afterAnswer, standingAtOpening, type OpeningStanding } from "../pages/standing.ts";
import { contractFiles, contractText, examples, faults, type Example } from "./conforms.ts";
import { answer, FakeEnv, fakeTicket } from "./fakes.ts";

interface BatchExample extends Example {
  body: unknown;
  padded_to_bytes?: number;
  given?: { duration_ms: number | null; max_rate: number; received_after_ms: number };
  expect: { status: number; code?: string; answer?: Partial<Answer> };
}
interface AnswerExample extends Example {
  body: Answer;
}
interface ProblemExample extends Example {
  status: number;
  headers: Record<string, string>;
  body: Problem & { status: number };
  tracker: "aside" | "closed" | "retry";
}
interface PlaybackExample extends Example {
  request: { method: string; path: string };
  status: number;
  body: OpeningStanding & { ticket?: string; playback?: string; code?: string };
}

const good = examples<BatchExample>("batches/good");
const bad = examples<BatchExample>("batches/bad");
const answers = examples<AnswerExample>("answers");
const problems = examples<ProblemExample>("problems");
const playbacks = examples<PlaybackExample>("playbacks");
const readme = contractText("README.md");

function asSent({ body, padded_to_bytes = 0 }: BatchExample): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return text + " ".repeat(Math.max(0, padded_to_bytes - Buffer.byteLength(text)));
}

/** What passes between servers alone. */
const NOT_OURS = /^callbacks\//;

it("every file of the contract that is about browsers is read here, is named like its example, and says why", () => {
  const read = ["README.md", "events.json"];
  const folders = { "batches/good": good, "batches/bad": bad, answers, problems, playbacks };
  for (const [folder, list] of Object.entries(folders)) {
    assert.ok(list.length > 3, `${folder} is all but empty`);
    for (const { name, why } of list) {
      assert.ok(why.length > 5, name);
      read.push(`${folder}/${name}.json`);
    }
  }
  assert.deepEqual(contractFiles().filter((file) => !NOT_OURS.test(file)), read.sort());
});

describe("a batch", () => {
  for (const example of good) it(`good: ${example.name}`, () => assert.deepEqual(faults(asSent(example)), []));
  for (const example of bad) it(`bad: ${example.name}`, () => assert.notDeepEqual(faults(asSent(example)), []));

  it("the examples show every end and every reason the rule can give for a claim by itself", () => {
    const text = JSON.stringify(good);
    for (const end of ENDS) assert.ok(text.includes(`"end":"${end}"`), end);
  });
});

const ENDS = [
  "beat", "pause", "seeking", "ended", "ratechange", "waiting", "hidden", "visible", "emptied", "pagehide", "loop", "muted", "pip", "stop",
];

describe("an answer", () => {
  for (const { name, body } of answers) {
    it(`${name} acknowledges the batch and is shown`, async () => {
      const { told, queue } = await sendOnce(body.seq, Response.json(body));
      assert.deepEqual([told, queue.pending], [["answered"], []]);
      assert.deepEqual(Object.keys(body).sort(), Object.keys(answer(0)).sort());
      const opening = playbacks.find((example) => example.name === "opened")?.body;
      const section = { t0: 0, t1: 1, m0: 40_000, m1: 50_000, rate: 1_000, visible: true, muted: false, pip: false, end: "beat" as const };
      const batch = { seq: body.seq, sent: 0, sections: Array(20).fill(section) as (typeof section)[], events: [] };
      const after = afterAnswer(standingAtOpening(opening as OpeningStanding), body, batch);
      assert.equal(after.covered_ms, body.covered_ms);
      assert.equal(Object.keys(after.refusals).length, new Set(body.refusals.map(({ reason }) => reason)).size);
      assert.equal(after.refused.length > 0, body.refusals.length > 0);
    });
  }

  it("every reason there is has its place in the page that explains the wire", () => {
    const reasons = [...new Set(answers.flatMap(({ body }) => body.refusals.map(({ reason }) => reason)))].sort();
    for (const word of [...reasons, ...ENDS]) assert.ok(readme.includes(`\`${word}\``), word);
  });
});

describe("a problem", () => {
  for (const { name, status, headers, body, tracker } of problems) {
    it(`${name}: ${tracker}`, async () => {
      const { told, queue, env } = await sendOnce(0, Response.json(body, { status, headers }));
      assert.deepEqual(told, [tracker]);
      assert.equal(queue.pending.length, tracker === "retry" ? 1 : 0);
      assert.ok(readme.includes(`\`${body.code}\``), `${body.code} is not explained`);
      assert.equal(body.status, status);
      const before_ms = Number(headers["Retry-After"] ?? 0) * 1_000 - 1;
      await env.pass(before_ms);
      assert.equal(env.requests.length, 1);
    });
  }
});

describe("an opening", () => {
  for (const { name, status, body, request } of playbacks) {
    it(name, () => {
      assert.equal(request.method, "POST");
      if (status >= 400) return assert.ok(body.code && !("ticket" in body) && !("media" in body));
      assert.equal(ticketFacts(body.ticket ?? "")?.playback, "p_bob");
      if (status !== 201) return;
      const standing = standingAtOpening(body);
      assert.equal(standing.coverage.reduce((sum, [start, end]) => sum + end - start, 0), body.covered_ms);
      assert.equal(standing.counted_ms, body.counted_ms);
    });
  }
});

/** Sends one batch under this number and gets this response; what the tracker made of it. */
async function sendOnce(seq: number, response: Response) {
  const env = new FakeEnv();
  env.respond = () => response;
  const head = { ticket: fakeTicket(), endpoint: "https://media.example/v1/batches", zero: 0, until: 9e15, seen: 0 };
  env.store.set("playhead/p_bob", JSON.stringify({ ...head, next_seq: seq }));
  const queue = queueIn(env.store, "p_bob", head);
  queue.add({ sent: 0, sections: [], events: [] }, 0);
  const told: string[] = [];
  const sender = senderOf(env, queue, {
    onAnswer: () => told.push("answered"),
    onAside: () => told.push("aside"),
    onClosed: () => told.push("closed"),
    onTrouble: () => told.push("retry"),
  });
  void sender.send();
  await env.pass(0);
  return { env, queue, told };
}
