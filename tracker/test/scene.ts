/** A tracker over a player and a page that are played by hand, and what all tests of it look at afterwards. */

import assert from "node:assert/strict";
import { afterEach } from "node:test";
import { trackWith, type Notice, type Options, type State, type Tracking } from "../src/tracker.ts";
import type { PlayerEvent, Section } from "../src/wire.ts";
import { faults } from "./conforms.ts";
import { fakeAdapter, FakeEnv, FakePlayer, fakeTicket } from "./fakes.ts";

export interface Scene {
  env: FakeEnv;
  player: FakePlayer;
  tracking: Tracking;
  notices: Notice[];
  states: State[];
}

export const ENDPOINT = "https://media.example/v1/batches";

/** Whatever happened in a test: all that was sent is what the contract calls a batch, and no time is claimed twice. */
export const seen = new Set<FakeEnv>();
afterEach(() => {
  for (const env of seen) {
    const bodies = env.requests.filter(({ url }) => url === ENDPOINT).map(({ body }) => body);
    assert.deepEqual(bodies.flatMap(faults), []);
    for (const { sections } of env.batches) {
      for (const [index, { t0 }] of (sections ?? []).entries()) assert.ok(t0 >= (sections[index - 1]?.t1 ?? 0));
    }
  }
  seen.clear();
});

export async function scene(env = new FakeEnv(), more: Partial<Options> = {}): Promise<Scene> {
  seen.add(env);
  const player = new FakePlayer(env);
  const [notices, states]: [Notice[], State[]] = [[], []];
  const options = {
    ticket: fakeTicket(), endpoint: ENDPOINT,
    onNotice: (notice: Notice) => void notices.push(notice), onState: (state: State) => void states.push(state), ...more,
  };
  const tracking = trackWith(fakeAdapter, player, options, env);
  await env.pass(1_000);
  return { env, player, tracking, notices, states };
}

export const sections = (env: FakeEnv): Section[] => env.batches.flatMap((batch) => batch.sections);
const events = (env: FakeEnv): PlayerEvent[] => env.batches.flatMap((batch) => batch.events);
export const types = (env: FakeEnv): string[] => events(env).map(({ type }) => type);

/** Each claimed section against what was shown, end by end; `beat` sections joined. */
export function worstEnd(env: FakeEnv, player: FakePlayer): number {
  const claimed: [number, number][] = [];
  for (const { m0, m1, end } of sections(env)) {
    const last = claimed.at(-1);
    if (last?.[1] === m0) last[1] = m1;
    else claimed.push([m0, m1]);
    assert.ok(end.length > 0);
  }
  const shown = player.truth.filter(([start, end]) => end > start);
  assert.equal(claimed.length, shown.length, JSON.stringify({ claimed, shown }));
  return Math.max(...claimed.flatMap(([start, end], i) => [start - (shown[i]?.[0] ?? NaN), end - (shown[i]?.[1] ?? NaN)].map(Math.abs)));
}
