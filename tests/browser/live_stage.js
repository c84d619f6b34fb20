// What the live view hears in a test: `stage` says it, through a socket and a judge's line that are none.

window.stage = { age_s: 0.1, view: "redacted", released: false, people: [], seq: 1, site: null, connected: true, zones: [] };
window.poolwatch = {
  heard: new Set(),
  get state() {
    const why = stage.connected ? "" : "The monitor does not answer.";
    return { connected: stage.connected, why, site: stage.site, age_ms: stage.site_age_ms || 0 };
  },
  on(f) { this.heard.add(f); f(this.state); return () => this.heard.delete(f); },
  say() { for (const f of this.heard) f(this.state); },
};
window.WebSocket = class {
  static OPEN = 1;
  constructor() { this.readyState = 1; setTimeout(() => this.onopen && this.onopen(), 0); }
  close() {}
  async send(text) {
    const pull = JSON.parse(text);
    const say = (m) => this.onmessage({ data: typeof m === "string" || m instanceof Blob ? m : JSON.stringify(m) });
    const revision = JSON.stringify([stage.zones, stage.opened]);
    if (pull.roster !== revision) say({ kind: "roster", revision, may_open: Boolean(stage.may_open), opened: stage.opened || {}, cameras: [{ id: "a", name: "Overview", kind: "file", enabled: true, zones: stage.zones }] });
    if ("a" in pull.cameras) {
      stage.seq += 1;
      const jpeg = stage.jpegs[stage.view];
      say({ kind: "camera", id: "a", seq: stage.seq, age_s: stage.age_s, view: stage.view, released: stage.released, picture: true,
        observation: { t: 100, size: [640, 360], people: stage.people }, stats: { state: "live", fps: 15 } });
      say(await (await fetch("data:image/jpeg;base64," + jpeg)).blob());
    }
    say({ kind: "end", monitor: true, summary: stage.summary || { sentence: "Nobody in view", detail: "", tone: "calm" } });
  }
};

// How many pixels of the picture's canvas have about this colour, in a part of it (0 to 1).
window.pixels = (rgb, [left, top, right, bottom]) => {
  const canvas = root.querySelector("figure canvas");
  const [w, h] = [canvas.width, canvas.height];
  const part = [left * w, top * h, (right - left) * w, (bottom - top) * h];
  const { data } = canvas.getContext("2d").getImageData(...part);
  let found = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (rgb.every((level, channel) => Math.abs(data[i + channel] - level) < 14)) found += 1;
  }
  return found;
};
