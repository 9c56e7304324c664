/** The JavaScript library of Standard Webhooks, asked from Python (`tests/callbacks/test_signing.py`): on standard input
 * an object a line, with secret, headers and body in base64; on standard output, for each, whether the library takes it. */

import { createInterface } from "node:readline";
import { Webhook } from "standardwebhooks";

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, headers, body } = JSON.parse(line) as { secret: string; headers: Record<string, string>; body: string };
  let taken = true;
  try {
    new Webhook(secret).verify(Buffer.from(body, "base64"), headers);
  } catch {
    taken = false;
  }
  process.stdout.write(`${taken}\n`);
}
