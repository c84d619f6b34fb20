// The picture with its shapes: pointers and keys on it. It changes no shape by itself, it calls the editor.

const SVG = "http://www.w3.org/2000/svg";
const TOUCH_REACH = 26;
const MOUSE_REACH = 14;
const TWICE_MS = 350;
const STEP = 0.01;
const FINE_STEP = 0.001;

function svg(name, attributes = {}, parent = null) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (parent) parent.append(made);
  return made;
}

function set(node, attributes) {
  for (const [key, value] of Object.entries(attributes)) if (node.getAttribute(key) !== String(value)) node.setAttribute(key, value);
}

// Children by number, made and dropped at the end only: what has the focus stays.
function pool(parent, count, make) {
  while (parent.children.length > count) parent.lastChild.remove();
  while (parent.children.length < count) parent.append(make());
  return [...parent.children];
}

const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
const percent = (value) => `${Math.round(value * 1000) / 10} %`;

class Stage {
  constructor(root, editor) {
    this.editor = editor;
    this.box = root.querySelector(".stage");
    this.svg = root.querySelector(".stage svg");
    this.reasons = root.querySelector(".reasons");
    this.image = root.querySelector(".stage img");
    this.layers = Object.fromEntries(["shapes", "lines", "names", "draft", "middles", "points"].map((name) => [name, this.svg.querySelector(`.${name}`)]));
    this.size = [1, 1];
    this.gesture = null;
    this.lastDown = { at: -Infinity, point: -1 };
    this.listeners = new AbortController();
    const on = (type, listener) => this.svg.addEventListener(type, listener, { signal: this.listeners.signal });
    on("pointerdown", (event) => this.down(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.up(event));
    on("pointercancel", () => this.cancel());
    on("lostpointercapture", () => this.cancel());
    on("keydown", (event) => this.key(event));
    on("focusin", (event) => this.focused(event));
    on("dblclick", (event) => event.preventDefault());
    this.watcher = new ResizeObserver(() => this.resized());
    this.watcher.observe(this.box);
  }

  stop() {
    this.listeners.abort();
    this.watcher.disconnect();
  }

  resized() {
    const { clientWidth, clientHeight } = this.box;
    if (!clientWidth || !clientHeight) return;
    this.size = [clientWidth, clientHeight];
    set(this.svg, { viewBox: `0 0 ${clientWidth} ${clientHeight}` });
    this.draw();
  }

  px(point) {
    return [point[0] * this.size[0], point[1] * this.size[1]];
  }

  at(event) {
    const box = this.svg.getBoundingClientRect();
    return [round(clamp((event.clientX - box.left) / box.width)), round(clamp((event.clientY - box.top) / box.height))];
  }

  // Drawing what is there

  draw() {
    const { shapes, selected, drawing } = this.editor;
    const order = shapes.map((_, i) => i);
    const nodes = pool(this.layers.shapes, shapes.length, () => this.makeShape());
    for (const i of order) this.drawShape(nodes[i], shapes[i], i, i === selected);
    this.drawLines(shapes);
    this.drawNames(shapes, selected);
    const shape = drawing ? null : shapes[selected];
    this.drawHandles(this.editor.lookOnly ? null : shape);
    this.drawDraft(drawing);
    this.drawReasons();
    set(this.box, { "data-drawing": Boolean(drawing), "data-crowded": this.size[0] < 600 && Boolean(shape) });
  }

  makeShape() {
    const group = svg("g", { tabindex: "0", role: "button", class: "shape" });
    svg("polygon", { class: "under" }, group);
    svg("polygon", { class: "over" }, group);
    return group;
  }

  drawShape(group, shape, index, selected) {
    const looks = KINDS[shape.kind];
    const points = shape.polygon.map((point) => this.px(point).join(",")).join(" ");
    const problem = this.editor.problem(index);
    set(group, {
      "data-index": index,
      "data-kind": shape.kind,
      "data-selected": selected,
      "data-wrong": Boolean(problem),
      "aria-pressed": selected,
      "aria-label": `${shape.name || "Shape without a name"}, ${looks.word}, ${shape.polygon.length} points${problem ? `. ${problem}` : ""}`,
    });
    group.style.setProperty("--colour", looks.colour);
    set(group.children[0], { points });
    set(group.children[1], { points, "stroke-dasharray": looks.dash });
  }

  drawLines(shapes) {
    const lines = shapes.flatMap((shape) => (shape.size_m ? metreLines(shape) : []));
    const nodes = pool(this.layers.lines, lines.length, () => svg("line"));
    lines.forEach(([a, b], i) => {
      const [from, to] = [this.px(a), this.px(b)];
      set(nodes[i], { x1: from[0], y1: from[1], x2: to[0], y2: to[1] });
    });
  }

  drawNames(shapes, selected) {
    const nodes = pool(this.layers.names, shapes.length, () => svg("text"));
    shapes.forEach((shape, i) => {
      const [x, y] = this.namePlace(shape.polygon);
      const word = KINDS[shape.kind].word;
      const size = shape.size_m ? ` ${shape.size_m[0]} × ${shape.size_m[1]} m` : "";
      const text = shape.name.trim().toLowerCase() === word ? shape.name : `${shape.name} · ${word}${size}`;
      set(nodes[i], { x: clamp(x, 8, this.size[0] - 8), y: clamp(y, 18, this.size[1] - 8), "data-selected": i === selected });
      if (nodes[i].textContent !== text) nodes[i].textContent = text;
    });
  }

  // Above the upper side, or below it where the picture ends.
  namePlace(polygon) {
    const top = sides(polygon).sort((a, b) => a[0][1] + a[1][1] - b[0][1] - b[1][1])[0];
    const [x, y] = this.px(middle(top));
    return [x, y < 34 ? y + 30 : y - 14];
  }

  drawHandles(shape) {
    const polygon = shape ? shape.polygon : [];
    const middles = shape && shape.polygon.length < this.editor.limits.points ? this.openMiddles(shape) : [];
    const [dots, halves] = [pool(this.layers.points, polygon.length, () => this.makeHandle("point")), pool(this.layers.middles, middles.length, () => this.makeHandle("middle"))];
    polygon.forEach((point, i) => {
      const label = `Point ${i + 1} of ${polygon.length} of ${shape.name}: ${percent(point[0])} across, ${percent(point[1])} down`;
      this.place(dots[i], this.px(point), { "data-point": i, "data-active": i === this.editor.point, "aria-label": label });
      const number = polygon.length === 4 && !["mask", "portal"].includes(shape.kind) ? String(i + 1) : "";
      if (dots[i].lastChild.textContent !== number) dots[i].lastChild.textContent = number;
    });
    middles.forEach(([i, at], n) => this.place(halves[n], this.px(at), { "data-middle": i, "aria-label": `New point between ${i + 1} and ${((i + 1) % polygon.length) + 1} of ${shape.name}` }));
  }

  // Only where the side is long enough for three handles.
  openMiddles(shape) {
    return sides(shape.polygon)
      .map(([a, b], i) => [i, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], distance(this.px(a), this.px(b))])
      .filter(([, , length]) => length > 56);
  }

  makeHandle(kind) {
    const group = svg("g", { tabindex: "0", role: "button", class: kind });
    svg("circle", { r: "22", class: "hit" }, group);
    svg("circle", { r: kind === "point" ? "9" : "7", class: "dot" }, group);
    if (kind === "middle") svg("path", { d: "M-4 0H4M0 -4V4" }, group);
    else svg("text", { y: "-14" }, group);
    return group;
  }

  place(group, [x, y], attributes) {
    set(group, { transform: `translate(${x} ${y})`, ...attributes });
  }

  drawDraft(drawing) {
    const points = drawing ? drawing.points : [];
    const nodes = pool(this.layers.draft, drawing ? points.length + 1 : 0, () => svg("g"));
    if (!drawing) return;
    if (!nodes[0].children.length || nodes[0].firstChild.tagName !== "polyline") nodes[0].replaceChildren(svg("polyline", { class: "under" }), svg("polyline", { class: "over" }));
    const line = points.map((point) => this.px(point).join(",")).join(" ");
    for (const child of nodes[0].children) set(child, { points: line });
    points.forEach((point, i) => {
      const node = nodes[i + 1];
      if (!node.children.length) svg("circle", { class: "dot" }, node);
      set(node, { transform: `translate(${this.px(point).join(" ")})` });
      set(node.firstChild, { r: i === 0 && points.length > 2 ? 13 : 8, "data-first": i === 0 });
    });
  }

  drawReasons() {
    const wrong = this.editor.shapes.map((shape, i) => [shape, this.editor.problem(i)]).filter(([, problem]) => problem);
    const nodes = pool(this.reasons, wrong.length, () => document.createElement("p"));
    wrong.forEach(([shape, problem], i) => {
      const bottom = Math.max(...shape.polygon.map((point) => point[1]));
      const [x] = middle(shape.polygon);
      nodes[i].style.left = `${clamp(x, 0.2, 0.8) * 100}%`;
      nodes[i].style.top = `${Math.min(bottom, 0.82) * 100}%`;
      if (nodes[i].textContent !== problem) nodes[i].textContent = problem;
    });
  }

  // Pointers

  reach(event) {
    return event.pointerType === "mouse" ? MOUSE_REACH : TOUCH_REACH;
  }

  nearest(points, event) {
    const box = this.svg.getBoundingClientRect();
    const at = [event.clientX - box.left, event.clientY - box.top];
    const found = points.map(([key, point]) => [key, distance(this.px(point), at)]).sort((a, b) => a[1] - b[1])[0];
    return found && found[1] <= this.reach(event) ? found[0] : -1;
  }

  down(event) {
    if (event.button !== 0 || this.gesture) return;
    event.preventDefault();
    this.svg.setPointerCapture(event.pointerId);
    const at = this.at(event);
    if (this.editor.lookOnly) return this.editor.select(this.editor.shapes.findIndex((shape) => inside(shape.polygon, at)));
    if (this.editor.drawing) return this.downDrawing(event, at);
    const shape = this.editor.shapes[this.editor.selected];
    if (shape) {
      const point = this.nearest(shape.polygon.map((p, i) => [i, p]), event);
      if (point >= 0) return this.downPoint(event, at, point);
      const half = this.nearest(this.openMiddles(shape), event);
      if (half >= 0) return this.begin(event, { kind: "point", point: this.editor.insert(half, at), at, fresh: true });
    }
    this.downShape(event, at);
  }

  downDrawing(event, at) {
    const { points } = this.editor.drawing;
    if (points.length > 2 && this.nearest([[0, points[0]]], event) === 0) return this.editor.close();
    this.editor.addPoint(at);
    if (this.editor.drawing) this.begin(event, { kind: "draft", at });
  }

  downPoint(event, at, point) {
    const now = performance.now();
    const twice = this.lastDown.point === point && now - this.lastDown.at < TWICE_MS;
    this.lastDown = { at: now, point };
    if (twice) {
      this.lastDown.point = -1;
      return this.editor.removePoint(point);
    }
    this.focus(".points", point);
    const from = this.editor.shapes[this.editor.selected].polygon[point];
    this.begin(event, { kind: "point", point, at, from });
  }

  downShape(event, at) {
    const { shapes, selected } = this.editor;
    const hit = shapes.map((shape, i) => [i, shape]).filter(([, shape]) => inside(shape.polygon, at));
    const own = hit.find(([i]) => i === selected);
    const found = own || hit.sort((a, b) => area(a[1].polygon) - area(b[1].polygon))[0];
    if (!found) {
      this.editor.select(-1);
      return;
    }
    if (!own) this.editor.select(found[0]);
    this.focus(".shapes", found[0]);
    this.begin(event, { kind: "shape", at, polygon: found[1].polygon });
  }

  begin(event, gesture) {
    this.gesture = { ...gesture, id: event.pointerId, x: event.clientX, y: event.clientY, moved: Boolean(gesture.fresh) };
  }

  move(event) {
    const gesture = this.gesture;
    if (!gesture || event.pointerId !== gesture.id) return;
    if (!gesture.moved && distance([event.clientX, event.clientY], [gesture.x, gesture.y]) < (event.pointerType === "mouse" ? 2 : 6)) return;
    if (!gesture.moved && gesture.kind !== "draft") this.editor.keep();
    gesture.moved = true;
    const at = this.at(event);
    const [dx, dy] = [at[0] - gesture.at[0], at[1] - gesture.at[1]];
    if (gesture.kind === "draft") this.editor.moveLast(at);
    else if (gesture.kind === "shape") this.editor.put({ polygon: movedBy(gesture.polygon, dx, dy) });
    else this.editor.putPoint(gesture.point, gesture.from ? [gesture.from[0] + dx, gesture.from[1] + dy] : at);
  }

  up(event) {
    if (!this.gesture || event.pointerId !== this.gesture.id) return;
    const moved = this.gesture.moved;
    this.gesture = null;
    if (moved) this.editor.settled();
  }

  cancel() {
    if (!this.gesture) return;
    this.gesture = null;
    this.editor.settled();
  }

  // Keys

  focus(layer, index) {
    const node = this.svg.querySelector(layer).children[index];
    if (node) node.focus({ preventScroll: true });
  }

  focused(event) {
    const handle = event.target.closest("[data-point]");
    this.editor.activate(handle ? Number(handle.dataset.point) : -1);
  }

  key(event) {
    if (this.editor.lookOnly) return;
    const { target, key } = event;
    const towards = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    const step = event.shiftKey ? FINE_STEP : STEP;
    const point = target.closest("[data-point]");
    const half = target.closest("[data-middle]");
    const shape = target.closest("[data-index]");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (point) this.keyPoint(event, Number(point.dataset.point), towards, step);
    else if (half && (key === "Enter" || key === " ")) {
      event.preventDefault();
      this.focus(".points", this.editor.insert(Number(half.dataset.middle), null));
    } else if (shape) this.keyShape(event, Number(shape.dataset.index), towards, step);
  }

  keyPoint(event, index, towards, step) {
    if (towards) {
      event.preventDefault();
      const [x, y] = this.editor.shapes[this.editor.selected].polygon[index];
      this.editor.keep(`point ${this.editor.selected} ${index}`);
      this.editor.putPoint(index, [x + towards[0] * step, y + towards[1] * step]);
      this.editor.settled();
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.editor.removePoint(index);
      const shape = this.editor.shapes[this.editor.selected];
      if (shape) this.focus(".points", Math.min(index, shape.polygon.length - 1));
    }
  }

  keyShape(event, index, towards, step) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.editor.select(index);
    } else if (towards) {
      event.preventDefault();
      if (this.editor.selected !== index) this.editor.select(index);
      this.editor.keep(`move ${index}`);
      this.editor.put({ polygon: movedBy(this.editor.shapes[index].polygon, towards[0] * step, towards[1] * step) });
      this.editor.settled();
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.editor.remove(index);
    }
  }
}
