/** What the contract says a batch is, checked by hand and strictly: the server's parser, as the tracker must imagine it. */

import { readdirSync, readFileSync } from "node:fs";

const CONTRACT = new URL("../../contract/", import.meta.url);

export interface Example {
  name: string;
  why: string;
  [member: string]: unknown;
}

interface FieldRule {
  name: string;
  type: "integer" | "text" | "boolean";
  required: boolean;
  minimum?: number;
  maximum?: number;
}

export function contractText(path: string): string {
  return readFileSync(new URL(path, CONTRACT), "utf8");
}

/** Every file of the contract, by path. */
export function contractFiles(): string[] {
  const found = readdirSync(CONTRACT, { recursive: true, withFileTypes: true });
  const root = CONTRACT.pathname;
  return found.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`.replace(root, "").replace(/^\//, "")).sort();
}

export function examples<E extends Example>(folder: string): E[] {
  const paths = contractFiles().filter((path) => path.startsWith(`${folder}/`));
  return paths.map((path) => JSON.parse(contractText(path)) as E);
}

const VOCABULARY = new Map(
  (JSON.parse(contractText("events.json")) as { name: string; fields: FieldRule[] }[]).map(({ name, fields }) => [name, fields]),
);
const EXACT = 2 ** 53;
const NUMBER: Omit<FieldRule, "name"> = { type: "integer", required: true, minimum: -EXACT, maximum: EXACT };
const NATURAL = { ...NUMBER, minimum: 0 };
const FLAG: Omit<FieldRule, "name"> = { type: "boolean", required: false };
const SECTION: FieldRule[] = [
  { name: "t0", ...NUMBER }, { name: "t1", ...NUMBER }, { name: "m0", ...NUMBER }, { name: "m1", ...NUMBER },
  { name: "rate", ...NATURAL, required: false },
  { name: "visible", ...FLAG }, { name: "muted", ...FLAG }, { name: "pip", ...FLAG },
  { name: "end", type: "text", required: false },
];
const ENDS = /^(beat|pause|seeking|ended|ratechange|waiting|hidden|visible|emptied|pagehide|loop|muted|pip|stop)$/;

/** What is wrong with a body as it travels; empty when nothing is. */
export function faults(body: string): string[] {
  if (Buffer.byteLength(body) > 65_536) return ["over 64 KiB"];
  let batch: unknown;
  try {
    batch = JSON.parse(body);
  } catch {
    return ["not JSON"];
  }
  if (!isObject(batch)) return ["no object"];
  const { sections, events, ...rest } = batch;
  return [
    ...fieldFaults("batch", rest, [{ name: "seq", ...NATURAL }, { name: "sent", ...NUMBER }]),
    ...listFaults("sections", sections, 200, sectionFaults),
    ...listFaults("events", events, 500, eventFaults),
  ];
}

function listFaults(name: string, list: unknown, most: number, check: (one: unknown) => string[]): string[] {
  if (!Array.isArray(list)) return [`${name} is no list`];
  return list.length > most ? [`over ${most} ${name}`] : list.flatMap(check);
}

function sectionFaults(section: unknown): string[] {
  if (!isObject(section)) return ["a section is no object"];
  const { end = "beat" } = section;
  return [...fieldFaults("section", section, SECTION), ...(ENDS.test(String(end)) ? [] : [`end ${String(end)}`])];
}

function eventFaults(event: unknown): string[] {
  if (!isObject(event)) return ["an event is no object"];
  const { type, ...rest } = event;
  const fields = typeof type === "string" ? VOCABULARY.get(type) : undefined;
  return fields ? fieldFaults(String(type), rest, fields) : [`no event ${String(type)}`];
}

function fieldFaults(what: string, given: Record<string, unknown>, rules: FieldRule[]): string[] {
  const unknown = Object.keys(given).filter((name) => !rules.some((rule) => rule.name === name));
  const missing = rules.filter(({ name, required }) => required && !(name in given));
  const wrong = rules.filter((rule) => rule.name in given && !fits(given[rule.name], rule));
  return [
    ...unknown.map((name) => `${what} has an unknown ${name}`),
    ...[...missing, ...wrong].map(({ name }) => `${what} has no right ${name}`),
  ];
}

function fits(value: unknown, { type, minimum = 0, maximum = 500 }: FieldRule): boolean {
  if (type === "boolean") return typeof value === "boolean";
  if (type === "text") return typeof value === "string" && [...value].length <= maximum;
  return Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
