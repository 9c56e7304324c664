// A stand-in for Kollus's controller: its messages, its cached getters, its one channel. Ours, not theirs.
export class VgControllerClient {
  #window;
  #listeners = {};
  #state = { progress: {}, speed: 1, volume: 100 };
  constructor({ target_window }) {
    this.#window = target_window;
    addEventListener("message", ({ data }) => this.#take(data));
    const timer = setInterval(() => (this.#state.uid ? clearInterval(timer) : this.send("c_initialize")), 1000);
    this.send("c_initialize");
  }
  #take(text) {
    if (typeof text !== "string") return;
    const { event_name, uid, data = {} } = JSON.parse(text);
    const name = event_name?.replace(/^e_/, "");
    if (name === "initialized") this.#state.uid = uid;
    if (name === "progress") this.#state.progress = data;
    if (name === "speedchange") this.#state.speed = data.speed;
    const fields = name === "progress" ? [data.percent, data.position, data.duration] : [data.value];
    for (const listener of this.#listeners[name] ?? []) listener(...fields);
    if (name === "initialized") for (const listener of this.#listeners.ready ?? []) listener();
  }
  send(event_name, data) { this.#window.postMessage(JSON.stringify({ event_name, uid: this.#state.uid, data }), "*"); }
  on(name, listener) { (this.#listeners[name] ??= []).push(listener); return this; }
  off(name) { delete this.#listeners[name]; }
  play() { this.send("c_play"); }
  pause() { this.send("c_pause"); }
  set_current_time(seconds) { this.send("c_set_current_time", Math.trunc(seconds)); }
  set_speed(speed) { this.send("c_set_speed", speed); }
  get_progress() { return this.#state.progress; }
  get_speed() { return this.#state.speed; }
  get_volume() { return this.#state.volume; }
}
