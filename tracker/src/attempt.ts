/** What `act` gives, or else: browsers throw at the mere mention of storage, and handlers and tickets are other people's. */
export function attempt<T>(act: () => T, otherwise: T): T {
  try {
    return act();
  } catch {
    return otherwise;
  }
}
