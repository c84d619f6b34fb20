// The clips as cards by day: more come as one scrolls, new ones without a jump.

const A_PAGE = 48;
const LOOK_MS = 5000;
const NEAR_TOP_PX = 40;

class Gallery {
  constructor(root, open) {
    this.root = root;
    this.box = root.querySelector(".gallery");
    this.days = root.querySelector(".days");
    this.said = root.querySelector(".said");
    this.fresh = root.querySelector(".fresh");
    this.openClip = open;
    this.labels = new Map();
    this.cards = new Map(); // id -> {clip, item, text}
    this.before = null;
    this.turn = 0;
    this.filters = new Filters(root, () => this.load());
    this.observer = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.more(), { root: scroller(), rootMargin: "900px 0px" });
    this.observer.observe(root.querySelector(".end"));
    this.fresh.onclick = () => this.showFresh();
    this.box.addEventListener("click", (event) => this.clicked(event));
    this.box.addEventListener("keydown", (event) => this.key(event));
  }

  async start() {
    await Promise.all([this.learn(), this.load(), this.lookAtNight()]);
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  stop() {
    this.stopped = true;
    clearInterval(this.timer);
    this.observer.disconnect();
  }

  async learn() {
    const words = await askWords();
    if (words.error || this.stopped) return;
    this.labels = new Map(words.labels.map((one) => [one.id, one.words]));
    this.filters.offer(words);
    this.learnt?.();
  }

  // What is asked for, from the newest on.
  async load() {
    const turn = (this.turn += 1);
    this.loading = true;
    const found = await askList(this.filters.asked(), { limit: String(A_PAGE) });
    if (this.stopped || turn !== this.turn) return;
    this.loading = false;
    this.failed = found.error;
    this.waiting = [];
    if (!found.error) {
      this.cards.clear();
      this.days.replaceChildren();
      this.before = found.before;
      found.clips.forEach((clip) => this.place(clip));
    }
    this.tell();
    this.showWaiting();
  }

  async more() {
    if (this.loading || !this.before || this.failed) return;
    const turn = this.turn;
    this.loading = true;
    const found = await askList(this.filters.asked(), { limit: String(A_PAGE), before: this.before });
    if (this.stopped || turn !== this.turn) return;
    this.loading = false;
    this.failed = found.error;
    if (!found.error) {
      this.before = found.before;
      found.clips.forEach((clip) => this.place(clip));
    }
    this.tell();
    // What came may not fill the screen.
    const end = this.root.querySelector(".end").getBoundingClientRect();
    if (!found.error && this.before && !this.box.hidden && end.top < window.innerHeight + 900) this.more();
  }

  // New ones, and what became of those that were just recorded.
  async look() {
    if (document.hidden || this.loading) return;
    const turn = this.turn;
    const found = await askList(this.filters.asked(), { limit: "12" });
    if (this.stopped || turn !== this.turn) return;
    if (found.error || this.failed) {
      this.failed = found.error;
      if (!found.error && !this.cards.size) this.load();
      return this.tell();
    }
    const added = found.clips.filter((clip) => !this.cards.has(clip.id));
    for (const clip of found.clips) {
      if (this.cards.has(clip.id)) this.renew(clip);
      this.heard?.(clip);
    }
    if (!added.length) return;
    if (added.length === found.clips.length && this.cards.size) return this.load(); // too many to fit in
    this.waiting = added;
    if (this.atTop()) this.showFresh();
    else this.showWaiting();
    this.learn();
    this.lookAtNight();
  }

  atTop() {
    return !this.box.hidden && this.days.getBoundingClientRect().top > -NEAR_TOP_PX;
  }

  showWaiting() {
    const waiting = (this.waiting || []).length;
    this.fresh.hidden = !waiting;
    this.fresh.textContent = `${counted(waiting, "new clip", "new clips")}: show`;
  }

  // The oldest first, each before all others.
  showFresh() {
    const byPress = !this.fresh.hidden && this.root.activeElement === this.fresh;
    for (const clip of [...(this.waiting || [])].reverse()) this.place(clip, true);
    this.waiting = [];
    this.showWaiting();
    this.tell();
    if (!byPress) return;
    this.filters.form.scrollIntoView({ block: "start" });
    this.days.querySelector("a.clip")?.focus({ preventScroll: true });
  }

  place(clip, first = false) {
    if (this.cards.has(clip.id)) return this.renew(clip);
    const item = element("li");
    const list = this.dayOf(clip, first);
    if (first) list.prepend(item);
    else list.append(item);
    this.cards.set(clip.id, { item });
    this.renew(clip);
  }

  renew(clip) {
    const card = this.cards.get(clip.id);
    if (!card) return;
    const text = JSON.stringify(clip) + this.labels.size;
    if (card.text === text) return;
    const focused = card.item.contains(this.root.activeElement);
    card.text = text;
    card.clip = clip;
    card.item.replaceChildren(cardOf(clip, this.labels));
    if (focused) card.item.firstChild.focus({ preventScroll: true });
  }

  dayOf(clip, first) {
    const key = dayKey(clip.began_utc);
    const there = first ? this.days.firstElementChild : this.days.lastElementChild;
    if (there && there.dataset.day === key) return there.querySelector("ul");
    const section = element("section", "day");
    section.dataset.day = key;
    section.append(element("h2", "", dayWords(clip.began_utc)), element("ul", "grid"));
    if (first) this.days.prepend(section);
    else this.days.append(section);
    return section.querySelector("ul");
  }

  gone(id) {
    const card = this.cards.get(id);
    if (!card) return;
    const section = card.item.closest("section");
    card.item.remove();
    this.cards.delete(id);
    if (!section.querySelector("li")) section.remove();
    this.tell();
  }

  tell() {
    const empty = this.root.querySelector(".empty");
    const nothing = !this.cards.size && !this.failed && !this.loading;
    this.said.textContent = this.failed || "";
    empty.hidden = !nothing;
    empty.dataset.asked = String(this.filters.any);
    this.filters.form.hidden = nothing && !this.filters.any;
    this.root.querySelector(".end").textContent = this.cards.size && !this.before && !this.failed ? "That is all." : "";
  }

  // The last night

  async lookAtNight() {
    const night = await askNight();
    if (this.stopped || night.error) return;
    this.night = night;
    const box = this.root.querySelector(".night");
    box.hidden = false;
    box.querySelector(".span").textContent = `${timeWords(night.since)} to ${timeWords(night.until)}`;
    const counts = night.counts.map((one) => {
      const item = element("li", "", "");
      item.append(element("b", "", String(one.count)), ` ${one.what}`);
      return item;
    });
    box.querySelector(".counts").replaceChildren(...counts);
    box.querySelector(".quiet").hidden = Boolean(night.clips.length);
    box.querySelector(".strip").replaceChildren(...night.clips.map((clip) => {
      const item = element("li");
      item.append(nightCard(clip, this.labels));
      return item;
    }));
    box.querySelector(".strip").hidden = !night.clips.length;
    const all = box.querySelector(".all");
    all.hidden = !night.clips.length;
    all.onclick = () => this.filters.onlyNight({ since: night.since, until: night.until, words: "Last night" });
    const low = this.root.querySelector(".low");
    low.textContent = diskWords(night.disk);
    low.hidden = !low.textContent;
  }

  clicked(event) {
    const link = event.target.closest("a[data-id]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    this.openClip(link.dataset.id);
  }

  // Arrow keys go from card to card.
  key(event) {
    const link = event.target.closest?.("a[data-id]");
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 0, ArrowUp: 0 };
    if (!link || !(event.key in steps) || event.altKey || event.ctrlKey || event.metaKey) return;
    const all = [...(link.closest(".strip") || this.days).querySelectorAll("a[data-id]")];
    const place = all.indexOf(link);
    const next = steps[event.key] ? all[place + steps[event.key]] : nextRow(all, place, event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    next?.focus();
  }
}

// The card of the row below or above that stands nearest in its place.
function nextRow(all, place, step) {
  const here = all[place].getBoundingClientRect();
  const others = step > 0 ? all.slice(place + 1) : all.slice(0, place).reverse();
  const row = others.find((one) => Math.abs(one.getBoundingClientRect().top - here.top) > 8);
  if (!row) return null;
  const top = row.getBoundingClientRect().top;
  const same = others.filter((one) => Math.abs(one.getBoundingClientRect().top - top) < 8);
  return same.sort((a, b) => Math.abs(a.getBoundingClientRect().left - here.left) - Math.abs(b.getBoundingClientRect().left - here.left))[0];
}
