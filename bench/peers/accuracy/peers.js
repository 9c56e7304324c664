// What others would book of the same <video>, beside ours: bundled when it is measured, with their packages from npm.
import { newTracker } from "@snowplow/browser-tracker";
import * as media from "@snowplow/browser-plugin-media";

/** Snowplow's media plugin, fed as its documentation says: one tracking for one content, whose session entity counts the distinct seconds watched. */
function snowplow(video) {
  const lecture = crypto.randomUUID();
  let id = lecture;
  let watched = 0;
  const listener = {
    afterTrack({ co }) {
      for (const { schema, data } of JSON.parse(co ?? '{"data":[]}').data) {
        if (schema.includes("media/session") && data.mediaSessionId === lecture) watched = data.contentWatched ?? 0;
      }
    },
  };
  newTracker("beside", location.origin, {
    appId: "bench", encodeBase64: false, stateStorageStrategy: "none", plugins: [media.SnowplowMediaPlugin(), listener],
  });
  const player = () => ({
    currentTime: video.currentTime, duration: video.duration || 0, ended: video.ended, loop: video.loop, muted: video.muted,
    paused: video.paused, playbackRate: video.playbackRate, volume: Math.round(video.volume * 100),
  });
  const start = () => media.startMediaTracking({ id, player: player(), pings: true, boundaries: [10, 25, 50, 75, 100] });
  const pause = () => media.trackMediaPause({ id, player: player() });
  start();
  const on = {
    play: media.trackMediaPlay, pause: media.trackMediaPause, ended: media.trackMediaEnd, seeking: media.trackMediaSeekStart,
    seeked: media.trackMediaSeekEnd, waiting: media.trackMediaBufferStart, playing: media.trackMediaBufferEnd, timeupdate: media.updateMediaTracking,
  };
  for (const [type, tell] of Object.entries(on)) video.addEventListener(type, () => tell({ id, player: player() }));
  video.addEventListener("ratechange", () => media.trackMediaPlaybackRateChange({ id, player: player(), newRate: video.playbackRate }));
  return {
    booked() {
      pause();
      return watched * 1000;
    },
    change() {
      pause();
      media.endMediaTracking({ id });
      id = crypto.randomUUID();
      start();
    },
  };
}

/**
 * Sections joined from `timeupdate`, as implementations of the xAPI video profile do: an edge within a second of the last one is that one.
 * They name their activity once, when they are made for a player.
 */
function joining(video) {
  const spans = [];
  let start;
  let last = 0;
  const begin = () => {
    const ended = spans.at(-1)?.[1] ?? Infinity;
    start ??= Math.abs(video.currentTime - ended) < 1 ? ended : video.currentTime;
    last = start;
  };
  const end = () => {
    if (start !== undefined && last > start) spans.push([start, last]);
    start = undefined;
  };
  video.addEventListener("play", begin);
  video.addEventListener("seeked", () => video.paused || begin());
  video.addEventListener("timeupdate", () => {
    if (!video.seeking) last = video.currentTime;
  });
  for (const type of ["seeking", "pause", "ended"]) video.addEventListener(type, end);
  return {
    booked() {
      end();
      const union = spans.map(([from, to]) => [Math.min(from, to), to]).sort(([a], [b]) => a - b);
      let [sum, reached] = [0, 0];
      for (const [from, to] of union) {
        sum += Math.max(0, to - Math.max(from, reached));
        reached = Math.max(reached, to);
      }
      return sum * 1000;
    },
  };
}

/** Where the playhead came furthest: what completes a video in Open edX, where a block has one. */
function furthest(video) {
  let reached = 0;
  video.addEventListener("timeupdate", () => (reached = Math.max(reached, video.currentTime)));
  return { booked: () => reached * 1000 };
}

let peers = [];
window.beside = {
  start(video) {
    peers = Object.entries({ Snowplow: snowplow, joined: joining, furthest }).map(([name, peer]) => ({ name, ...peer(video) }));
  },
  /** Another video is put in: who is made for one cannot be told. */
  change() {
    for (const peer of peers) peer.change ? peer.change() : (peer.booked = () => null);
  },
  /** Milliseconds of the first video. */
  booked: () => Object.fromEntries(peers.map(({ name, booked }) => [name, booked()])),
};
