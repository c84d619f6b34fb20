// Draws one camera's picture and what was found in it, crisp at any pixel density.

const LIMBS = [
  [5, 6], [5, 7], [7, 9], [6, 8], [8, 10], [5, 11], [6, 12], [11, 12],
  [11, 13], [13, 15], [12, 14], [14, 16],
];
const OMIT_BELOW = 0.3; // a point below this is not drawn
const HOLLOW_BELOW = 0.5; // below this it is drawn hollow: it may be wrong
// Colour, shape and sign by state. The picture is dark or photographic in both themes, so these do not
// follow them.
const LOOKS = {
  deck: { colour: "#43c59e", dash: [], sign: "" },
  water: { colour: "#2bd4e6", dash: [], sign: "\u2248 " },
  away: { colour: "#aebfc5", dash: [7, 6], sign: "" },
  countdown: { colour: "#f2b134", dash: [9, 4], sign: "" },
  emergency: { colour: "#ff5a5c", dash: [], sign: "! " },
  nobody: { colour: "#e8f1f2", dash: [2, 5], sign: "" }, // a track that is nobody yet
  lost: { colour: "#aebfc5", dash: [7, 6], sign: "" },
};

// The look of a track: of the person that it is, where the judge knows; a person in the water who is
// unseen for a moment is not drawn as if seen.
function trackLook(track, person, t) {
  if (person) return isInView(track, t) || person.state === "emergency" || person.state === "countdown" ? LOOKS[person.state] : { ...LOOKS[person.state], dash: LOOKS.lost.dash };
  return track.state === "tentative" ? LOOKS.nobody : isInView(track, t) ? LOOKS.nobody : LOOKS.lost;
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
  if (seen) drawFindings(g, camera, place, size, options, width);
}

// `camera`: {id, bitmap, observation, zones, people}; without `people` those that this tab has heard of.
function drawFindings(g, camera, place, size, options, width) {
  const seen = camera.observation;
  const at = (x, y) => [place.x + x * place.scale, place.y + y * place.scale];
  const thick = Math.max(2, Math.min(4, width / 260));
  if (options.searched) drawBoxes(g, seen.searched || [], at, "rgba(43,179,201,0.85)", [3, 4], "searched");
  if (options.foreground) drawBoxes(g, seen.foreground || [], at, "#f2b134", [8, 4], "unexplained");
  if (options.zones) drawZones(g, camera.zones || [], at, size, thick, width);
  if (options.things !== false) drawThings(g, seen.things || [], at);
  const people = camera.people || peopleHeard();
  const known = byTrack(people, camera.id);
  const tracks = (seen.people || []).map((track) => ({ track, person: known.get(track.id), look: trackLook(track, known.get(track.id), seen.t) }));
  for (const { track, look } of tracks) {
    if (options.boxes) drawPersonBox(g, track, look, at);
    if (options.skeletons) drawSkeleton(g, track, look, at, thick);
  }
  const missing = people.filter((person) => isMissing(person) && person.camera === camera.id && person.spot);
  // On a real picture there may be something to see inside of the ring.
  const veil = camera.view === "camera" ? 0.2 : 0.62;
  for (const person of missing) drawMissing(g, person, at(person.spot[0] * size[0], person.spot[1] * size[1]), width, veil);
  drawLabels(g, labelsOf(g, tracks, missing, seen.t, at, size, width), width);
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

const RING_PX = 24;

// Where a head was last seen: the ring fills as it stays unseen, full at the limit, the seconds inside.
function drawMissing(g, person, [x, y], width, veil) {
  const look = LOOKS[person.state];
  const radius = ringRadius(width);
  const from = -Math.PI / 2;
  g.save();
  g.lineCap = "butt";
  g.fillStyle = `rgba(8,22,27,${veil})`;
  circle(g, x, y, radius + 4);
  g.fill();
  g.lineWidth = Math.max(3, radius / 4);
  g.strokeStyle = "rgba(232,241,242,0.28)";
  circle(g, x, y, radius);
  g.stroke();
  g.strokeStyle = look.colour;
  g.beginPath();
  g.arc(x, y, radius, from, from + Math.PI * 2 * person.share);
  g.stroke();
  if (person.state === "emergency") {
    g.lineWidth = 2;
    circle(g, x, y, radius + Math.max(5, radius / 3));
    g.stroke();
  }
  g.fillStyle = "#ffffff";
  g.font = `700 ${Math.round(radius * 0.75)}px system-ui, sans-serif`;
  g.textAlign = "center";
  g.textBaseline = "middle";
  g.lineWidth = 3;
  g.strokeStyle = "rgba(8,22,27,0.8)";
  g.strokeText(ringText(person), x, y + 1);
  g.fillText(ringText(person), x, y + 1);
  g.restore();
}

function ringRadius(width) {
  return width < 520 ? RING_PX * 0.62 : RING_PX;
}

function circle(g, x, y, radius) {
  g.beginPath();
  g.arc(x, y, radius, 0, Math.PI * 2);
}

// Name and seconds; who is missing is labelled at the ring, not at a skeleton that may be left over.
function labelsOf(g, tracks, missing, t, at, size, width) {
  const rings = new Set(missing.map((person) => person.id));
  const labels = missing.map((person) => {
    const [x, y] = at(person.spot[0] * size[0], person.spot[1] * size[1]);
    const text = `${LOOKS[person.state].sign}${person.name}, last seen here ${passed(person.seen_s)} ago`;
    return measureLabel(g, text, LOOKS[person.state].colour, x, y - ringRadius(width) - 8, width);
  });
  for (const { track, person, look } of tracks) {
    if (!track.box || !person || rings.has(person.id)) continue;
    const [left, top] = at(track.box[0], track.box[1]);
    const [right] = at(track.box[2], track.box[1]);
    labels.push(measureLabel(g, labelText(track, person, look, t), look.colour, (left + right) / 2, top - 6, width));
  }
  return labels;
}

function labelText(track, person, look, t) {
  const unseen_s = Math.max(0, t - track.seen_t);
  if (person.state === "emergency") return `${look.sign}${person.name} · ${passed(person.seen_s)}`;
  return unseen_s > IN_VIEW_S ? `${look.sign}${person.name} · ${passed(person.seen_s)}` : `${look.sign}${person.name}`;
}

// Labels are placed one after the other; one that would cover an earlier one moves up, or down at the top.
function drawLabels(g, labels) {
  const taken = [];
  for (const label of labels) {
    for (let tries = 0; tries < 8 && taken.some((other) => overlap(label, other)); tries += 1) {
      const step = label.high + 3;
      label.y = label.y - step >= 2 && !label.down ? label.y - step : label.y + step;
      if (label.y < step) label.down = true;
    }
    taken.push(label);
    drawLabel(g, label);
  }
}

function overlap(a, b) {
  return a.x < b.x + b.wide && b.x < a.x + a.wide && a.y < b.y + b.high && b.y < a.y + a.high;
}

// Above the point (x, y), within the picture.
function measureLabel(g, text, colour, x, y, width) {
  const small = width < 520;
  const font = `${small ? 11 : 13}px system-ui, sans-serif`;
  g.font = font;
  const wide = g.measureText(text).width + (small ? 14 : 20);
  const high = small ? 18 : 24;
  const left = Math.min(Math.max(2, x - wide / 2), Math.max(2, width - wide - 2));
  return { text, font, colour, wide, high, x: left, y: Math.max(2, y - high) };
}

function drawLabel(g, label) {
  g.save();
  g.font = label.font;
  g.fillStyle = "rgba(8,22,27,0.86)";
  g.beginPath();
  g.roundRect(label.x, label.y, label.wide, label.high, label.high / 2);
  g.fill();
  g.strokeStyle = label.colour;
  g.lineWidth = 1;
  g.stroke();
  g.fillStyle = "#ffffff";
  g.textBaseline = "middle";
  g.textAlign = "center";
  g.fillText(label.text, label.x + label.wide / 2, label.y + label.high / 2 + 0.5);
  g.restore();
}
