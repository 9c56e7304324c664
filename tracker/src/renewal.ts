/** A ticket is renewed at half of its life, while the old one still proves who asks. */

import type { Env } from "./env.ts";
import { json, post, problemIn } from "./send.ts";
import { ticketFacts } from "./wire.ts";

const RETRY_MS = 300_000;

/** Keeps renewing at `url` until the function returned is called; a ticket the server will not renew is left to end.
 *
 * Life is counted from now and not by the clock of the machine, which may be wrong.
 */
export function keepRenewed(env: Env, url: string, ticket: string, onTicket: (ticket: string) => void): () => void {
  let cancel = (): void => undefined;
  const waitHalf = (held: string): void => {
    const facts = ticketFacts(held);
    if (facts) cancel = env.later(() => void renew(held), ((facts.expires_at_s - facts.issued_at_s) * 1000) / 2);
  };
  const renew = async (held: string): Promise<void> => {
    const answer = await ask(env, url, held);
    if (answer === "refused") return;
    if (answer === "failed") {
      cancel = env.later(() => void renew(held), RETRY_MS);
      return;
    }
    onTicket(answer.ticket);
    waitHalf(answer.ticket);
  };
  waitHalf(ticket);
  return () => cancel();
}

async function ask(env: Env, url: string, ticket: string): Promise<{ ticket: string } | "refused" | "failed"> {
  const response = await post(env, url, ticket);
  if (response && !response.ok) return (await problemIn(response)).code ? "refused" : "failed";
  const answer = (response && await json(response)) as { ticket: string } | undefined | null;
  return answer && ticketFacts(answer.ticket) ? answer : "failed";
}
