// One clip: plays in place, older and newer beside it, what is said of it.

const SWIPE_PX = 60;

class Player {
  constructor(root, gallery, closed) {
    this.root = root;
    this.gallery = gallery;
    this.closed = closed;
    this.box = root.querySelector(".player");
    this.film = new Film(root);
    this.deeds = new Deeds(root, this);
    this.clip = null;
    // One that was still being recorded plays as soon as it is ready.
    this.gallery.heard = (clip) => this.clip && clip.id === this.clip.id && clip.state !== this.clip.state && this.open(clip.id);
    this.gallery.learnt = () => this.clip && this.deeds.labels();
    this.film.onFailed = (real) => real && this.deeds.count();
    root.querySelector(".back").onclick = () => this.closed();
    root.querySelector(".newer").onclick = () => this.turn("newer");
    root.querySelector(".older").onclick = () => this.turn("older");
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    this.swipes(root.querySelector(".film"));
  }

  get labels() {
    return this.gallery.labels;
  }

  stop() {
    document.removeEventListener("keydown", this.onKey);
    this.film.stop();
    this.deeds.stop();
  }

  // Shows a clip; false when there is none (any more).
  async open(id) {
    const wanted = (this.wanted = id);
    if (this.clip) await this.deeds.saveNote();
    // An address may say anything.
    const found = !/^[0-9a-f]{32}$/.test(id) ? { error: "There is no such clip (any more)." } : await askOne(id, this.gallery.filters.asked());
    if (this.wanted !== wanted) return true;
    if (found.error) {
      this.refuse(found.error);
      return false;
    }
    this.box.dataset.missing = "false";
    this.clip = found.clip;
    this.beside = { newer: found.newer, older: found.older };
    this.show();
    const track = found.clip.state === "ready" ? await readTrack(id) : null;
    if (this.wanted !== wanted || this.clip !== found.clip) return true;
    this.track = track;
    this.film.show(found.clip, track, this.deeds.openFor > 0);
    return true;
  }

  refuse(why) {
    this.clip = null;
    this.film.empty();
    this.box.dataset.missing = "true";
    this.root.querySelector(".title").textContent = why;
    this.root.querySelector(".facts").replaceChildren();
    this.root.querySelector(".events").replaceChildren();
    for (const name of [".newer", ".older"]) this.root.querySelector(name).disabled = true;
  }

  leave() {
    if (this.clip) this.deeds.saveNote();
    this.wanted = null;
    this.clip = null;
    this.film.empty();
  }

  show() {
    const clip = this.clip;
    const tags = this.root.querySelector(".player .tags");
    tags.replaceChildren(levelTag(clip));
    if (clip.drill) tags.append(element("span", "tag", "Drill"));
    this.root.querySelector(".title").textContent = titleOf(clip);
    this.facts();
    this.events();
    for (const name of ["newer", "older"]) this.root.querySelector(`.${name}`).disabled = !this.beside[name];
    this.deeds.show();
  }

  facts() {
    const clip = this.clip;
    const seconds = lengthOf(clip);
    const rows = [
      ["When", `${dayWords(clip.began_utc)}, ${CLOCK_S.format(new Date(clip.began_utc))}`],
      ["Where", [clip.camera_name, ...new Set(clip.events.map((event) => event.zone).filter(Boolean))].join(", ")],
      ["Who", clip.people.join(", ")],
      ["How long", seconds === null ? "" : lengthWords(seconds)],
      ["Size", clip.bytes ? sizeWords(clip.bytes) : ""],
    ];
    this.root.querySelector(".facts").replaceChildren(...rows.filter(([, text]) => text).flatMap(([name, text]) => [element("dt", "", name), element("dd", "", text)]));
  }

  // What happened in it; a press goes there.
  events() {
    const clip = this.clip;
    const items = clip.events.map((event) => {
      const item = element("li");
      const button = element("button", "event");
      button.type = "button";
      button.append(element("b", "", running(momentOf(event, clip))), levelTag(event), element("span", "", event.text || event.what));
      button.onclick = () => this.film.go(momentOf(event, clip) - 0.5);
      item.append(button);
      if (event.alarm) {
        const link = element("a", "", "Its alarm");
        link.href = `/alarms?alarm=${encodeURIComponent(event.alarm)}`;
        link.target = "_self";
        item.append(link);
      }
      return item;
    });
    this.root.querySelector(".events").replaceChildren(...items);
  }

  changed(clip) {
    this.gallery.renew(clip);
  }

  deleted(clip) {
    const next = this.beside.older || this.beside.newer;
    this.gallery.gone(clip.id);
    this.gallery.lookAtNight();
    if (this.clip !== clip) return;
    this.clip = null; // its note is not saved any more
    if (next) this.turned(next);
    else this.closed();
  }

  showReal(real) {
    if (!this.clip) return;
    this.film.resume = this.film.video.currentTime;
    this.film.empty();
    this.film.show(this.clip, this.track, real);
    // What was pressed stands below the picture.
    if (real) this.root.querySelector(".film").scrollIntoView({ block: "center" });
  }

  turn(which) {
    if (this.clip && this.beside[which]) this.turned(this.beside[which]);
  }

  key(event) {
    if (this.box.hidden || event.altKey || event.ctrlKey || event.metaKey) return;
    // What is typed into a field of ours, of the frame or of the alarm is no command.
    const at = event.composedPath()[0];
    if (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName || "")) {
      if (event.key === "Escape") at.blur();
      return;
    }
    // Nor is what is pressed elsewhere on the page.
    if (!event.composedPath().includes(this.box) && at.closest?.("button, a, dialog, [role=dialog], [role=radio], [role=tab], [role=switch]")) return;
    const does = {
      ArrowLeft: () => this.turn("newer"),
      ArrowRight: () => this.turn("older"),
      Escape: () => this.closed(),
      ",": () => this.film.step(-STEP_S),
      ".": () => this.film.step(STEP_S),
    };
    if (at.tagName !== "BUTTON" && at.tagName !== "A") does[" "] = () => this.film.toggle();
    if (!does[event.key]) return;
    event.preventDefault();
    does[event.key]();
  }

  // To the left is the next, to the right the one before.
  swipes(area) {
    let from = null;
    area.addEventListener("touchstart", (event) => {
      from = event.touches.length === 1 ? event.touches[0] : null;
    }, { passive: true });
    area.addEventListener("touchend", (event) => {
      if (!from || event.target.closest(".controls")) return;
      const [x, y] = [event.changedTouches[0].clientX - from.clientX, event.changedTouches[0].clientY - from.clientY];
      from = null;
      if (Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y)) this.turn(x < 0 ? "older" : "newer");
    });
  }
}
