// What a <video> really played, cut in the same task as every command, whoever gives it.
export function witness(video) {
  const position = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "currentTime");
  const at = () => position.get.call(video);
  let spans = [];
  let since = null;
  let target = null;
  let other = false;
  let last = 0;
  const cut = (end) => {
    if (since !== null && end > since && !other) spans.push([since, end].map((s) => Math.round(s * 1000)));
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
  const pause = video.pause;
  video.pause = () => {
    cut(at());
    pause.call(video);
  };
  video.addEventListener("playing", () => begin(target ?? at()));
  video.addEventListener("play", () => target === null && video.readyState > 2 && begin(at()));
  video.addEventListener("timeupdate", () => { if (!video.seeking) last = at(); });
  video.addEventListener("seeking", () => {
    // A loop: nobody set the position.
    if (target === null) { cut(last > 5 ? video.duration : at()); target = 0; }
  });
  video.addEventListener("seeked", () => {
    const start = target ?? at();
    target = null;
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
      cut(at());
      target = null;
      other = isOther;
    },
    stop() {
      cut(at());
    },
  };
}
