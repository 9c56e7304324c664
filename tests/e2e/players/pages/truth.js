// What a <video> really played, cut in the same task as every command, whoever gives it.
export function witness(video) {
  const position = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "currentTime");
  const at = () => position.get.call(video);
  let spans = [];
  let since = null;
  let target = null;
  let other = false;
  let next = null;
  // Where it stood still last. Events are told late on a busy machine: by then it may have moved on from there.
  let stood = 0;
  const cut = (end) => {
    if (since !== null && end > since && !other) spans.push([since, end].map((s) => Math.round(s * 1000)));
    if (since !== null) stood = end;
    since = null;
  };
  const begin = (start) => {
    if (since === null && !video.paused && !video.ended && !video.seeking) since = start;
  };
  Object.defineProperty(video, "currentTime", {
    configurable: true,
    get: at,
    set(seconds) {
      cut(at());
      position.set.call(video, seconds);
      target = seconds;
    },
  });
  // Another source: cut where the element itself lets go, which a player may do later than it is told to.
  const leave = () => {
    if (next === null) return;
    cut(at());
    target = null;
    stood = 0;
    other = next;
    next = null;
  };
  const src = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "src");
  Object.defineProperty(video, "src", {
    configurable: true,
    get: () => src.get.call(video),
    set(address) {
      leave();
      src.set.call(video, address);
    },
  });
  for (const name of ["load", "removeAttribute", "setAttribute"]) {
    const act = video[name];
    video[name] = (...given) => {
      if (name === "load" || given[0] === "src") leave();
      return act.apply(video, given);
    };
  }
  video.addEventListener("emptied", leave);
  const pause = video.pause;
  video.pause = () => {
    // Read when it stands: a busy machine may take its time between two lines.
    pause.call(video);
    cut(at());
  };
  video.addEventListener("playing", () => begin(target ?? stood));
  video.addEventListener("play", () => target === null && video.readyState > 2 && begin(stood));
  video.addEventListener("seeking", () => {
    // A loop: nobody set the position.
    if (target === null && video.loop) {
      cut(video.duration);
      target = 0;
    }
  });
  video.addEventListener("seeked", () => {
    // Told of an earlier seek, while a later one is on its way.
    if (video.seeking) return;
    const start = target ?? at();
    target = null;
    stood = start;
    begin(start);
  });
  video.addEventListener("ended", () => cut(video.duration));
  return {
    get spans() {
      return spans;
    },
    at,
    /** Another video is put in, or the one of the ticket again. */
    change(isOther) {
      next = isOther;
    },
    stop() {
      video.pause();
    },
  };
}
