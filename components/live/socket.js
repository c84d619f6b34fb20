// The tab's one WebSocket. The tab pulls: it asks again only after it has drawn, so a slow phone gets
// fewer pictures and never old ones; a hidden tab asks for nothing.

const PULL_GAP_MS = 45; // at most 22 pulls a second
const SILENT_MS = 5000; // the server answers a pull within about 1 s; longer is a dead line

class LiveSocket {
  constructor(path, handlers) {
    this.path = path;
    this.handlers = handlers; // pull() -> object, camera(message, jpeg), waiting(message), roster(message), end(message), open(bool)
    this.backoff = 500;
    this.stopped = false;
    this.onVisible = () => this.next();
  }

  start() {
    document.addEventListener("visibilitychange", this.onVisible);
    this.connect();
    this.watchdog = setInterval(() => this.dropWhenSilent(), 1000);
  }

  stop() {
    this.stopped = true;
    document.removeEventListener("visibilitychange", this.onVisible);
    clearInterval(this.watchdog);
    clearTimeout(this.timer);
    if (this.socket) this.socket.close();
  }

  connect() {
    const scheme = window.location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${window.location.host}${this.path}`);
    socket.binaryType = "blob";
    this.socket = socket;
    this.asking = false;
    this.expecting = null;
    socket.onopen = () => {
      this.backoff = 500;
      this.handlers.open(true);
      this.next();
    };
    socket.onmessage = (event) => this.receive(event.data);
    socket.onclose = () => this.closed(socket);
  }

  closed(socket) {
    if (socket !== this.socket || this.stopped) return;
    this.socket = null;
    this.handlers.open(false);
    this.timer = setTimeout(() => this.connect(), this.backoff);
    this.backoff = Math.min(5000, this.backoff * 1.7);
  }

  dropWhenSilent() {
    if (!this.asking || performance.now() - this.heardAt < SILENT_MS) return;
    const dead = this.socket;
    this.closed(dead); // closing a dead line may take long: start afresh at once
    if (dead) dead.close();
  }

  // Asks for the next pictures, unless the tab is hidden or an answer is still coming.
  next() {
    if (this.stopped || this.asking || document.hidden) return;
    if (!this.socket || this.socket.readyState !== WebSocket.OPEN) return;
    this.asking = true;
    this.askedAt = performance.now();
    this.heardAt = this.askedAt;
    this.socket.send(JSON.stringify(this.handlers.pull()));
  }

  receive(data) {
    this.heardAt = performance.now();
    if (typeof data !== "string") {
      this.handlers.camera(this.expecting, data);
      this.expecting = null;
      return;
    }
    const message = JSON.parse(data);
    if (message.kind === "camera" && message.picture) this.expecting = message;
    else if (message.kind === "camera") this.handlers.camera(message, null);
    else if (message.kind === "waiting") this.handlers.waiting(message);
    else if (message.kind === "roster") this.handlers.roster(message);
    else if (message.kind === "end") this.finish(message);
  }

  async finish(message) {
    const socket = this.socket;
    await this.handlers.end(message);
    const rest = PULL_GAP_MS - (performance.now() - this.askedAt);
    setTimeout(() => {
      if (socket !== this.socket) return;
      this.asking = false;
      this.next();
    }, Math.max(0, rest));
  }
}
