// The ten scripts, the same for every player. `player` has play, pause, seek, rate, loop, load; all in seconds.
const wait = (seconds) => new Promise((over) => setTimeout(over, seconds * 1000));

export const SCRIPTS = {
  async continuous(player) {
    await player.play();
    await wait(12);
  },
  async skip(player) {
    await player.play();
    await wait(4);
    await player.seek(30);
    await wait(4);
  },
  async "back and rewatch"(player) {
    await player.play();
    await wait(5);
    await player.seek(2);
    await wait(5);
  },
  async "rate change"(player) {
    await player.play();
    await wait(2);
    await player.rate(2);
    await wait(4);
    await player.seek(30);
    await wait(3);
    await player.rate(1);
    await wait(2);
  },
  async scrub(player) {
    await player.play();
    await wait(2);
    for (const place of [10, 20, 25, 33, 41, 20]) {
      void player.seek(place);
      await wait(0.08);
    }
    await wait(4);
  },
  async "pause and resume"(player) {
    await player.play();
    await wait(2);
    await player.pause();
    await wait(1);
    await player.play();
    await wait(2);
    await player.pause();
    await player.seek(40);
    await wait(0.5);
    await player.play();
    await wait(2);
  },
  async stall(player) {
    await player.play();
    await wait(13);
  },
  async loop(player) {
    await player.loop(true);
    await player.seek(57);
    await wait(0.5);
    await player.play();
    await wait(6);
  },
  async "source change"(player) {
    await player.play();
    await wait(3);
    await player.load("other");
    await player.play();
    await wait(3);
  },
  async hidden(player, { hide }) {
    await player.play();
    await wait(3);
    await hide(true);
    await wait(4);
    await hide(false);
    await wait(3);
  },
};
