/** What happens to the page as a whole: seen or not, left, restored, online again, asked by another tab to send all. */

export interface PageHandlers {
  onVisibility(visible: boolean): void;
  /** The page may be gone in an instant; may come twice, and be followed by `onRestore`. */
  onLeave(persisted: boolean): void;
  /** Back out of the back/forward cache. */
  onRestore(): void;
  onNetwork(online: boolean): void;
  onFullscreen(element: Element | null): void;
  /** Somebody is about to log out: send everything, and say when it is done. */
  onFlush(): Promise<void>;
}

/** The channel between the tabs of one site. `flush` is answered by `flushing` at once and by `flushed` when done; `logout`
 * says that the session is about to end.
 */
export const CHANNEL = "playhead";

export interface FlushMessage {
  type: "flush" | "flushing" | "flushed" | "logout";
  /** Which request; chosen by who asks. */
  id: string;
  /** Which tracker answers. */
  from?: string;
}

export function listenToPage(handlers: PageHandlers): () => void {
  const over = new AbortController();
  const on = (target: EventTarget, type: string, listener: (event: { persisted?: boolean }) => void): void =>
    target.addEventListener(type, listener as EventListener, over);
  on(document, "visibilitychange", () => handlers.onVisibility(!document.hidden));
  on(document, "fullscreenchange", () => handlers.onFullscreen(document.fullscreenElement));
  on(window, "pagehide", ({ persisted }) => handlers.onLeave(!!persisted));
  on(window, "pageshow", ({ persisted }) => persisted && handlers.onRestore());
  on(window, "online", () => handlers.onNetwork(true));
  on(window, "offline", () => handlers.onNetwork(false));
  return () => over.abort();
}

/** For pages of the site that somebody may log out of. */
export function answerFlushes(flush: () => Promise<void>): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  const from = String(Math.random());
  channel.onmessage = ({ data }: MessageEvent<FlushMessage>) => {
    if (data?.type !== "flush") return;
    const answer = (type: FlushMessage["type"]): void => channel.postMessage({ type, id: data.id, from });
    answer("flushing");
    // It may be over meanwhile, and the channel closed: then nobody waits for the answer.
    flush().then(() => answer("flushed")).catch(() => undefined);
  };
  return () => channel.close();
}
