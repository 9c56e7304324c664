/** A message that is under way: the page asks every two seconds, and shows what came of it without being loaded anew. */

const EVERY_MS = 2_000;
const UNDER_WAY = "[data-under-way]";

async function look(): Promise<void> {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [now, then] = [document.querySelector("main"), page.querySelector("main")];
  if (answer.ok && now && then && !then.querySelector(UNDER_WAY)) now.replaceChildren(...then.childNodes);
}

const looking = setInterval(() => {
  if (!document.querySelector(UNDER_WAY)) clearInterval(looking);
  else void look().catch(() => undefined); // the network is away: next time
}, EVERY_MS);
