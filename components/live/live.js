// The live page: keeps what is known of each camera, draws after each answer, and a ticker that stamps
// what has grown old even when nothing comes any more.

const OPTIONS = [
  ["skeletons", "Skeletons", true],
  ["boxes", "Boxes", false],
  ["zones", "Zones", true],
  ["foreground", "Unexplained", false],
  ["searched", "Searched", false],
];
const FIRST_WORD_MS = 3000; // a line that is only being made is no news; one that stays silent is
const STORE_KEY = "poolwatch.show";
const TICK_MS = 100;
const TEXT_EVERY_MS = 500; // numbers in text change at most twice a second
const UNHEARD_S = 5; // a released picture without news is sealed after so long: the end was perhaps not heard

class LivePage {
  constructor(root, setTrigger) {
    this.root = root;
    this.setTrigger = setTrigger;
    this.cameras = new Map();
    this.revision = "";
    this.mayOpen = false;
    this.connected = false;
    this.everConnected = false;
    this.monitor = true;
    this.summary = { sentence: "Connecting", detail: "", tone: "calm" };
    this.people = [];
    this.options = this.loadOptions();
    this.enlarged = null;
    this.textAt = 0;
    this.began = performance.now();
    this.find = (selector) => root.querySelector(selector);
  }

  start() {
    this.makeChips();
    this.socket = new LiveSocket("/ws/live", {
      pull: () => this.pull(),
      camera: (message, jpeg) => this.onCamera(message, jpeg),
      waiting: (message) => this.onWaiting(message),
      roster: (message) => this.onRoster(message),
      end: (message) => this.onEnd(message),
      open: (open) => this.onOpen(open),
    });
    this.socket.start();
    this.ticker = setInterval(() => this.tick(), TICK_MS);
    this.listen();
    this.onResize = () => this.drawAll();
    this.resizing = new ResizeObserver(this.onResize);
    this.resizing.observe(this.find(".live"));
    this.onKey = (event) => {
      if (event.key === "Escape" && this.enlarged) this.enlarge(null);
    };
    document.addEventListener("keydown", this.onKey);
    window.poolwatchLive = this; // what the browser's tests look at
  }

  // The judge's line belongs to another component, which may be mounted later.
  listen() {
    if (window.poolwatch) this.unlisten = window.poolwatch.on((state) => this.hear(state));
    else this.listening = setTimeout(() => this.listen(), 50);
  }

  // In a hidden tab too: what the monitor seals is sealed here.
  hear(state) {
    const open = (state.site && state.site.pictures) || [];
    for (const camera of this.cameras.values()) {
      if (camera.released && !open.includes(camera.id)) this.seal(camera);
    }
  }

  // A released picture that was on its way when the judge sealed it.
  sealedMeanwhile(camera) {
    const { line, site } = this.judged();
    return line.connected && site !== null && !site.pictures.includes(camera.id);
  }

  seal(camera) {
    this.forgetPicture(camera);
    this.draw(camera);
    this.tick(true);
  }

  // What the judge says, with its age: {line, site, age_s}.
  judged() {
    const state = window.poolwatch ? window.poolwatch.state : { connected: false, why: "", site: null, age_ms: null };
    const heard = Boolean(state.site || state.connected || performance.now() - this.began > FIRST_WORD_MS);
    return { line: { connected: state.connected, why: state.why, heard }, site: state.site, age_s: (state.age_ms || 0) / 1000 };
  }

  stop() {
    clearTimeout(this.listening);
    if (this.unlisten) this.unlisten();
    this.socket.stop();
    clearInterval(this.ticker);
    this.resizing.disconnect();
    document.removeEventListener("keydown", this.onKey);
    document.documentElement.classList.remove("poolwatch-enlarged");
    for (const camera of this.cameras.values()) if (camera.bitmap) camera.bitmap.close();
    if (window.poolwatchLive === this) delete window.poolwatchLive;
  }

  loadOptions() {
    const defaults = Object.fromEntries(OPTIONS.map(([key, , on]) => [key, on]));
    try {
      const kept = JSON.parse(window.localStorage.getItem(STORE_KEY) || "{}");
      for (const key of Object.keys(defaults)) if (typeof kept[key] === "boolean") defaults[key] = kept[key];
    } catch {
      return defaults; // storage is forbidden or holds something else
    }
    return defaults;
  }

  makeChips() {
    const chips = this.find(".chips");
    chips.replaceChildren();
    for (const [key, label] of OPTIONS) {
      chips.append(makeChip(key, label, this.options[key], (name, on) => this.setOption(name, on)));
    }
  }

  setOption(key, on) {
    this.options[key] = on;
    try {
      window.localStorage.setItem(STORE_KEY, JSON.stringify(this.options));
    } catch {
      // Not kept then; the page works all the same.
    }
    this.drawAll();
  }

  now() {
    return { steady: performance.now() / 1000, wall: Date.now() / 1000 };
  }

  // The owner sees what is open; what is not open stays sealed all the same.
  view() {
    return this.mayOpen ? "camera" : "redacted";
  }

  pull() {
    const cameras = {};
    for (const camera of this.cameras.values()) if (camera.enabled) cameras[camera.id] = camera.seq;
    return { cameras, view: this.view(), roster: this.revision };
  }

  onOpen(open) {
    this.connected = open;
    this.everConnected = this.everConnected || open;
    this.tick();
  }

  onRoster(message) {
    this.revision = message.revision;
    this.mayOpen = message.may_open;
    const known = new Set(message.cameras.map((camera) => camera.id));
    for (const [id, camera] of this.cameras) {
      if (known.has(id)) continue;
      if (camera.bitmap) camera.bitmap.close();
      this.cameras.delete(id);
      if (this.enlarged === id) this.enlarge(null);
    }
    const ordered = new Map();
    for (const row of message.cameras) {
      const camera = this.cameras.get(row.id) || this.newCamera(row.id);
      camera.opened = openingOf(message.opened[row.id], this.now());
      if (camera.view === "camera" && !camera.released && !camera.opened) this.forgetPicture(camera);
      ordered.set(row.id, Object.assign(camera, { name: row.name, kind: row.kind, enabled: row.enabled, zones: row.zones }));
    }
    this.cameras = ordered;
    this.layOut();
    if (!ordered.size && this.monitor) this.setTrigger("wish", "empty");
  }

  newCamera(id) {
    return {
      id, name: id, kind: "", enabled: true, seq: 0, view: "redacted", bitmap: null, jpeg: null, observation: null,
      zones: [], people: [], released: false, opened: null, stats: {}, state: "starting", reason: "", ageAtNews: null, newsAt: this.now(), drawn: 0,
    };
  }

  // A picture of the other view must not stay on screen for a moment longer.
  forgetPicture(camera) {
    if (camera.bitmap) camera.bitmap.close();
    Object.assign(camera, { bitmap: null, jpeg: null, seq: 0, view: "redacted", released: false });
  }

  onCamera(message, jpeg) {
    const camera = this.cameras.get(message.id);
    if (!camera || (message.released && this.sealedMeanwhile(camera))) return;
    if (message.view === "camera" && !message.released && !camera.opened) return;
    if (message.view !== camera.view) this.forgetPicture(camera);
    Object.assign(camera, {
      view: message.view, released: message.released, seq: message.seq, observation: message.observation, stats: message.stats, ageAtNews: message.age_s,
      state: message.stats.state || "starting", reason: message.stats.reason || "", newsAt: this.now(),
    });
    camera.fresh = true;
    if (jpeg) camera.jpeg = jpeg;
  }

  onWaiting(message) {
    const camera = this.cameras.get(message.id);
    if (!camera) return;
    Object.assign(camera, { state: message.state, reason: message.reason });
  }

  async onEnd(message) {
    this.count();
    this.monitor = message.monitor;
    this.summary = message.summary;
    await Promise.all([...this.cameras.values()].map((camera) => this.decode(camera)));
    for (const camera of this.cameras.values()) {
      if (!camera.fresh) continue;
      camera.fresh = false;
      this.draw(camera);
    }
    this.tick();
  }

  async decode(camera) {
    const jpeg = camera.jpeg;
    if (!jpeg) return;
    camera.jpeg = null;
    const view = camera.view;
    let bitmap = null;
    try {
      bitmap = await createImageBitmap(jpeg);
    } catch {
      return; // a damaged picture costs that picture
    }
    if (camera.view !== view) {
      bitmap.close();
      return;
    }
    if (camera.bitmap) camera.bitmap.close();
    camera.bitmap = bitmap;
  }

  figure(camera) {
    return this.root.querySelector(`figure[data-key="${CSS.escape(camera.id)}"]`);
  }

  draw(camera) {
    const figure = this.figure(camera);
    if (!figure) return;
    const size = sizeOf(camera);
    if (size) figure.style.setProperty("--shape", `${size[0]} / ${size[1]}`);
    camera.people = this.people;
    drawCamera(figure.querySelector("canvas"), camera, this.options);
    camera.drawn += 1;
    const people = (camera.observation && camera.observation.people) || [];
    const skeletons = people.filter((person) => person.keypoints && person.keypoints.some((point) => point[2] >= OMIT_BELOW));
    figure.dataset.seq = camera.seq;
    figure.dataset.drawn = camera.drawn;
    figure.dataset.skeletons = this.options.skeletons ? skeletons.length : 0;
    const rings = this.people.filter((person) => isMissing(person) && person.camera === camera.id);
    figure.dataset.rings = rings.map((person) => person.id).join(" ");
  }

  drawAll() {
    for (const camera of this.cameras.values()) this.draw(camera);
  }

  // Real pictures that nobody may see any more, or of whose end nothing would be heard.
  sealWhatIsOver(camera, now) {
    if (camera.opened && openSeconds(camera, now) <= 0) {
      camera.opened = null;
      if (!camera.released) this.forgetPicture(camera);
    }
    if (camera.view === "camera" && sinceNews(camera, now) > UNHEARD_S) this.forgetPicture(camera);
  }

  // PIN and reason are asked for by a dialog, which an enlarged picture would hide.
  wish(what, id) {
    if (this.enlarged) this.enlarge(null);
    this.setTrigger("wish", `${what} ${id}`);
  }

  layOut() {
    const pictures = this.find(".pictures");
    // What is switched off takes no room among what there is to see.
    const on = [...this.cameras.values()].filter((camera) => camera.enabled).map((camera) => camera.id);
    const keys = on.length ? on : [...this.cameras.keys()];
    syncChildren(pictures, keys, (id) => makeFigure(id, (which) => this.enlarge(which), (what) => this.wish(what, id)));
    setAttribute(pictures, "data-count", keys.length > 3 ? "many" : keys.length);
    syncChildren(this.find(".rows"), [...this.cameras.keys()], makeRow);
    this.tick(true);
    this.drawAll();
  }

  enlarge(id) {
    const before = this.enlarged;
    this.enlarged = id === before ? null : id;
    for (const figure of this.root.querySelectorAll("figure")) {
      figure.classList.toggle("large", figure.dataset.key === this.enlarged);
    }
    document.documentElement.classList.toggle("poolwatch-enlarged", this.enlarged !== null);
    const target = this.enlarged || before;
    const figure = target && this.figure({ id: target });
    if (figure) figure.querySelector(this.enlarged ? ".close" : ".picture").focus({ preventScroll: true });
    this.drawAll();
  }

  // Everybody as of now.
  count() {
    const { site, age_s, line } = this.judged();
    this.people = line.connected ? peopleNow(site, age_s) : [];
  }

  tick(always) {
    const now = this.now();
    this.count();
    this.updatePeople();
    const due = always || now.steady * 1000 - this.textAt >= TEXT_EVERY_MS;
    let turned = false;
    for (const camera of this.cameras.values()) {
      const figure = this.figure(camera);
      if (!figure) continue;
      this.sealWhatIsOver(camera, now);
      const stale = String(isStale(camera, now) || !camera.enabled);
      // Without new pictures the rings go on all the same.
      if (due && (stale === "true" || this.people.some(isMissing))) this.draw(camera);
      const turns = figure.dataset.stale !== stale;
      if (due || turns) updateFigure(figure, camera, now, this.connected);
      turned ||= turns;
      if (due) updateOpening(figure.querySelector(".opening"), camera, now, this.mayOpen && camera.enabled);
    }
    // A picture and its row in the list never say different things.
    if (due || turned) this.updateRows(now);
    if (!due) return;
    this.textAt = now.steady * 1000;
    this.updateSummary(now);
  }

  updateRows(now) {
    for (const row of this.find(".rows").children) updateRow(row, this.cameras.get(row.dataset.key), now, this.connected);
  }

  updateSummary(now) {
    const silent = this.socket.asking && now.steady * 1000 - this.socket.heardAt > 2500;
    const live = { connected: this.connected, everConnected: this.everConnected, silent };
    const cameras = [...this.cameras.values()].filter((camera) => camera.enabled).length;
    const said = headline({ ...this.judged(), people: this.people, live, monitor: this.monitor, summary: this.summary, cameras });
    setText(this.find(".sentence"), said.sentence);
    setText(this.find(".summary .detail"), said.detail);
    setText(this.find(".spoken"), said.spoken);
    setAttribute(this.find(".summary"), "data-tone", said.tone);
    setAttribute(this.find(".summary"), "data-kind", said.kind || "");
  }

  updatePeople() {
    const loudest = (person) => (person.state === "emergency" ? 0 : 1);
    const here = [...this.people].sort((a, b) => loudest(a) - loudest(b) || a.id - b.id);
    const rows = syncChildren(this.find(".people"), here.map((person) => String(person.id)), makePerson);
    for (const person of here) updatePerson(rows.get(String(person.id)), person);
    this.find(".nobody").hidden = here.length > 0;
    if (!here.length) setText(this.find(".nobody"), this.nobodyWords());
  }

  nobodyWords() {
    const { line, site } = this.judged();
    if (!line.heard) return "Connecting";
    if (!line.connected || !site || !this.monitor) return "Nobody can tell right now.";
    if (site.mode.mode === "paused") return "Nobody is here, as far as is known. Nobody is watching.";
    const open = site.alarms.some((alarm) => alarm.person !== null && alarm.level === "emergency" && alarm.state !== "resolved");
    if (open) return "Nobody is seen any more; an alarm about somebody is still open.";
    return site.cameras_blind.length ? "Nobody is here, as far as the cameras see." : "Nobody is here.";
  }
}

export default function (component) {
  const root = component.parentElement;
  if (root.poolwatch) root.poolwatch.stop();
  root.poolwatch = new LivePage(root, component.setTriggerValue);
  root.poolwatch.start();
  const page = root.poolwatch;
  return () => {
    page.stop();
    if (root.poolwatch === page) root.poolwatch = null;
  };
}
