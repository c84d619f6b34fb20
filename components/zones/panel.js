// The fields and lists beside the picture. They show the editor's shapes and tell it what was typed.

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "text") node.textContent = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

function options(select, rows, chosen) {
  const wanted = JSON.stringify(rows);
  if (select.dataset.rows !== wanted) {
    select.replaceChildren(...rows.map(([value, text]) => make("option", { value, text })));
    select.dataset.rows = wanted;
  }
  if (select.value !== chosen) select.value = chosen;
}

const sentenceList = (words) => (words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}` : words.join(""));

class Panel {
  constructor(root, editor) {
    this.root = root;
    this.editor = editor;
    const on = (selector, type, listener) => root.querySelector(selector).addEventListener(type, listener);
    on("#camera", "change", (event) => editor.open(event.target.value));
    on("#name", "input", (event) => editor.edit("name", event.target.value.slice(0, editor.limits.name)));
    on("#kind", "change", (event) => editor.setKind(event.target.value));
    on("#template", "change", (event) => editor.edit("template", event.target.value || null));
    on("#to", "change", (event) => editor.edit("to", event.target.value || null));
    for (const id of ["width", "length"]) on(`#${id}`, "input", () => editor.setSize(this.find("#width").value, this.find("#length").value));
    on(".sure", "submit", (event) => {
      event.preventDefault();
      editor.save(this.find("#sure-pin").value);
    });
    on('input[type="file"]', "change", (event) => this.chosen(event.target));
    root.querySelector(".menu").append(...ADDABLE.map((item) => this.menuButton(item)));
    root.querySelector(".zones").addEventListener("click", (event) => this.clicked(event));
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  clicked(event) {
    const button = event.target.closest("button[data-do]");
    if (!button) return;
    const { editor } = this;
    const deeds = {
      add: () => this.openMenu(this.find(".menu").hidden),
      "add-pool": () => editor.begin(ADDABLE[0]),
      undo: () => editor.undo(),
      redo: () => editor.redo(),
      close: () => editor.close(),
      ready: () => editor.placeReady(),
      cancel: () => editor.cancelDrawing(),
      "remove-point": () => editor.removePoint(editor.point),
      delete: () => editor.remove(editor.selected),
      save: () => editor.save(),
      discard: () => editor.discard(),
      unsure: () => editor.leaveIt(),
      download: () => editor.download(),
      upload: () => this.find('input[type="file"]').click(),
    };
    deeds[button.dataset.do]();
  }

  async chosen(input) {
    const file = input.files[0];
    input.value = "";
    if (file) await this.editor.upload(file);
  }

  menuButton(item) {
    const button = make("button", { type: "button", "data-add": item.id }, make("span", { text: item.title }), make("small", { text: KINDS[item.kind].word }));
    button.addEventListener("click", () => {
      this.openMenu(false);
      this.editor.begin(item);
    });
    return button;
  }

  openMenu(open) {
    this.find(".menu").hidden = !open;
    this.find('[data-do="add"]').setAttribute("aria-expanded", String(open));
    if (open) this.find(".menu button").focus();
  }

  draw() {
    const { editor } = this;
    this.find(".zones").dataset.ready = String(Boolean(editor.camera));
    this.find(".zones").dataset.look = String(editor.lookOnly);
    for (const field of this.root.querySelectorAll(".details input, .details select")) field.disabled = editor.lookOnly;
    this.drawBars();
    this.drawCamera();
    this.drawList();
    this.drawDetails(editor.shapes[editor.selected]);
    this.drawConflict();
    this.drawSure();
  }

  drawBars() {
    const { editor } = this;
    for (const button of this.root.querySelectorAll('[data-do="undo"]:not(.undo-delete)')) button.disabled = !editor.canUndo();
    this.find('[data-do="redo"]').disabled = !editor.history.redo.length || Boolean(editor.drawing);
    this.find(".undo-delete").hidden = !editor.deleted;
    this.find('[data-do="remove-point"]').hidden = editor.point < 0 || Boolean(editor.drawing);
    this.find('[data-do="save"]').disabled = !editor.dirty || editor.saving || Boolean(editor.conflict) || Boolean(editor.sure);
    this.find('[data-do="discard"]').hidden = !editor.dirty || editor.saving;
    const status = this.find(".status");
    const [text, tone] = editor.told();
    if (status.textContent !== text) status.textContent = text;
    status.dataset.tone = tone;
    const { drawing } = editor;
    this.find(".drawing").hidden = !drawing;
    this.find(".bar").hidden = Boolean(drawing);
    this.find(".savebar").hidden = Boolean(drawing) || !(editor.dirty || text);
    if (!drawing) return;
    const left = drawing.item.corners ? ` ${drawing.points.length} of ${drawing.item.corners} set.` : ` ${drawing.points.length} set; tap the first one again to close the shape.`;
    const text2 = `${drawing.item.hint}${left}`;
    if (this.find(".drawing p").textContent !== text2) this.find(".drawing p").textContent = text2;
    this.find('[data-do="close"]').disabled = drawing.points.length < (drawing.item.corners || 3);
  }

  drawCamera() {
    const { editor } = this;
    const rows = editor.cameras.map((camera) => [camera.id, `${camera.name}${readDraft(camera.id) ? " (not saved)" : ""}`]);
    options(this.find("#camera"), rows, editor.camera || "");
    const camera = editor.cameras.find((one) => one.id === editor.camera);
    this.find(".camera-name").textContent = camera ? camera.name : "";
    this.find(".why").textContent = editor.pictureWords();
  }

  drawList() {
    const { editor } = this;
    const list = this.find(".list");
    const nodes = [...list.children];
    while (nodes.length > editor.shapes.length) nodes.pop().remove();
    while (nodes.length < editor.shapes.length) {
      const item = make("li", {}, make("button", { type: "button" }));
      const index = nodes.length;
      item.firstChild.addEventListener("click", () => editor.select(index));
      list.append(item);
      nodes.push(item);
    }
    editor.shapes.forEach((shape, i) => this.drawItem(nodes[i].firstChild, shape, i));
    this.find(".empty").hidden = editor.shapes.length > 0 || !editor.camera || Boolean(editor.drawing);
    const boundary = editor.shapes.some((shape) => shape.kind === "boundary");
    const watched = editor.shapes.some((shape) => ["water", "portal", "mask"].includes(shape.kind));
    const note = this.find(".boundary-note");
    note.hidden = !editor.shapes.length;
    note.textContent = boundary ? "Only what is inside of a boundary or in the water is watched on this camera." : watched || editor.shapes.length ? "Without a boundary the whole picture is watched." : "";
  }

  drawItem(button, shape, index) {
    const problem = this.editor.problem(index);
    const looks = KINDS[shape.kind];
    const content = JSON.stringify([shape.name, shape.kind, shape.template, problem, shape.size_m]);
    button.setAttribute("aria-pressed", String(index === this.editor.selected));
    if (button.dataset.content === content) return;
    button.dataset.content = content;
    const sample = svg("svg", { viewBox: "0 0 44 26", "aria-hidden": "true" });
    svg("line", { x1: 4, y1: 13, x2: 40, y2: 13, stroke: looks.colour, "stroke-width": 4, "stroke-dasharray": looks.dash }, sample);
    const words = make("span", { class: "words" }, make("strong", { text: shape.name || "No name" }), make("small", { text: looks.word }));
    if (problem) words.append(make("small", { class: "bad", text: ` ⚠ ${problem}` }));
    button.replaceChildren(sample, words);
  }

  drawDetails(shape) {
    this.find(".details").hidden = !shape;
    if (!shape) return;
    const { editor } = this;
    const names = [...new Set(editor.otherShapes().map((other) => other.name))];
    const places = this.find("#places");
    if (places.dataset.rows !== names.join("\n")) {
      places.replaceChildren(...names.map((value) => make("option", { value })));
      places.dataset.rows = names.join("\n");
    }
    this.find(".wrong").textContent = editor.problem(editor.selected);
    this.fill("#name", shape.name);
    const shared = editor.sharedWith(shape);
    this.find(".name-note").hidden = !shared;
    this.find(".name-note").textContent = shared;
    options(this.find("#kind"), KIND_CHOICES, shape.kind);
    this.drawPlace(shape);
    this.drawPortal(shape);
    this.drawSize(shape);
  }

  drawPlace(shape) {
    this.find(".of-place").hidden = !["boundary", "water"].includes(shape.kind);
    const fitting = this.editor.templates.filter((template) => shape.kind !== "water" || template.water);
    options(this.find("#template"), [["", "Not said: every rule"], ...fitting.map((template) => [template.name, template.title])], shape.template || "");
    const template = fitting.find((one) => one.name === shape.template);
    const left = template && template.leaves_out.length ? ` Not for: ${sentenceList(template.leaves_out)}.` : "";
    const wet = left && !template.water && this.editor.shapes.some((other) => other.kind === "water");
    const water = wet ? " What is about water is looked for all the same, because this camera sees water." : "";
    this.find(".template-note").textContent = template ? `Watched for: ${sentenceList(template.watches_for)}.${left}${water}` : "Everything is looked for here.";
  }

  drawPortal(shape) {
    this.find(".of-portal").hidden = shape.kind !== "portal";
    if (shape.kind !== "portal") return;
    const rows = this.editor.portals().map((portal) => [portal.name, `${portal.name} (${portal.cameraName})`]);
    if (shape.to && !rows.some(([name]) => name === shape.to)) rows.push([shape.to, `${shape.to} (gone)`]);
    options(this.find("#to"), [["", "Out of what the cameras see"], ...rows], shape.to || "");
    this.find(".to-note").textContent = rows.length ? "Who leaves here comes out at the other camera's portal." : "Draw a portal for another camera first to link the two.";
  }

  drawSize(shape) {
    this.find(".of-size").hidden = shape.polygon.length !== 4 || shape.kind === "mask" || shape.kind === "portal";
    const [width, length] = shape.size_m || ["", ""];
    this.fill("#width", String(Number.isFinite(width) ? width : ""));
    this.fill("#length", String(Number.isFinite(length) ? length : ""));
    this.find(".size-note").textContent =
      shape.kind === "scale"
        ? "With this the heights of people are known, which tells children from adults. The lines are a metre apart: look whether they fit the ground. Where two cameras see the same rectangle, give it the same name and begin at the same corner."
        : "If this is a rectangle and you know its two sides, type them: then the heights of people are known. Leave it empty if not.";
  }

  // Not what somebody is typing into.
  fill(selector, value) {
    const field = this.find(selector);
    const number = field.type === "number";
    if (field === this.root.activeElement || field.getRootNode().activeElement === field) return;
    if (number ? field.value !== value : field.value !== value) field.value = value;
  }

  drawSure() {
    const card = this.find(".sure");
    const { sure } = this.editor;
    if (card.hidden === !sure) return;
    card.hidden = !sure;
    this.find("#sure-pin").value = "";
    if (!sure) return;
    card.querySelector("p").textContent = sure.text;
    this.find(".of-pin").hidden = !sure.pin;
    card.scrollIntoView({ block: "nearest" });
    this.find(sure.pin ? "#sure-pin" : '.sure button[type="submit"]').focus();
  }

  drawConflict() {
    const { conflict } = this.editor;
    const card = this.find(".conflict");
    if (card.hidden === !conflict && (!conflict || card.dataset.key === conflict.key)) return;
    card.hidden = !conflict;
    if (!conflict) return;
    card.dataset.key = conflict.key;
    card.querySelector("h2").textContent = conflict.title;
    card.querySelector("p").textContent = conflict.text;
    card.querySelector(".tools").replaceChildren(
      ...conflict.choices.map(([label, deed, main]) => {
        const button = make("button", { type: "button", text: label, ...(main ? { class: "main" } : {}) });
        button.addEventListener("click", deed);
        return button;
      }),
    );
  }
}
