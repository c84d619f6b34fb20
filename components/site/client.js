// window.poolwatch: one WebSocket per tab that outlives reruns and page changes.
//
//   state        {connected, age_ms, why, site}  connected: the monitor judges and we hear it;
//                                                age_ms: how old the document is (null: there is none)
//   on(f)        f(state) on every message and once a second; returns how to stop it
//   send(c, a)   a promise of the result, rejected with an Error whose message is a plain sentence
//   who()        a promise of a name: the account's, as the server says it; asked where it says none
//   you          {name, role, may} of the account, null until the server has said it
//   may(right)   whether the account may do this ("answer", "modes", ...): what it may not is not shown, and
//                refused by the server whatever is shown
//   signedOut    whether the server has said that this device is signed out

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 2000;
const SILENT_MS = 3000; // the server says something every 0.8 s; longer is a dead line
const OLD_MS = 4000; // a document older than this: nobody judges
const QUEUE_MS = 3000; // a command of the second in which the line is being made again waits for it
const ANSWER_MS = 8000;
const SLOW_ANSWER_MS = { "selftest.run": 25000 };
const SIGNED_OUT = 4401; // the server's word for it when it closes the line
const SIGNED_OUT_WHY = "This page is signed out, on this device or from elsewhere.";
const NO_LINE = "There is no connection to Poolwatch: this was not done.";

class SiteClient {
  constructor() {
    this.callbacks = new Set();
    this.pending = new Map();
    this.queued = [];
    this.number = 0;
    this.wait = FIRST_WAIT_MS;
    this.opened = Date.now();
    this.heardAt = null; // performance.now() of the newest message
    this.heardDate = null;
    this.message = null;
    this.names = new Name();
    this.you = null;
    this.signedOut = false;
  }

  start() {
    this.connect();
    setInterval(() => this.tick(), 1000);
    setInterval(() => this.dropWhenSilent(), 250);
    // A phone that slept, or a network that came back: do not wait for the next try.
    for (const event of ["online", "pageshow"]) window.addEventListener(event, () => this.hurry());
    document.addEventListener("visibilitychange", () => this.hurry());
  }

  get age_ms() {
    if (!this.message || !this.message.site) return null;
    return this.message.age_s * 1000 + performance.now() - this.heardAt;
  }

  get state() {
    const why = this.why();
    return { connected: !why, age_ms: this.age_ms, why, site: this.message ? this.message.site : null };
  }

  get name() {
    return this.you?.name || this.names.known();
  }

  // "" while the monitor judges and this page hears it.
  why() {
    if (this.signedOut) return SIGNED_OUT_WHY;
    if (!this.lineOpen()) return this.message ? "This page has lost its connection to Poolwatch." : "This page is not connected to Poolwatch yet.";
    if (this.message.why) return this.message.why;
    return this.age_ms === null || this.age_ms > OLD_MS ? "The monitor runs and judges nothing." : "";
  }

  lineOpen() {
    return Boolean(this.socket && this.socket.readyState === WebSocket.OPEN && this.message && performance.now() - this.heardAt < SILENT_MS);
  }

  on(callback) {
    this.callbacks.add(callback);
    this.tell(callback);
    return () => this.callbacks.delete(callback);
  }

  may(right) {
    return !this.you?.may || this.you.may.includes(right);
  }

  who() {
    return this.you?.name ? Promise.resolve(this.you.name) : this.names.ask();
  }

  forgetWho() {
    this.names.forget();
  }

  send(command, args) {
    return new Promise((resolve, reject) => {
      const id = (this.number += 1);
      const asked = { id, text: JSON.stringify({ type: "command", id, command, args: args || {} }), resolve, reject };
      if (this.socket && this.socket.readyState === WebSocket.OPEN) this.post(asked, command);
      else this.queue(asked, command);
    });
  }

  queue(asked, command) {
    asked.post = () => {
      clearTimeout(asked.timer);
      this.post(asked, command);
    };
    asked.timer = setTimeout(() => {
      this.queued = this.queued.filter((other) => other !== asked);
      asked.reject(new Error(NO_LINE));
    }, QUEUE_MS);
    this.queued.push(asked);
    this.hurry();
  }

  post(asked, command) {
    asked.timer = setTimeout(() => {
      this.pending.delete(asked.id);
      asked.reject(new Error("No answer came. Look whether it is done, and try again."));
    }, SLOW_ANSWER_MS[command] || ANSWER_MS);
    this.pending.set(asked.id, asked);
    this.socket.send(asked.text);
  }

  connect() {
    clearTimeout(this.timer);
    this.timer = null;
    const scheme = window.location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${window.location.host}/ws/site`);
    this.socket = socket;
    this.connectedAt = performance.now();
    socket.onopen = () => {
      if (socket !== this.socket) return;
      this.wait = FIRST_WAIT_MS;
      for (const asked of this.queued.splice(0)) asked.post();
    };
    socket.onmessage = (event) => {
      if (socket === this.socket) this.receive(JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      if (socket === this.socket && event?.code === SIGNED_OUT) this.out();
      this.closed(socket);
    };
  }

  closed(socket) {
    if (socket !== this.socket) return;
    this.socket = null;
    for (const asked of this.pending.values()) {
      clearTimeout(asked.timer);
      asked.reject(new Error("The connection broke before the answer came. Look whether it is done, and try again."));
    }
    this.pending.clear();
    this.timer = setTimeout(() => this.connect(), this.wait);
    this.wait = Math.min(LONGEST_WAIT_MS, this.wait * 1.7);
    this.tick();
  }

  // The band says it. What Streamlit says of its own line, in a box over everything, helps nobody.
  out() {
    this.signedOut = true;
    if (this.hushing) return;
    const hush = () => {
      for (const box of document.querySelectorAll("[data-testid=stDialog]")) {
        if (box.textContent.includes("Connection error")) box.querySelector("button[aria-label=Close]")?.click();
      }
    };
    document.documentElement.classList.add("poolwatch-signed-out");
    this.hushing = new MutationObserver(hush);
    this.hushing.observe(document.body, { childList: true, subtree: true });
    hush();
  }

  hurry() {
    if (this.socket) return this.dropWhenSilent();
    this.wait = FIRST_WAIT_MS;
    this.connect();
  }

  dropWhenSilent() {
    const socket = this.socket;
    if (!socket || performance.now() - Math.max(this.heardAt || 0, this.connectedAt) < SILENT_MS) return;
    this.closed(socket); // closing a dead line may take long: start afresh at once
    socket.close();
  }

  receive(message) {
    if (message.type === "reply") return this.reply(message);
    if (message.type !== "site") return;
    this.heardAt = performance.now();
    this.heardDate = new Date();
    this.message = message;
    // Somebody else may have signed in meanwhile: what the page holds is not theirs.
    if (this.signedOut) return window.location.reload();
    if (message.you?.name) this.you = message.you;
    this.tick();
  }

  reply(message) {
    const asked = this.pending.get(message.id);
    if (!asked) return;
    this.pending.delete(message.id);
    clearTimeout(asked.timer);
    if (message.ok) asked.resolve(message.result);
    else asked.reject(new Error(message.error));
  }

  tick() {
    for (const callback of [...this.callbacks]) this.tell(callback);
  }

  // One that fails must not keep the others, the siren among them, from hearing.
  tell(callback) {
    try {
      callback(this.state);
    } catch (error) {
      setTimeout(() => {
        throw error;
      });
    }
  }
}

export default function () {
  if (window.poolwatch) return;
  const client = new SiteClient();
  window.poolwatch = client;
  client.start();
}
