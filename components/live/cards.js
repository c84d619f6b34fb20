// The parts of the page around the canvases. Elements are made once and then only their text changes,
// and text only when it differs, so nothing jumps and a screen reader is not interrupted. Names come
// from people: they are set as text, never as HTML.

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

// Keeps `parent`'s children in step with `keys`: makes, orders and removes; returns key -> element.
function syncChildren(parent, keys, create) {
  const found = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  for (const [key, child] of found) if (!keys.includes(key)) child.remove();
  keys.forEach((key, index) => {
    let child = found.get(key);
    if (!child) {
      child = create(key);
      child.dataset.key = key;
      found.set(key, child);
    }
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] || null);
  });
  return found;
}

function makeFigure(id, onEnlarge) {
  const figure = make("figure", "camera");
  const button = make("button", "picture");
  button.type = "button";
  const canvas = make("canvas");
  canvas.setAttribute("role", "img");
  const stamp = make("span", "stamp");
  stamp.hidden = true;
  const mark = make("span", "mark", "Real picture");
  mark.hidden = true;
  button.append(canvas, stamp, mark);
  button.addEventListener("click", () => onEnlarge(id));
  const foot = make("figcaption");
  const words = make("span", "words");
  words.append(make("strong"), make("span", "view"));
  foot.append(words, make("span", "state num"));
  const close = make("button", "close", "Back to all cameras");
  close.type = "button";
  close.addEventListener("click", () => onEnlarge(null));
  figure.append(button, foot, close);
  return figure;
}

const VIEW_WORDS = { redacted: "skeletons over the learnt empty picture", camera: "the real picture is shown" };

function pace(camera) {
  const fps = camera.stats.fps;
  const latency = camera.stats.latency_ms_p50;
  const words = [];
  if (typeof fps === "number") words.push(`${fps.toFixed(fps < 9.95 ? 1 : 0)} frames/s`);
  if (typeof latency === "number") words.push(`${Math.round(latency)} ms`);
  return words.join(", ");
}

function ageWords(camera, now) {
  const age = pictureAge(camera, now);
  return age === null ? "" : age < 10 ? `${age.toFixed(1)} s old` : `${seconds(age)} old`;
}

function updateFigure(figure, camera, now, connected) {
  const stamp = stampText(camera, now, connected);
  const people = (camera.observation && camera.observation.people) || [];
  const stale = stamp !== "";
  setAttribute(figure, "data-camera", camera.id);
  setAttribute(figure, "data-stale", stale);
  setAttribute(figure, "data-view", camera.view);
  setText(figure.querySelector("strong"), camera.name);
  setText(figure.querySelector(".view"), VIEW_WORDS[camera.view]);
  const word = stateWord(camera, now, connected);
  const age = ageWords(camera, now);
  setText(figure.querySelector(".state"), stale || !age ? word : `${word}, ${age}`);
  const stampElement = figure.querySelector(".stamp");
  stampElement.hidden = !stale;
  setText(stampElement, stamp);
  figure.querySelector(".mark").hidden = camera.view !== "camera" || !camera.bitmap;
  const count = stale ? stamp : people.length === 1 ? "1 person" : `${people.length} people`;
  setAttribute(figure.querySelector("canvas"), "aria-label", `${camera.name}: ${count}`);
}

function makePerson() {
  const row = make("li", "person");
  row.innerHTML =
    '<svg class="ring" viewBox="0 0 44 44" aria-hidden="true"><circle class="track" cx="22" cy="22" r="19"/>' +
    '<circle class="turn" cx="22" cy="22" r="19"/><text x="22" y="22.5"></text></svg>';
  const words = make("div", "words");
  const first = make("div", "first");
  first.append(make("strong"), make("span", "tag"));
  words.append(first, make("div", "detail num"));
  row.append(words);
  return row;
}

function seenWords(person, t, age) {
  const ago = Math.max(0, t + age - person.seen_t);
  return ago <= IN_VIEW_S + 0.5 ? "seen now" : `seen ${seconds(ago)} ago`;
}

function updatePerson(row, person, camera, age, stale, where) {
  const state = stale ? "stale" : shownState(person, camera.observation.t);
  setAttribute(row, "data-state", state);
  setText(row.querySelector("text"), String(person.id));
  setText(row.querySelector("strong"), personName(person));
  const tag = { lost: "lost from sight", tentative: "not sure yet", stale: "old picture" }[state] || "";
  const tagElement = row.querySelector(".tag");
  tagElement.hidden = !tag;
  setText(tagElement, tag);
  const sure = Math.round((person.score || 0) * 100);
  setText(row.querySelector(".detail"), `${seenWords(person, camera.observation.t, age)}, ${sure} % sure${where ? `, ${camera.name}` : ""}`);
}

function makeRow() {
  const row = make("li", "row");
  row.append(make("span", "dot"));
  const words = make("div", "words");
  words.append(make("div", "name"), make("div", "detail num"));
  row.append(words);
  return row;
}

function updateRow(row, camera, now, connected) {
  const word = stateWord(camera, now, connected);
  setAttribute(row, "data-state", word);
  setText(row.querySelector(".name"), camera.name);
  const seal = camera.view === "camera" ? "real picture shown" : "picture sealed";
  const parts = word === "live" ? [pace(camera), seal] : [stampText(camera, now, connected) || word];
  setText(row.querySelector(".detail"), parts.filter(Boolean).join(", "));
}

function makeChip(key, label, on, onChange) {
  const chip = make("button", "chip", label);
  chip.type = "button";
  chip.dataset.option = key;
  chip.setAttribute("aria-pressed", on);
  chip.addEventListener("click", () => {
    const next = chip.getAttribute("aria-pressed") !== "true";
    chip.setAttribute("aria-pressed", next);
    onChange(key, next);
  });
  return chip;
}
