/** What a page says when it asks for an opening: what it is to play, and what can be known of the device it runs on. */

export interface Asked {
  video?: string;
  jwt?: string;
  custom_key?: string;
  start_s?: string;
  device: string;
  told: Record<string, string>;
}

const DEVICE = "playhead-device";

/** By the root's data attributes: a video of ours, or the token that another system gave its viewer. */
export function asked({ video = "", jwt, customKey = "", startS = "" }: DOMStringMap): Asked {
  const what = jwt === undefined ? { video } : { jwt, custom_key: customKey, start_s: startS };
  return { ...what, device: deviceName(), told: told() };
}

/** The random name this browser keeps for itself; empty where it keeps nothing. */
function deviceName(): string {
  try {
    const kept = localStorage.getItem(DEVICE);
    if (kept) return kept;
    const bytes = crypto.getRandomValues(new Uint8Array(18));
    const made = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
    localStorage.setItem(DEVICE, made);
    return made;
  } catch {
    return "";
  }
}

function told(): Record<string, string> {
  const network = (navigator as { connection?: { type?: string; effectiveType?: string } }).connection;
  const known: Record<string, string | undefined> = {
    screen: `${Math.round(screen.width)}x${Math.round(screen.height)}`,
    network_type: network?.type ?? network?.effectiveType,
    language: navigator.language,
  };
  return Object.fromEntries(Object.entries(known).filter((pair): pair is [string, string] => !!pair[1]));
}
