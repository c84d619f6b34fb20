// What is asked for: search, kind, level, camera, person, day, label, kept.

const TYPING_MS = 300;
const NOT_ASKED = { text: "", kinds: "", levels: "", camera: "", person: "", day: "", labels: "", kept: false };

class Filters {
  constructor(root, changed) {
    this.form = root.querySelector(".filters");
    this.changed = changed;
    this.night = null; // {since, until} while only a time, mostly the last night, is shown
    this.fields = [...this.form.querySelectorAll("[name]")];
    this.form.onsubmit = (event) => event.preventDefault();
    this.form.addEventListener("input", (event) => this.heard(event));
    this.form.querySelector(".open").onclick = () => this.open(!this.isOpen);
    root.querySelector(".clear").onclick = () => this.clear();
    root.querySelector(".chip.night-only").onclick = () => this.onlyNight(null);
    this.begin(new URLSearchParams(window.location.search));
  }

  // An address may ask for something, too: another page leads here.
  begin(query) {
    for (const [key, name] of [["kind", "kinds"], ["level", "levels"], ["label", "labels"], ["camera", "camera"], ["person", "person"], ["day", "day"], ["text", "text"]]) {
      this.wished = { ...this.wished, ...(query.get(key) ? { [name]: query.get(key) } : {}) };
    }
    const [since, until] = [query.get("since"), query.get("until")];
    if (since && until && !isNaN(new Date(since)) && !isNaN(new Date(until))) this.night = { since, until };
    for (const field of this.fields) if (this.wished[field.name] && field.tagName === "INPUT") field.value = this.wished[field.name];
    this.show();
  }

  get isOpen() {
    return this.form.dataset.open === "true";
  }

  open(on) {
    this.form.dataset.open = String(on);
    this.form.querySelector(".open").setAttribute("aria-expanded", String(on));
  }

  // The choices, when they are known or have changed; what is chosen stays.
  offer(words) {
    const choices = {
      kinds: words.kinds.map((one) => [one.id, one.words]),
      levels: words.levels.map((one) => [one.id, `${one.mark} ${one.words}`]),
      labels: words.labels.map((one) => [one.id, one.words]),
      camera: words.cameras.map((one) => [one.id, one.name]),
      person: words.people.map((name) => [name, name]),
    };
    for (const [name, rows] of Object.entries(choices)) {
      const field = this.field(name);
      const chosen = field.value || (this.wished && this.wished[name]) || "";
      const all = rows.some(([id]) => id === chosen) || !chosen ? rows : [...rows, [chosen, chosen]];
      field.replaceChildren(field.options[0], ...all.map(([id, text]) => new Option(text, id)));
      field.value = chosen;
      field.closest("label").hidden = !all.length;
    }
    this.wished = {};
    this.show();
  }

  field(name) {
    return this.form.elements.namedItem(name);
  }

  values() {
    return Object.fromEntries(this.fields.map((field) => [field.name, field.type === "checkbox" ? field.checked : field.value.trim()]));
  }

  // As the server takes it. A day is one of the viewer's own clock, which may have 23 or 25 hours.
  asked() {
    const { day, kinds, levels, labels, ...rest } = { ...this.values(), ...this.wished };
    const lists = Object.fromEntries(Object.entries({ kinds, levels, labels }).filter(([, one]) => one).map(([key, one]) => [key, [one]]));
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value));
    const span = this.night ? { since: this.night.since, until: this.night.until } : {};
    return { ...given, ...lists, ...(day ? dayBounds(day) : span) };
  }

  get count() {
    return Object.entries(this.values()).filter(([name, value]) => name !== "text" && value).length;
  }

  get any() {
    return Boolean(this.count || this.field("text").value.trim() || this.night);
  }

  heard(event) {
    if (event.target.name === "day" && event.target.value) this.night = null;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell(), event.target.name === "text" ? TYPING_MS : 0);
    this.show();
  }

  tell() {
    this.show();
    this.changed();
  }

  show() {
    const button = this.form.querySelector(".open");
    button.textContent = this.count ? `Filter (${this.count})` : "Filter";
    this.form.querySelector(".clear").hidden = !this.any;
    const only = this.form.querySelector(".night-only");
    only.hidden = !this.night;
    if (this.night) only.textContent = this.night.words || spanWords(this.night);
  }

  clear() {
    for (const field of this.fields) {
      if (field.type === "checkbox") field.checked = NOT_ASKED[field.name];
      else field.value = NOT_ASKED[field.name];
    }
    this.night = null;
    this.tell();
    this.field("text").focus();
  }

  onlyNight(night) {
    this.night = night;
    if (night) this.field("day").value = "";
    this.tell();
  }
}

const spanWords = ({ since, until }) => `${dayWords(since)}, ${timeWords(since)} to ${timeWords(until)}`;

function dayBounds(day) {
  const [year, month, date] = day.split("-").map(Number);
  const bounds = [new Date(year, month - 1, date), new Date(year, month - 1, date + 1)];
  if (bounds.some((one) => isNaN(one))) return {};
  return { since: bounds[0].toISOString(), until: bounds[1].toISOString() };
}
