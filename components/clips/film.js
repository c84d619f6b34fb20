// The video with what is drawn over it, and its controls: play, seek, speed, frame by frame.

const STEP_S = 0.1;
const SPEEDS = [1, 0.5, 0.25, 2];

class Film {
  constructor(root) {
    this.root = root;
    this.video = root.querySelector("video");
    this.canvas = root.querySelector(".over");
    this.seek = root.querySelector(".seek");
    this.drawing = root.querySelector(".draws");
    this.play = root.querySelector(".play");
    this.play.onclick = () => this.toggle();
    this.video.onclick = () => this.toggle();
    this.video.onplay = this.video.onpause = () => this.showState();
    this.video.ontimeupdate = () => this.showTime();
    this.video.onloadedmetadata = () => this.loaded();
    this.video.onloadeddata = this.video.onseeked = () => this.draw(this.video.currentTime);
    this.video.onerror = () => this.failed();
    this.seek.oninput = () => this.go(Number(this.seek.value));
    this.drawing.onclick = () => this.setDrawn(this.drawing.getAttribute("aria-pressed") !== "true");
    root.querySelector(".speed").onclick = () => this.nextSpeed();
    this.sizes = new ResizeObserver(() => this.draw(this.video.currentTime));
    this.sizes.observe(this.canvas);
    this.follow();
  }

  // `real`: the opened real picture instead of the redacted one.
  show(clip, track, real = false) {
    this.clip = clip;
    this.track = track;
    this.real = real;
    const ready = clip.state === "ready";
    this.root.querySelector(".film").dataset.real = String(real);
    this.root.querySelector(".film").style.setProperty("--shape", clip.width && clip.height ? `${clip.width} / ${clip.height}` : "16 / 9");
    this.root.querySelector(".trouble").textContent = ready ? "" : STATES[clip.state] || "";
    this.root.querySelector(".controls").hidden = !ready;
    this.drawing.hidden = !track;
    this.drawing.textContent = real ? "Skeletons and names" : "Names and rings";
    this.video.playbackRate = 1;
    this.root.querySelector(".speed").textContent = "1×";
    const at = this.resume || 0;
    this.resume = 0;
    if (!ready) return this.empty();
    this.video.poster = real ? "" : `/clips/${encodeURIComponent(clip.id)}/thumb`;
    this.video.src = `/clips/${encodeURIComponent(clip.id)}/${real ? "real" : "video"}`;
    this.startAt = at;
    this.video.load();
    this.marks();
    this.showTime();
  }

  // Nothing of it is held any more: a real picture that is closed is gone from the page, too.
  empty() {
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.removeAttribute("poster");
    this.video.load();
    this.clear();
  }

  stop() {
    this.stopped = true;
    this.sizes.disconnect();
    this.empty();
  }

  loaded() {
    this.seek.max = String(this.length);
    if (this.startAt) this.video.currentTime = Math.min(this.startAt, this.length);
    this.showTime();
    this.marks();
    this.video.play().catch(() => this.showState());
  }

  failed() {
    if (!this.video.getAttribute("src") || !this.clip) return;
    this.root.querySelector(".trouble").textContent = this.real ? "The real picture is sealed again." : "This clip cannot be played.";
    this.onFailed?.(this.real);
  }

  get length() {
    return Number.isFinite(this.video.duration) ? this.video.duration : lengthOf(this.clip) || 0;
  }

  toggle() {
    if (this.video.paused) this.video.play().catch(() => this.showState());
    else this.video.pause();
  }

  go(t) {
    this.video.currentTime = Math.min(Math.max(0, t), this.length);
    this.showTime();
  }

  step(by) {
    this.video.pause();
    this.go(this.video.currentTime + by);
  }

  nextSpeed() {
    const place = SPEEDS.indexOf(this.video.playbackRate);
    this.video.playbackRate = SPEEDS[(place + 1) % SPEEDS.length];
    this.root.querySelector(".speed").textContent = `${this.video.playbackRate}×`;
  }

  setDrawn(on) {
    this.drawing.setAttribute("aria-pressed", String(on));
    this.draw(this.video.currentTime);
  }

  showState() {
    const paused = this.video.paused;
    this.play.dataset.state = paused ? "paused" : "playing";
    this.play.setAttribute("aria-label", paused ? "Play" : "Pause");
  }

  showTime() {
    const t = this.video.currentTime || 0;
    if (this.root.activeElement !== this.seek || !this.video.paused) this.seek.value = String(t);
    this.seek.setAttribute("aria-valuetext", `${running(t)} of ${running(this.length)}`);
    this.root.querySelector(".time").textContent = `${running(t)} / ${running(this.length)}`;
  }

  // Where in the clip something happened.
  marks() {
    const length = this.length;
    const marks = this.clip && length ? this.clip.events.map((event) => {
      const mark = element("i");
      mark.dataset.level = event.level;
      mark.style.left = `${Math.min(100, (100 * momentOf(event, this.clip)) / length)}%`;
      return mark;
    }) : [];
    this.root.querySelector(".marks").replaceChildren(...marks);
  }

  // In step with the picture that is shown, where the browser tells which one that is.
  follow() {
    if (this.stopped) return;
    if (this.video.requestVideoFrameCallback) {
      this.video.requestVideoFrameCallback((_now, frame) => {
        this.draw(frame.mediaTime);
        this.follow();
      });
    } else {
      requestAnimationFrame(() => {
        if (!this.video.paused) this.draw(this.video.currentTime);
        this.follow();
      });
    }
  }

  clear() {
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  draw(t) {
    const drawn = this.drawing.getAttribute("aria-pressed") === "true" && this.clip && this.clip.state === "ready";
    if (drawn && this.track) drawTrack(this.canvas, this.track, this.clip, t, this.real || this.clip.open);
    else this.clear();
  }
}
