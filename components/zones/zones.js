// The editor: which camera, its shapes, what was done and can be undone, saving with a revision.

const POLL_MS = 2000;
const LEFT_SHOWN_MS = 7000;

class Editor {
  constructor(root) {
    this.root = root;
    this.cameras = [];
    this.templates = [];
    this.limits = { zones: 50, points: 100, name: 60, smallest_area: 1e-4 };
    this.all = {};
    this.camera = "";
    this.shapes = [];
    this.base = [];
    this.revision = 0;
    this.selected = -1;
    this.point = -1;
    this.drawing = null;
    this.conflict = null;
    this.sure = null;
    this.pin = false;
    this.lookOnly = false;
    this.deleted = false;
    this.saving = false;
    this.history = new History();
    this.words = ["Loading", ""];
    this.picture = { id: "", why: "", learnt: null };
    this.turn = 0;
    this.panel = new Panel(root, this);
    this.stage = new Stage(root, this);
    this.onKey = (event) => this.key(event);
    this.onLeave = (event) => {
      if (!this.dirty) return;
      this.keepDraft();
      event.preventDefault();
    };
    document.addEventListener("keydown", this.onKey);
    window.addEventListener("beforeunload", this.onLeave);
  }

  async start() {
    await this.load(this.lastCamera());
    this.poll();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    document.removeEventListener("keydown", this.onKey);
    window.removeEventListener("beforeunload", this.onLeave);
    this.stage.stop();
    if (!this.dirty) return;
    this.keepDraft();
    tellLeft(this.draftKept);
  }

  lastCamera() {
    try {
      return window.sessionStorage.getItem("poolwatch.zones.camera") || "";
    } catch {
      return "";
    }
  }

  // What the server has

  async load(camera) {
    const found = await askAll();
    if (this.stopped) return;
    if (found.error) {
      this.say(`The zones cannot be read: ${found.error}`, "wrong");
      this.draw();
      return;
    }
    this.cameras = found.cameras;
    this.all = found.zones;
    this.templates = found.templates;
    this.limits = found.limits;
    this.pin = Boolean(found.pin);
    this.lookOnly = found.may_save === false;
    const first = this.cameras.some((one) => one.id === camera) ? camera : (this.cameras[0] || {}).id;
    if (first) this.open(first);
    else {
      this.say("There is no camera yet: add one on the page Cameras.", "care");
      this.draw();
    }
  }

  open(camera) {
    if (this.dirty) this.keepDraft();
    this.drawing = null;
    this.camera = camera;
    try {
      window.sessionStorage.setItem("poolwatch.zones.camera", camera);
    } catch {
      // The first camera is shown next time.
    }
    this.turn += 1;
    this.picture = { id: "", why: "", learnt: null };
    this.root.querySelector(".stage img").hidden = true;
    this.take(this.all[camera]);
    const draft = this.lookOnly ? null : readDraft(camera);
    if (draft) this.resume(draft);
    this.draw();
    this.look();
  }

  take(theirs) {
    this.sure = null;
    this.base = theirs.zones.map(clean);
    this.shapes = theirs.zones.map(clean);
    this.revision = theirs.revision;
    this.selected = -1;
    this.point = -1;
    this.conflict = null;
    this.deleted = false;
    this.history = new History();
    this.say(theirs.default && theirs.zones.length ? "Nobody has drawn here. These are the simulated garden's own; change and save them as you like." : "", "");
  }

  resume(draft) {
    const now = this.all[this.camera];
    this.shapes = draft.shapes.map(clean);
    this.history = new History(draft.undo || [], draft.redo || []);
    const at = new Date(draft.at);
    const when = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    if (draft.revision === now.revision) {
      this.say(`Your changes of ${when} are not saved yet.`, "care");
      return;
    }
    this.base = draft.base.map(clean);
    this.revision = draft.revision;
    this.meet(now);
  }

  poll() {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      if (!document.hidden && this.camera) await this.look();
      if (!this.cameras.length && !document.hidden) await this.load("");
      if (!this.stopped) this.poll();
    }, POLL_MS);
  }

  // The newest picture, and whether somebody else has saved meanwhile.
  async look() {
    const { camera, turn } = this;
    const found = await askPicture(camera, this.picture.id);
    if (this.stopped || turn !== this.turn) return;
    this.picture.why = (found.error || found.why || "").replace(/[^.]$/, "$&.");
    if (found.size && found.size.length === 2 && found.size[0] > 0 && found.size[1] > 0) this.setShape(found.size[0] / found.size[1]);
    if (found.jpeg) await this.show(found.jpeg, found.picture);
    if (turn !== this.turn || this.stopped) return;
    if (found.revision !== undefined && found.revision !== this.revision && !this.saving && !this.conflict) await this.changedByOthers(turn);
    this.panel.drawCamera();
  }

  async show(jpeg, id) {
    const image = this.stage.image;
    image.src = `data:image/jpeg;base64,${jpeg}`;
    try {
      await image.decode();
    } catch {
      return;
    }
    this.picture.id = id;
    this.picture.learnt = !oneColour(image);
    image.hidden = !this.picture.learnt;
    if (this.picture.learnt) this.setShape(image.naturalWidth / image.naturalHeight);
  }

  setShape(shape) {
    this.stage.box.style.setProperty("--shape", String(shape));
  }

  pictureWords() {
    const { why, learnt } = this.picture;
    if (why) return learnt ? `${why} This is the last picture.` : `${why} There is no picture: the shapes can be changed all the same.`;
    if (learnt === null) return "Waiting for the picture";
    return learnt ? "the learnt empty picture, without people" : "Nothing is learnt of the empty picture yet: give it a minute. The grid stands for the picture.";
  }

  async changedByOthers(turn) {
    const found = await askAll();
    if (found.error || turn !== this.turn || this.stopped || this.saving) return;
    this.all = found.zones;
    const theirs = found.zones[this.camera];
    if (!theirs || theirs.revision === this.revision) return;
    if (this.dirty || this.drawing) this.meet(theirs);
    else {
      this.take(theirs);
      this.say(`${theirs.by || "Somebody else"} has changed these zones: this is how they are now.`, "care");
    }
    this.draw();
  }

  // Two people's work: nothing is lost without being told.
  meet(theirs) {
    const who = theirs.by || "Somebody else";
    this.conflict = {
      key: `${theirs.revision}`,
      title: `${who} has saved other zones meanwhile`,
      text: "Your changes are still here and not saved. Choose what shall be:",
      choices: [
        ["Merge, shape by shape", () => this.settle(theirs, "merge"), true],
        ["Load theirs", () => this.settle(theirs, "theirs"), false],
        ["Keep mine, and replace theirs", () => this.settle(theirs, "mine"), false],
      ],
    };
    this.say(`Not saved: ${who} has saved other zones meanwhile.`, "wrong");
  }

  async settle(theirs, choice) {
    this.history.keep(this.shapes);
    const found = choice === "merge" ? merged(this.base, this.shapes, theirs.zones.map(clean)) : null;
    if (choice === "theirs") this.shapes = theirs.zones.map(clean);
    if (found) this.shapes = found.shapes.map(clean);
    this.base = theirs.zones.map(clean);
    this.revision = theirs.revision;
    this.conflict = null;
    this.selected = -1;
    this.point = -1;
    this.deleted = false;
    if (found) this.say(found.both.length ? `Merged, not saved yet. Both of you changed ${found.both.join(", ")}: look at them.` : "Merged, not saved yet: look at it and save.", "care");
    else if (choice === "theirs") this.say("These are theirs. Undo brings yours back.", "");
    this.changed();
    if (choice === "mine") await this.save();
  }

  // What is there

  get dirty() {
    return Boolean(this.camera) && !sameShapes(this.shapes, this.base);
  }

  otherShapes() {
    return Object.entries(this.all)
      .filter(([camera]) => camera !== this.camera)
      .flatMap(([camera, found]) => found.zones.map((zone) => ({ ...zone, camera, cameraName: (this.cameras.find((one) => one.id === camera) || {}).name || camera })));
  }

  portals() {
    return this.otherShapes().filter((zone) => zone.kind === "portal");
  }

  // One place may span cameras: whose name says so.
  sharedWith(shape) {
    const cameras = this.otherShapes().filter((other) => other.name === shape.name.trim() && (other.kind === shape.kind || (other.kind !== "scale" && shape.kind !== "scale")));
    return cameras.length ? `Also on ${sentenceList([...new Set(cameras.map((one) => one.cameraName))])}: it is one place.` : "";
  }

  problem(index) {
    return problemOf(this.shapes[index], this.shapes, this.portals(), this.limits);
  }

  canUndo() {
    return this.drawing ? this.drawing.points.length > 0 : this.history.undo.length > 0;
  }

  say(text, tone) {
    this.words = [text, tone];
  }

  told() {
    if (this.words[0]) return this.words;
    if (this.dirty) return [this.draftKept === false ? "Not saved yet, and this browser keeps nothing: save before you leave." : "Not saved yet.", "care"];
    return ["", ""];
  }

  draw() {
    this.stage.draw();
    this.panel.draw();
  }

  // Changing shapes

  keep(what) {
    this.history.keep(this.shapes, what);
    this.say("", "");
    this.deleted = false;
  }

  changed() {
    this.sure = null;
    this.keepDraft();
    this.draw();
  }

  settled() {
    if (this.history.undo.length && this.history.undo[this.history.undo.length - 1] === JSON.stringify(this.shapes)) this.history.forgetLast();
    this.changed();
  }

  keepDraft() {
    if (!this.camera) return;
    if (this.dirty) {
      const { shapes, base, revision } = this;
      this.draftKept = writeDraft(this.camera, { shapes, base, revision, at: Date.now(), undo: this.history.undo, redo: this.history.redo });
    } else dropDraft(this.camera);
  }

  put(changes, index = this.selected) {
    this.shapes = this.shapes.map((shape, i) => (i === index ? { ...shape, ...changes } : shape));
    // The panel follows when the finger rests, see `settled`.
    this.stage.draw();
  }

  putPoint(index, [x, y]) {
    const polygon = this.shapes[this.selected].polygon.map((point, i) => (i === index ? [round(clamp(x)), round(clamp(y))] : point));
    this.point = index;
    this.put({ polygon });
  }

  select(index) {
    if (this.drawing) return;
    this.selected = index;
    this.point = -1;
    this.draw();
  }

  activate(point) {
    if (this.point === point) return;
    this.point = point;
    this.draw();
  }

  // A new point after point `index`; its number. `at` null is the middle of the side.
  insert(index, at) {
    const { polygon } = this.shapes[this.selected];
    const [a, b] = sides(polygon)[index];
    const point = at || [round((a[0] + b[0]) / 2), round((a[1] + b[1]) / 2)];
    this.keep();
    this.point = index + 1;
    const changes = { polygon: [...polygon.slice(0, index + 1), point, ...polygon.slice(index + 1)] };
    if (this.shapes[this.selected].kind !== "scale") changes.size_m = null;
    this.put(changes);
    this.changed();
    return index + 1;
  }

  removePoint(index) {
    const shape = this.shapes[this.selected];
    if (!shape || index < 0) return;
    if (shape.polygon.length <= 3) {
      this.say("Three points are the fewest. Delete the shape if you do not want it.", "wrong");
      this.panel.drawBars();
      return;
    }
    this.keep();
    this.point = -1;
    this.put({ polygon: shape.polygon.filter((_, i) => i !== index), ...(shape.kind === "scale" ? {} : { size_m: null }) });
    this.changed();
  }

  remove(index) {
    const shape = this.shapes[index];
    if (!shape) return;
    this.keep();
    this.shapes = this.shapes.filter((_, i) => i !== index);
    this.selected = -1;
    this.point = -1;
    this.deleted = true;
    this.say(`“${shape.name}” is deleted.`, "care");
    this.changed();
  }

  edit(key, value) {
    this.keep(`${key} ${this.selected}`);
    this.put({ [key]: value });
    this.changed();
  }

  setKind(kind) {
    const shape = this.shapes[this.selected];
    const place = ["boundary", "water"].includes(kind);
    const template = this.templates.find((one) => one.name === shape.template);
    const fits = place && template && (kind !== "water" || template.water);
    this.keep();
    this.put({ kind, template: fits ? shape.template : null, to: kind === "portal" ? shape.to : null, size_m: kind === "mask" || kind === "portal" ? null : shape.size_m });
    this.changed();
  }

  setSize(width, length) {
    const scale = this.shapes[this.selected].kind === "scale";
    const typed = [width, length].map((text) => (text === "" ? NaN : Number(text)));
    const size = typed.every(Number.isNaN) ? null : typed.map((side) => (Number.isFinite(side) ? Math.round(side * 100) / 100 : 0));
    this.edit("size_m", scale && !size ? null : size);
  }

  undo() {
    if (this.drawing) {
      this.drawing.points.pop();
      this.draw();
      return;
    }
    this.stepTo(this.history.back(this.shapes));
  }

  redo() {
    if (!this.drawing) this.stepTo(this.history.forward(this.shapes));
  }

  stepTo(shapes) {
    if (!shapes) return;
    this.shapes = shapes;
    this.selected = Math.min(this.selected, shapes.length - 1);
    const shape = shapes[this.selected];
    if (!shape || this.point >= shape.polygon.length) this.point = -1;
    this.deleted = false;
    this.say("", "");
    this.changed();
  }

  // Drawing a new one

  begin(item) {
    if (this.shapes.length >= this.limits.zones) {
      this.say(`A camera has at most ${this.limits.zones} shapes.`, "wrong");
      this.draw();
      return;
    }
    this.selected = -1;
    this.point = -1;
    this.deleted = false;
    this.say("", "");
    this.drawing = { item, points: [] };
    this.draw();
    this.stage.box.scrollIntoView({ block: "nearest" });
  }

  addPoint(at) {
    const { points, item } = this.drawing;
    const last = points[points.length - 1];
    // A second tap at the same place closes.
    if (last && distance(this.stage.px(last), this.stage.px(at)) < 4 && points.length > 2) return this.close();
    if (points.length >= this.limits.points) return this.close();
    points.push(at);
    if (points.length === item.corners) this.close();
    else this.draw();
  }

  moveLast(at) {
    if (!this.drawing) return;
    this.drawing.points[this.drawing.points.length - 1] = at;
    this.draw();
  }

  close() {
    const { item, points } = this.drawing;
    if (points.length < (item.corners || 3)) return;
    this.finish(item, points);
  }

  placeReady() {
    const { item } = this.drawing;
    const there = this.shapes.filter((shape) => shape.kind === item.kind).length;
    this.finish(item, movedBy(item.polygon, 0.03 * there, 0.03 * there));
    this.stage.focus(".shapes", this.shapes.length - 1);
  }

  finish(item, points) {
    this.drawing = null;
    this.keep();
    const template = this.templates.some((one) => one.name === item.id) ? item.id : null;
    const polygon = points.map(([x, y]) => [round(x), round(y)]);
    this.shapes = [...this.shapes, clean({ name: this.freeName(item), kind: item.kind, polygon, template, size_m: item.size_m || null })];
    this.selected = this.shapes.length - 1;
    this.changed();
  }

  freeName(item) {
    const taken = new Set(this.shapes.map((shape) => shape.name));
    let name = item.name;
    for (let i = 2; taken.has(name); i += 1) name = `${item.name} ${i}`;
    return name;
  }

  cancelDrawing() {
    this.drawing = null;
    this.draw();
  }

  key(event) {
    if (this.lookOnly) return;
    const target = event.composedPath()[0];
    if (target.matches && target.matches("input, textarea, [contenteditable]")) return;
    const letter = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && (letter === "z" || letter === "y")) {
      event.preventDefault();
      if (letter === "y" || event.shiftKey) this.redo();
      else this.undo();
    } else if (this.drawing && event.key === "Escape") this.cancelDrawing();
    else if (this.drawing && event.key === "Enter" && !(target.matches && target.matches("button, select"))) this.close();
    else if (event.key === "Escape") this.panel.openMenu(false);
  }

  // Saving

  // `pin` is a text once it was asked whether less shall be watched.
  async save(pin) {
    if (this.saving || this.conflict) return;
    const wrong = this.shapes.findIndex((_, i) => this.problem(i));
    if (wrong >= 0) {
      const problem = this.problem(wrong);
      this.select(wrong);
      this.say(`Not saved. “${this.shapes[wrong].name}”: ${problem}`, "wrong");
      this.draw();
      return;
    }
    const less = lessWatched(this.base, this.shapes);
    if (less && pin === undefined) {
      this.sure = { text: less, pin: this.pin };
      this.say("Not saved yet: it is asked once more.", "care");
      this.draw();
      return;
    }
    this.sure = null;
    this.saving = true;
    this.say("Saving", "");
    this.draw();
    const { camera, shapes } = this;
    const sent = shapes.map(plain);
    const found = await askSave(camera, sent, this.revision, pin);
    this.saving = false;
    if (camera !== this.camera) return this.savedElsewhere(camera, found, sent);
    if (found.status === 200) this.saved(found, sent);
    else if (found.theirs) {
      this.all[camera] = found.theirs;
      this.meet(found.theirs);
    } else {
      // Somebody has set one since the page was loaded.
      if (/\bPIN\b/.test(found.error)) this.pin = true;
      this.say(`Not saved: ${found.error} Your changes are kept on this device.`, "wrong");
    }
    this.keepDraft();
    this.draw();
  }

  saved(found, sent) {
    this.revision = found.revision;
    this.base = sent.map(clean);
    this.all[this.camera] = { ...this.all[this.camera], revision: found.revision, zones: sent, default: false };
    this.deleted = false;
    this.say(["Saved. The judge goes by it from now on.", ...found.notes].join(" "), found.notes.length ? "care" : "");
  }

  // What is saved stays, and so does what it was called.
  leaveIt() {
    this.sure = null;
    this.discard();
  }

  // The camera was changed while the save was on its way.
  savedElsewhere(camera, found, sent) {
    if (found.status === 200) {
      dropDraft(camera);
      this.all[camera] = { ...this.all[camera], revision: found.revision, zones: sent, default: false };
    } else {
      this.say("The other camera's zones were not saved: choose it again.", "wrong");
    }
    this.draw();
  }

  discard() {
    this.keep();
    this.shapes = this.base.map(clean);
    this.conflict = null;
    this.selected = -1;
    this.point = -1;
    this.drawing = null;
    const now = this.all[this.camera];
    if (now.revision !== this.revision) this.settle(now, "theirs");
    this.say("Your changes are discarded. Undo brings them back.", "");
    this.changed();
  }

  // Files

  download() {
    const cameras = Object.keys(this.all);
    const zones = cameras.flatMap((camera) => (camera === this.camera ? this.shapes : this.all[camera].zones).map((shape) => ({ camera, ...plain(clean(shape)) })));
    const link = make("a", { download: "zones.json", href: URL.createObjectURL(new Blob([`${JSON.stringify(zones, null, 1)}\n`], { type: "application/json" })) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  async upload(file) {
    const { camera } = this;
    const found = await askRead(file);
    if (camera !== this.camera) return;
    if (found.error) {
      this.say(`“${file.name}” is not read. ${found.error}`, "wrong");
      this.draw();
      return;
    }
    const name = (this.cameras.find((one) => one.id === camera) || {}).name;
    const files = [...new Set(found.zones.map((zone) => zone.camera))];
    const own = files.length === 1 && !this.all[files[0]] ? found.zones : found.zones.filter((zone) => zone.camera === camera || zone.camera === name);
    if (!own.length) {
      this.say(`“${file.name}” has no zones for this camera. It has some for: ${files.join(", ") || "none"}.`, "wrong");
      this.draw();
      return;
    }
    this.keep();
    this.shapes = own.map(clean);
    this.selected = -1;
    this.point = -1;
    const others = found.zones.length - own.length;
    this.say(`${own.length} shapes are read and not saved yet.${others ? ` ${others} more are for other cameras: choose those and read the file again.` : ""}`, "care");
    this.changed();
  }
}

// A shape with just what the editor knows.
function clean(zone) {
  return {
    name: String(zone.name),
    kind: KINDS[zone.kind] ? zone.kind : "boundary",
    polygon: zone.polygon.map(([x, y]) => [Number(x), Number(y)]),
    to: zone.to || null,
    size_m: zone.size_m ? [...zone.size_m] : null,
    template: zone.template || null,
  };
}

// Whether a picture shows nothing: the worker sends one colour, and black masks, until it has learnt.
function oneColour(image) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [32, 18];
  const g = canvas.getContext("2d");
  g.drawImage(image, 0, 0, 32, 18);
  const { data } = g.getImageData(0, 0, 32, 18);
  let [low, high] = [255, 0];
  for (let i = 0; i < data.length; i += 4) {
    const level = data[i] + data[i + 1] + data[i + 2];
    if (level < 30) continue;
    low = Math.min(low, level / 3);
    high = Math.max(high, level / 3);
  }
  return high - low < 8;
}

// After the page was left: where the work is.
function tellLeft(kept) {
  const app = document.querySelector(".stApp");
  const note = make("div", { role: "status", id: "poolwatch-zones-left", text: kept === false ? "The changes of the zones were not saved, and this browser could not keep them." : "Your changes of the zones are not saved. They are kept on this device: go back to Zones to save them." });
  note.style.cssText =
    "position:fixed;left:50%;bottom:calc(84px + env(safe-area-inset-bottom));transform:translateX(-50%);z-index:950;max-width:min(560px,calc(100vw - 24px));width:max-content;padding:14px 18px;border-radius:12px;border:2px solid #f2b134;font:600 16px/1.35 system-ui,sans-serif;background:light-dark(#ffffff,#151f24);color:light-dark(#10262c,#e8f1f2)";
  if (app) note.style.colorScheme = getComputedStyle(app).colorScheme;
  const before = document.getElementById(note.id);
  if (before) before.remove();
  document.body.append(note);
  setTimeout(() => note.remove(), LEFT_SHOWN_MS);
}

export default function (component) {
  const root = component.parentElement;
  if (root.poolwatch) root.poolwatch.stop();
  const editor = new Editor(root);
  root.poolwatch = editor;
  editor.start();
  return () => {
    editor.stop();
    if (root.poolwatch === editor) root.poolwatch = null;
  };
}
