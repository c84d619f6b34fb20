// Draws one camera's picture and what was found in it, crisp at any pixel density.

const LIMBS = [
  [5, 6], [5, 7], [7, 9], [6, 8], [8, 10], [5, 11], [6, 12], [11, 12],
  [11, 13], [13, 15], [12, 14], [14, 16],
];
const OMIT_BELOW = 0.3; // a point below this is not drawn
const HOLLOW_BELOW = 0.5; // below this it is drawn hollow: it may be wrong
// Colour and shape by state. The picture is dark or photographic in both themes, so these do not follow them.
const LOOKS = {
  confirmed: { colour: "#43c59e", dash: [] },
  tentative: { colour: "#2bd4e6", dash: [2, 5] },
  lost: { colour: "#f2b134", dash: [7, 6] },
};
const ZONE_COLOURS = { water: "#29d0e6", boundary: "#e8f1f2", portal: "#43c59e", mask: "#93a7ad" };

function shownState(person, t) {
  if (person.state === "tentative") return "tentative";
  return isInView(person, t) ? "confirmed" : "lost";
}

function look(person, t) {
  return LOOKS[shownState(person, t)];
}

// Where the picture lies in the canvas: as large as fits, centred. All in CSS pixels.
function placePicture(canvasW, canvasH, pictureW, pictureH) {
  const scale = Math.min(canvasW / pictureW, canvasH / pictureH);
  return { scale, x: (canvasW - pictureW * scale) / 2, y: (canvasH - pictureH * scale) / 2 };
}

// The size that coordinates refer to: the source's; a blind camera tells none, then the picture's own.
function sizeOf(camera) {
  const seen = camera.observation;
  if (seen && seen.size && seen.size[0] > 0) return seen.size;
  return camera.bitmap ? [camera.bitmap.width, camera.bitmap.height] : null;
}

function drawCamera(canvas, camera, options) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (!width || !height) return;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const g = canvas.getContext("2d");
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.clearRect(0, 0, width, height);
  const seen = camera.observation;
  const size = sizeOf(camera);
  if (!size) return;
  const place = placePicture(width, height, size[0], size[1]);
  if (camera.bitmap) g.drawImage(camera.bitmap, place.x, place.y, size[0] * place.scale, size[1] * place.scale);
  if (seen) drawFindings(g, seen, place, size, options, width);
}

function drawFindings(g, seen, place, size, options, width) {
  const at = (x, y) => [place.x + x * place.scale, place.y + y * place.scale];
  const thick = Math.max(2, Math.min(4, width / 260));
  if (options.searched) drawBoxes(g, seen.searched || [], at, "rgba(43,179,201,0.85)", [3, 4], "searched");
  if (options.foreground) drawBoxes(g, seen.foreground || [], at, "#f2b134", [8, 4], "unexplained");
  if (options.zones) for (const zone of seen.zones || []) drawZone(g, zone, at, size, thick);
  if (options.things !== false) drawThings(g, seen.things || [], at);
  const people = seen.people || [];
  for (const person of people) {
    if (options.boxes) drawPersonBox(g, person, look(person, seen.t), at);
    if (options.skeletons) drawSkeleton(g, person, look(person, seen.t), at, thick);
  }
  drawLabels(g, people, seen.t, at, width);
}

function drawBoxes(g, boxes, at, colour, dash, word) {
  g.save();
  g.strokeStyle = colour;
  g.lineWidth = 1.5;
  g.setLineDash(dash);
  for (const box of boxes) {
    const [x, y] = at(box[0], box[1]);
    const [right, bottom] = at(box[2], box[3]);
    g.strokeRect(x, y, right - x, bottom - y);
  }
  g.restore();
  if (boxes.length) caption(g, word, at(boxes[0][0], boxes[0][1]), colour);
}

function caption(g, word, [x, y], colour) {
  g.save();
  g.font = "600 11px system-ui, sans-serif";
  const wide = g.measureText(word).width;
  g.fillStyle = "rgba(8,18,22,0.8)";
  g.fillRect(x, y, wide + 8, 16);
  g.fillStyle = colour;
  g.textBaseline = "middle";
  g.fillText(word, x + 4, y + 8.5);
  g.restore();
}

function drawZone(g, zone, at, size, thick) {
  if (!zone.polygon || zone.polygon.length < 3) return;
  g.save();
  g.beginPath();
  zone.polygon.forEach(([x, y], i) => {
    const point = at(x * size[0], y * size[1]);
    if (i) g.lineTo(...point);
    else g.moveTo(...point);
  });
  g.closePath();
  g.strokeStyle = ZONE_COLOURS[zone.kind] || ZONE_COLOURS.boundary;
  g.lineWidth = thick;
  g.setLineDash([10, 7]);
  g.stroke();
  g.restore();
}

function drawThings(g, things, at) {
  for (const thing of things) {
    if (!thing.box) continue;
    drawBoxes(g, [thing.box], at, "#e8f1f2", [], thing.label || "thing");
  }
}

function drawPersonBox(g, person, style, at) {
  if (!person.box) return;
  const [x, y] = at(person.box[0], person.box[1]);
  const [right, bottom] = at(person.box[2], person.box[3]);
  g.save();
  g.strokeStyle = style.colour;
  g.setLineDash(style.dash);
  g.lineWidth = 1.5;
  g.beginPath();
  g.roundRect(x, y, right - x, bottom - y, 6);
  g.stroke();
  g.restore();
}

function drawSkeleton(g, person, style, at, thick) {
  const points = person.keypoints;
  if (!points) return;
  const sure = (i) => points[i] && points[i][2] >= OMIT_BELOW;
  g.save();
  g.lineCap = "round";
  g.lineJoin = "round";
  // A dark edge below the colour keeps the skeleton readable on any picture.
  for (const [colour, extra] of [["rgba(6,16,20,0.55)", 2.5], [style.colour, 0]]) {
    g.strokeStyle = colour;
    g.lineWidth = thick + extra;
    g.setLineDash(style.dash);
    for (const [a, b] of LIMBS) if (sure(a) && sure(b)) strokeLine(g, at(...points[a]), at(...points[b]));
    drawHead(g, points, sure, at);
  }
  g.setLineDash([]);
  for (let i = 5; i < points.length; i += 1) if (sure(i)) drawJoint(g, at(...points[i]), points[i][2], thick, style.colour);
  g.restore();
}

function strokeLine(g, a, b) {
  g.beginPath();
  g.moveTo(a[0], a[1]);
  g.lineTo(b[0], b[1]);
  g.stroke();
}

function headOf(points, sure) {
  const found = [0, 1, 2, 3, 4].filter(sure);
  if (!found.length) return null;
  const x = found.reduce((sum, i) => sum + points[i][0], 0) / found.length;
  const y = found.reduce((sum, i) => sum + points[i][1], 0) / found.length;
  const spread = Math.max(...found.map((i) => Math.hypot(points[i][0] - x, points[i][1] - y)));
  const shoulders = sure(5) && sure(6) ? Math.hypot(points[5][0] - points[6][0], points[5][1] - points[6][1]) : 0;
  const drop = sure(5) && sure(6) ? Math.hypot((points[5][0] + points[6][0]) / 2 - x, (points[5][1] + points[6][1]) / 2 - y) : 0;
  return { x, y, radius: Math.max(spread * 1.25, shoulders * 0.28, drop * 0.5) };
}

function drawHead(g, points, sure, at) {
  const head = headOf(points, sure);
  if (!head) return;
  const [x, y] = at(head.x, head.y);
  const [edge] = at(head.x + head.radius, head.y);
  g.beginPath();
  g.arc(x, y, Math.max(4, edge - x), 0, Math.PI * 2);
  g.stroke();
}

function drawJoint(g, [x, y], score, thick, colour) {
  g.beginPath();
  g.arc(x, y, Math.max(2, thick * 0.95), 0, Math.PI * 2);
  if (score < HOLLOW_BELOW) {
    g.lineWidth = 1.5;
    g.strokeStyle = colour;
    g.stroke();
  } else {
    g.fillStyle = "#ffffff";
    g.fill();
  }
}

function personName(person) {
  return person.name || `Person ${person.id}`;
}

function labelText(person, t) {
  if (shownState(person, t) === "lost") return `${personName(person)} · last seen here ${seconds(Math.max(0, t - person.seen_t))} ago`;
  return `${personName(person)} · ${Math.round((person.score || 0) * 100)} %`;
}

// Labels are placed one after the other; one that would cover an earlier one moves up, or down at the top.
function drawLabels(g, people, t, at, width) {
  const taken = [];
  for (const person of people) {
    if (!person.box) continue;
    const label = measureLabel(g, person, t, at, width);
    for (let tries = 0; tries < 8 && taken.some((other) => overlap(label, other)); tries += 1) {
      const step = label.high + 3;
      label.y = label.y - step >= 2 && !label.down ? label.y - step : label.y + step;
      if (label.y < step) label.down = true;
    }
    taken.push(label);
    drawLabel(g, label, look(person, t).colour);
  }
}

function overlap(a, b) {
  return a.x < b.x + b.wide && b.x < a.x + a.wide && a.y < b.y + b.high && b.y < a.y + a.high;
}

function measureLabel(g, person, t, at, width) {
  const small = width < 520;
  const font = `${small ? 11 : 13}px system-ui, sans-serif`;
  g.font = font;
  const text = labelText(person, t);
  const wide = g.measureText(text).width + (small ? 14 : 20);
  const high = small ? 18 : 24;
  const [left, top] = at(person.box[0], person.box[1]);
  const [right] = at(person.box[2], person.box[1]);
  const x = Math.min(Math.max(2, (left + right) / 2 - wide / 2), Math.max(2, width - wide - 2));
  return { text, font, wide, high, x, y: Math.max(2, top - high - 6) };
}

function drawLabel(g, label, colour) {
  g.save();
  g.font = label.font;
  g.fillStyle = "rgba(8,22,27,0.86)";
  g.beginPath();
  g.roundRect(label.x, label.y, label.wide, label.high, label.high / 2);
  g.fill();
  g.strokeStyle = colour;
  g.lineWidth = 1;
  g.stroke();
  g.fillStyle = "#ffffff";
  g.textBaseline = "middle";
  g.textAlign = "center";
  g.fillText(label.text, label.x + label.wide / 2, label.y + label.high / 2 + 0.5);
  g.restore();
}
