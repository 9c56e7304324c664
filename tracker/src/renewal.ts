/** A ticket is renewed at half of its life, while the old one still proves who asks. */

import type { Env } from "./env.ts";
import { json, post, problemIn } from "./send.ts";
import { ticketFacts, type TicketFacts } from "./wire.ts";

const RETRY_MS = 300_000;

/** Keeps renewing at `url` until the function returned is called; a ticket the server will not renew is left to end.
 *
 * Life is counted from now and not by the clock of the machine, which may be wrong.
 */
export function keepRenewed(
  env: Env, url: string, ticket: string, { life_ms }: TicketFacts, onTicket: (ticket: string, until: number) => void,
): () => void {
  let cancel: () => void;
  const renewIn = (ms: number): void => void (cancel = env.later(() => void renew(), ms));
  const renew = async (): Promise<void> => {
    const response = await post(env, url, ticket, "same-origin");
    const answer = await json(response);
    const next = String((answer as { ticket?: unknown } | null | undefined)?.ticket);
    const facts = response?.ok && ticketFacts(next);
    if (facts) {
      ticket = next;
      onTicket(ticket, facts.until);
      renewIn(facts.life_ms / 2);
    } else if (response?.ok || !problemIn(answer).code) renewIn(RETRY_MS);
  };
  renewIn(life_ms / 2);
  return () => cancel();
}
