// The band at the top of every page: who is in danger, nobody watches, sound is off, what else is wrong. It
// hangs on the body and outlives reruns and page changes; the page below it is made shorter, not covered.

const TICK_MS = 250;
const HELD_MS = 1000; // so long at most a pressed finger keeps the band from changing under it
const DOWN_GRACE_MS = 2000; // a line or a monitor that is back by then was never gone
const GONE_AGE_MS = 4000;
const UNFOLDED_MOST = 4; // of more alarms the first ones are shown, the others stand behind a button
const FOLDED_SHOW = 3;
const SLEPT_MS = 2500; // a tab that stood still so long has to hear first before it cries
const BAND_HTML = `
  <div class="band">
    <div class="spoken" role="alert" aria-live="assertive"></div>
    <div class="spoken" role="status" aria-live="polite"></div>
    <section class="nobody" role="alertdialog" aria-labelledby="nobody-title" aria-describedby="nobody-why" hidden>
      <div class="head"><svg class="icon" viewBox="0 0 32 32" aria-hidden="true">${ICONS.nobody}</svg><span class="word">Nobody is watching</span></div>
      <div class="words"><h2 class="title" id="nobody-title"></h2><p id="nobody-why"></p></div>
      <div class="acts"><a class="signin" href="/signin" hidden>Sign in</a><button type="button" class="hush">Silence this page</button></div>
    </section>
    <section class="alarms" id="alarms" aria-label="Alarms"></section>
    <button type="button" class="more" aria-controls="alarms" aria-expanded="false" hidden></button>
    <section class="troubles" aria-label="What is not as it should be" hidden><ul></ul></section>
    <button type="button" class="sound" hidden><svg viewBox="0 0 32 32" aria-hidden="true"><path class="solid" d="M4 12h6l8-7v22l-8-7H4z"/><path class="line" d="m22 12 7 8m0-8-7 8"/></svg><span></span></button>
  </div>`;

// That the sound was heard on this device is kept here: no other device knows.
function soundChecked() {
  try {
    window.localStorage.setItem("poolwatch.sound", new Date().toISOString());
  } catch {
    // Not kept then.
  }
  window.dispatchEvent(new CustomEvent("poolwatch-sound"));
}

class Band {
  constructor(css) {
    this.css = css;
    this.cards = new Map();
    this.sound = new Sound();
    this.attention = new Attention();
    this.picture = new AlarmPicture();
    this.known = null; // ids of alerts and questions that were there already: they chime once
    this.announced = new Map();
    this.downSince = null;
    this.hushed = false;
    this.tickedAt = performance.now();
    this.awakeAt = this.tickedAt;
  }

  start() {
    this.host = document.createElement("div");
    this.host.id = "poolwatch-alarm";
    this.root = this.host.attachShadow({ mode: "open" });
    this.root.innerHTML = `<style>${this.css}</style>${BAND_HTML}`;
    this.find = (selector) => this.root.querySelector(selector);
    const skip = document.getElementById("poolwatch-skip");
    if (skip) skip.after(this.host);
    else document.body.prepend(this.host);
    this.makeRoom();
    this.find(".sound").addEventListener("click", () => this.checkSound());
    this.find(".hush").addEventListener("click", () => this.hush());
    this.find(".more").addEventListener("click", () => this.unfold());
    this.listen();
    this.sound.changed = () => this.later();
    setInterval(() => this.tick(), TICK_MS);
    this.sound.unlock(); // where the browser knows the page, it may sound at once
    window.poolwatch.on((state) => this.take(state));
    window.poolwatchAlarm = this; // what the browser's tests look at
  }

  // The page begins below the band.
  makeRoom() {
    const style = document.createElement("style");
    style.textContent = ".stApp { top: var(--poolwatch-band, 0px) !important; }";
    document.head.append(style);
    new ResizeObserver(() => {
      const high = Math.ceil(this.find(".band").getBoundingClientRect().height);
      document.documentElement.style.setProperty("--poolwatch-band", `${high}px`);
      this.picture.draw();
    }).observe(this.find(".band"));
  }

  listen() {
    const press = (event) => {
      this.heldAt = event.type === "pointerdown" ? performance.now() : null;
      this.sound.unlock();
    };
    document.addEventListener("pointerdown", press, true);
    document.addEventListener("keydown", press, true);
    for (const end of ["pointerup", "pointercancel"]) {
      document.addEventListener(
        end,
        () => {
          this.sound.unlock(); // a finger counts as a gesture when it is lifted
          setTimeout(() => this.release()); // the click that belongs to it comes first
        },
        true,
      );
    }
  }

  get held() {
    return this.heldAt && performance.now() - this.heldAt < HELD_MS;
  }

  release() {
    this.heldAt = null;
    this.later();
  }

  later() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.draw(), 30);
  }

  take(state) {
    this.state = state;
    this.draw();
  }

  tick() {
    const now = performance.now();
    if (now - this.tickedAt > SLEPT_MS) this.awakeAt = now;
    this.tickedAt = now;
    this.host.style.colorScheme = schemeOf();
    this.draw();
  }

  get gone() {
    const { state, awakeAt } = this;
    const now = performance.now();
    if (!state) return false;
    this.downSince = state.connected ? null : this.downSince || now;
    if (state.connected || now - awakeAt < SLEPT_MS) return false;
    const age = window.poolwatch.age_ms;
    return now - this.downSince > DOWN_GRACE_MS || (age !== null && age > GONE_AGE_MS);
  }

  // Sound and the tab's title follow at once; what could move under a finger waits for it.
  draw() {
    if (!this.state) return;
    const site = this.state.site || {};
    const alarms = inOrder(site.alarms || []);
    const gone = this.gone;
    if (!gone) this.hushed = false;
    this.call(alarms, gone, site);
    const age_s = (window.poolwatch.age_ms || 0) / 1000;
    if (!this.held) this.arrange(alarms, gone, site);
    for (const card of this.cards.values()) card.tick(age_s, performance.now());
  }

  call(alarms, gone, site) {
    const loud = alarms.find(isLoud);
    const nobody = gone && !this.hushed;
    this.sound.play(loud ? "emergency" : nobody ? "nobody" : null);
    const title = loud ? `${loud.drill ? "DRILL" : "EMERGENCY"}: ${clip(loud.title, 60)}` : nobody ? "NOBODY IS WATCHING" : "";
    this.attention.call(title);
    const alerts = alarms.filter((alarm) => lookOf(alarm) === "alert").map((alarm) => `alarm-${alarm.id}`);
    const asked = [...alerts, ...(site.prompts || []).map((prompt) => prompt.id)];
    if (this.state.site) {
      if (asked.some((id) => !this.known || !this.known.has(id))) this.sound.chime();
      this.known = new Set(asked);
    }
  }

  arrange(alarms, gone, site) {
    const shown = new Set(alarms.map((alarm) => alarm.id));
    for (const [id, card] of this.cards) if (!shown.has(id)) this.remove(id, card);
    const places = this.places();
    this.showGone(gone);
    alarms.forEach((alarm, index) => this.place(alarm, index, site.people || []));
    this.fold(alarms);
    this.showPicture(alarms);
    this.showTroubles(this.state.site ? troubles(site) : []);
    this.showSoundBar();
    this.guardMoved(places);
    this.announce(alarms, gone);
  }

  place(alarm, index, people) {
    const list = this.find(".alarms");
    let card = this.cards.get(alarm.id);
    if (!card) {
      card = new AlarmCard(alarm.id);
      this.cards.set(alarm.id, card);
      if (!this.before) this.before = deepActive();
      if (isLoud(alarm)) card.wantsFocus = true;
    }
    card.show(alarm, people);
    if (list.children[index] !== card.node) list.insertBefore(card.node, list.children[index] || null);
    const small = index > 0 || !["emergency", "drill", "seen"].includes(lookOf(alarm));
    card.node.classList.toggle("small", small);
  }

  // Many alarms would leave no page: the loudest and newest are shown, the others counted. What somebody is at
  // stays.
  fold(alarms) {
    const folds = alarms.length > UNFOLDED_MOST;
    if (!folds) this.unfolded = false;
    const behind = folds ? alarms.slice(FOLDED_SHOW) : [];
    for (const { id } of alarms.slice(0, FOLDED_SHOW)) this.cards.get(id).node.hidden = false;
    for (const { id } of alarms.slice(FOLDED_SHOW)) {
      const { node } = this.cards.get(id);
      node.hidden = folds && !this.unfolded && !node.contains(deepActive()) && !node.querySelector("form:not([hidden])");
    }
    const more = this.find(".more");
    more.hidden = !folds;
    more.setAttribute("aria-expanded", String(Boolean(this.unfolded)));
    put(more, this.unfolded ? "Show fewer" : moreWords(behind));
  }

  unfold() {
    this.unfolded = !this.unfolded;
    this.draw();
  }

  remove(id, card) {
    const had = card.node.contains(deepActive());
    clearTimeout(card.guard);
    card.node.remove();
    this.cards.delete(id);
    if (!had || this.cards.size) return;
    if (this.before && this.before.isConnected) this.before.focus({ preventScroll: true });
    this.before = null;
  }

  places() {
    return new Map([...this.cards].map(([id, card]) => [id, card.node.getBoundingClientRect().top]));
  }

  guardMoved(before) {
    for (const [id, top] of this.places()) {
      if (before.has(id) && Math.abs(before.get(id) - top) > 8) this.cards.get(id).moved();
    }
  }

  // The page that shows the cameras needs no second picture.
  showPicture(alarms) {
    const first = alarms.find((alarm) => alarm.camera && ["emergency", "drill", "seen"].includes(lookOf(alarm)));
    const wanted = first && !window.poolwatchLive && !this.state.site.cameras_blind.some((one) => one.id === first.camera);
    for (const [id, card] of this.cards) card.find(".picture").hidden = !(wanted && id === first.id);
    if (!wanted) return this.picture.show(null, null);
    const card = this.cards.get(first.id);
    this.picture.show(first.camera, card.find("canvas"), (real) => card.showReal(real));
  }

  showGone(gone) {
    const node = this.find(".nobody");
    if (gone && node.hidden) this.goneWords();
    if (node.hidden === gone) node.hidden = !gone;
    this.find(".hush").hidden = this.hushed;
    const out = Boolean(window.poolwatch.signedOut);
    if (this.find(".signin").hidden === out) this.find(".signin").hidden = !out;
    if (gone) put(this.find("#nobody-why"), goneWhy(this.state.why));
  }

  goneWords() {
    const { site } = this.state;
    const since = site ? new Date(site.utc) : new Date(Date.now() - (performance.now() - (this.downSince || performance.now())));
    if (window.poolwatch.signedOut) return put(this.find("#nobody-title"), `Signed out: this device hears no alarm since ${clockOf(since)}`);
    const what = /page/.test(this.state.why) ? "this page does not hear the monitor since" : "the monitor does not answer since";
    put(this.find("#nobody-title"), `Nobody is watching: ${what} ${clockOf(since)}`);
  }

  hush() {
    this.hushed = true;
    this.draw();
  }

  showTroubles(sentences) {
    const list = this.find(".troubles ul");
    while (list.children.length > sentences.length) list.lastChild.remove();
    while (list.children.length < sentences.length) list.append(document.createElement("li"));
    sentences.forEach((sentence, index) => put(list.children[index], sentence));
    this.find(".troubles").hidden = !sentences.length;
  }

  showSoundBar() {
    const bar = this.find(".sound");
    bar.hidden = this.sound.on;
    const refused = this.sound.failed || this.refused;
    put(bar.querySelector("span"), refused ? "This browser does not let the page sound an alarm. Look at its settings." : "Sound is off. Tap to turn it on");
  }

  async checkSound() {
    const on = await this.sound.unlock();
    this.refused = !on;
    if (on) this.sound.check();
    if (on) soundChecked();
    this.draw();
  }

  // Once for each alarm and each change of it; the running numbers are not read out.
  announce(alarms, gone) {
    const news = [];
    for (const alarm of alarms) {
      const look = lookOf(alarm);
      if (this.announced.get(alarm.id) === look) continue;
      this.announced.set(alarm.id, look);
      news.push([look, look === "over" ? overWords(alarm) : look.startsWith("seen") ? seenBy(alarm) : spoken(alarm)]);
    }
    if (gone !== this.announcedGone) {
      this.announcedGone = gone;
      if (gone) news.push(["emergency", this.find("#nobody-title").textContent]);
    }
    const [assertive, polite] = this.root.querySelectorAll(".spoken");
    const loud = news.filter(([look]) => look === "emergency" || look === "drill");
    if (loud.length) put(assertive, loud.map(([, words]) => words).join(" "));
    const rest = news.filter(([look]) => look !== "emergency" && look !== "drill");
    if (rest.length) put(polite, rest.map(([, words]) => words).join(" "));
  }
}

// The title says already that it does not answer.
function goneWhy(why) {
  const more = /hangs|nothing|page/.test(why) ? `${why} ` : "";
  return `${more}No alarm can come now: look at the pool yourself.`;
}

// Streamlit sets it on its own root; what hangs on the body has to ask.
function schemeOf() {
  const app = document.querySelector(".stApp");
  const scheme = app ? getComputedStyle(app).colorScheme : "";
  return /dark|light/.test(scheme) ? scheme : "light dark";
}

function begin() {
  if (window.poolwatchAlarm) return;
  if (!window.poolwatch) return void setTimeout(begin, 20); // the components of a page come in any order
  new Band(BAND_CSS).start();
}

export default function () {
  begin();
}
