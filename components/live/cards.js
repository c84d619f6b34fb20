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

function makeFigure(id, onEnlarge, onWish) {
  const figure = make("figure", "camera");
  const button = make("button", "picture");
  button.type = "button";
  const canvas = make("canvas");
  canvas.setAttribute("role", "img");
  const stamp = make("span", "stamp");
  stamp.hidden = true;
  const mark = make("span", "mark num");
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
  figure.append(button, foot, makeOpening(onWish), close);
  return figure;
}

// For the owner: opens the real picture, says until when it is open and by whom, closes it.
function makeOpening(onWish) {
  const row = make("div", "opening num");
  const button = make("button", "", "");
  button.type = "button";
  button.addEventListener("click", () => onWish(button.dataset.wish));
  row.append(make("span", "until"), button);
  return row;
}

function updateOpening(row, camera, now, mayOpen) {
  row.hidden = !mayOpen;
  if (!mayOpen) return;
  const button = row.querySelector("button");
  setAttribute(row, "data-open", Boolean(camera.opened));
  setText(row.querySelector(".until"), camera.opened ? openWords(camera, now) : "");
  setAttribute(button, "data-wish", camera.opened ? "seal" : "show");
  setText(button, camera.opened ? "Close now" : "Show the real picture");
  setAttribute(button, "aria-label", camera.opened ? `Close now: the real picture of ${camera.name}` : `Show the real picture of ${camera.name}`);
}

// What the server says of an opened picture, with the moment of this machine at which it ends.
function openingOf(told, now) {
  return told ? { who: told.who, until: new Date(told.until_utc), ends: now.steady + told.left_s } : null;
}

function openSeconds(camera, now) {
  return camera.opened.ends - now.steady;
}

// "Real picture, open until 14:32, opened by Anna, 9:41 left"
function openWords(camera, now) {
  const { until, who } = camera.opened;
  const left = Math.max(0, Math.ceil(openSeconds(camera, now)));
  const clock = clockTime(until.getTime() / 1000).slice(0, 5);
  return `Real picture, open until ${clock}, opened by ${who}, ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left`;
}

const VIEW_WORDS = { redacted: "skeletons over the learnt empty picture", camera: "the real picture is shown" };

// What stands on a real picture: why it is shown, and when it was taken.
function markText(camera, now) {
  const age = pictureAge(camera, now);
  const taken = age === null ? "" : `, ${clockTime(now.wall - age)}`;
  return (camera.released ? "Real picture, released because nobody answered" : "Real picture") + taken;
}

function isReal(camera) {
  return camera.view === "camera" && Boolean(camera.bitmap);
}

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
  const stale = stamp !== "";
  setAttribute(figure, "data-camera", camera.id);
  const trouble = stale ? "" : troubleText(camera);
  setAttribute(figure, "data-stale", stale);
  setAttribute(figure, "data-trouble", trouble !== "");
  setAttribute(figure, "data-view", camera.view);
  setAttribute(figure, "data-released", Boolean(camera.released));
  setText(figure.querySelector("strong"), camera.name);
  setText(figure.querySelector(".view"), VIEW_WORDS[camera.view]);
  const word = stateWord(camera, now, connected);
  const age = ageWords(camera, now);
  setText(figure.querySelector(".state"), stale || !age ? word : `${word}, ${age}`);
  const stampElement = figure.querySelector(".stamp");
  stampElement.hidden = !stale && !trouble;
  setText(stampElement, stamp || trouble);
  const mark = figure.querySelector(".mark");
  mark.hidden = !isReal(camera);
  if (!mark.hidden) setText(mark, markText(camera, now));
  setAttribute(figure.querySelector("canvas"), "aria-label", `${camera.name}: ${stale ? stamp : [trouble, pictureWords(camera)].filter(Boolean).join(". ")}`);
}

// The picture in words: who is where, without seconds, so that it changes only when something happened.
function pictureWords(camera) {
  const here = (camera.people || []).filter((person) => person.camera === camera.id || (person.tracks || []).some(([where]) => where === camera.id));
  if (!here.length) return "nobody";
  return here.map((person) => `${person.name} ${STATE_WORDS[person.state]}`).join(", ");
}

const STATE_WORDS = {
  deck: "on deck", water: "in water", away: "not in view", countdown: "not seen in the water", emergency: "in an emergency",
};

const RING_LENGTH = 2 * Math.PI * 19;

function makePerson() {
  const row = make("li", "person");
  row.innerHTML =
    '<svg class="ring" viewBox="0 0 44 44" aria-hidden="true"><circle class="track" cx="22" cy="22" r="19"/>' +
    '<circle class="turn" cx="22" cy="22" r="19"/><text x="22" y="22.5"></text></svg>';
  const words = make("div", "words");
  const first = make("div", "first");
  const alarmed = make("span", "tag alarmed", "emergency");
  alarmed.dataset.tag = "emergency";
  first.append(make("strong"), make("span", "tag age"), alarmed);
  words.append(first, make("div", "detail num"), make("div", "pose num"));
  row.append(words);
  return row;
}

function updatePerson(row, person) {
  setAttribute(row, "data-state", person.state);
  setAttribute(row, "data-place", person.place);
  setAttribute(row, "data-person", person.id);
  const filled = ringShare(person) * RING_LENGTH;
  setAttribute(row.querySelector(".turn"), "stroke-dasharray", person.place === "away" ? "3 5" : `${filled.toFixed(1)} ${RING_LENGTH.toFixed(1)}`);
  const text = row.querySelector("text");
  setText(text, ringText(person));
  setAttribute(text, "data-long", text.textContent.length > 2);
  setText(row.querySelector("strong"), person.name);
  const tag = row.querySelector(".tag.age");
  setText(tag, tagOf(person));
  setAttribute(tag, "data-tag", person.responsible ? "responsible" : person.age);
  setAttribute(tag, "title", `${tagOf(person)}: ${person.age_why}`);
  row.querySelector(".alarmed").hidden = person.state !== "emergency";
  setText(row.querySelector(".detail"), whereWords(person));
  const pose = row.querySelector(".pose");
  pose.hidden = poseWords(person) === "";
  setText(pose, poseWords(person));
  setAttribute(pose, "title", poseWords(person));
  setAttribute(pose, "data-care", poseAlarms(person));
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
  const seal = camera.view !== "camera" ? "picture sealed" : camera.released ? "real picture released" : "real picture open";
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
