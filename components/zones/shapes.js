// What outlines can be, ready shapes, and joining two people's work. Points are 0 to 1 of width and height.
// Pure: no page is touched here.

const KINDS = {
  water: { word: "water", colour: "#29d0e6", dash: "10 7" },
  boundary: { word: "boundary", colour: "#e8f1f2", dash: "18 5 3 5" },
  portal: { word: "way in and out", colour: "#43c59e", dash: "2 6" },
  mask: { word: "never looked at", colour: "#aebfc5", dash: "" },
  scale: { word: "measured", colour: "#f5c451", dash: "6 4" },
};

const KIND_CHOICES = [
  ["boundary", "Boundary: what is watched"],
  ["water", "Water"],
  ["portal", "Way in and out (portal)"],
  ["mask", "Mask: never looked at"],
  ["scale", "Measured rectangle, no place"],
];

const round = (value) => Math.round(value * 10000) / 10000;
const clamp = (value, low = 0, high = 1) => Math.min(high, Math.max(low, value));

function ellipse(across, down, corners) {
  return Array.from({ length: corners }, (_, i) => {
    const turn = ((i + 0.5) / corners) * 2 * Math.PI;
    return [0.5 + across * Math.cos(turn), 0.55 + down * Math.sin(turn)];
  });
}

// What can be added. `corners` closes the outline by itself when so many are set.
const ADDABLE = [
  { id: "pool", title: "Pool", kind: "water", name: "Pool", polygon: [[0.3, 0.36], [0.7, 0.36], [0.82, 0.78], [0.18, 0.78]], hint: "Set the corners of the pool along the edge of its water." },
  { id: "hot_tub", title: "Hot tub", kind: "water", name: "Hot tub", polygon: ellipse(0.1, 0.12, 8), hint: "Go around the edge of the hot tub's water." },
  { id: "trampoline", title: "Trampoline", kind: "boundary", name: "Trampoline", polygon: ellipse(0.2, 0.14, 10), hint: "Go around the trampoline and the ground where somebody could land." },
  { id: "climbing_frame", title: "Climbing frame", kind: "boundary", name: "Climbing frame", polygon: [[0.34, 0.3], [0.66, 0.3], [0.74, 0.55], [0.7, 0.82], [0.3, 0.82], [0.26, 0.55]], hint: "Go around the climbing frame and the ground below it." },
  { id: "tool_shed", title: "Tool shed", kind: "boundary", name: "Tool shed", polygon: [[0.34, 0.3], [0.66, 0.3], [0.68, 0.8], [0.32, 0.8]], hint: "Go around the shed and the ground before its door." },
  { id: "custom", title: "Another place", kind: "boundary", name: "Place", polygon: [[0.25, 0.3], [0.75, 0.3], [0.85, 0.85], [0.15, 0.85]], hint: "Go around the ground that is to be watched: people are where their feet are." },
  { id: "portal", title: "Way in and out", kind: "portal", name: "Gate", polygon: [[0.03, 0.45], [0.14, 0.45], [0.14, 0.75], [0.03, 0.75]], hint: "Go around the ground where people come and go: a gate, a door, a path." },
  { id: "mask", title: "Never look here", kind: "mask", name: "Neighbours", polygon: [[0.02, 0.03], [0.35, 0.03], [0.35, 0.22], [0.02, 0.22]], hint: "Go around what is nobody's business: it is black in every picture and nobody is seen there." },
  { id: "scale", title: "Measure", kind: "scale", name: "Measured", corners: 4, polygon: [[0.38, 0.5], [0.62, 0.5], [0.68, 0.72], [0.32, 0.72]], size_m: [3, 2], hint: "Set the four corners of a rectangle on the ground whose size you know: a mat, a terrace, a door's threshold. Then type its two sides." },
];

function sides(polygon) {
  return polygon.map((point, i) => [point, polygon[(i + 1) % polygon.length]]);
}

function turn(a, b, c) {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

function onSegment(a, b, p) {
  return Math.min(a[0], b[0]) <= p[0] && p[0] <= Math.max(a[0], b[0]) && Math.min(a[1], b[1]) <= p[1] && p[1] <= Math.max(a[1], b[1]);
}

function meet(a, b, c, d) {
  const [t1, t2, t3, t4] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (t1 * t2 < 0 && t3 * t4 < 0) return true;
  return (t1 === 0 && onSegment(a, b, c)) || (t2 === 0 && onSegment(a, b, d)) || (t3 === 0 && onSegment(c, d, a)) || (t4 === 0 && onSegment(c, d, b));
}

// The numbers (from 1) of two sides that meet where they should not, null for none.
function crossing(polygon) {
  const all = sides(polygon);
  for (let i = 0; i < all.length; i += 1) {
    for (let j = i + 1; j < all.length; j += 1) {
      const neighbours = j === i + 1 || (i === 0 && j === all.length - 1);
      if (neighbours ? foldsBack(all, i, j) : meet(...all[i], ...all[j])) return [i + 1, j + 1];
    }
  }
  return null;
}

// Two sides with a corner in common that lie on one another.
function foldsBack(all, i, j) {
  if (all.length < 3) return false;
  const [first, second] = j === i + 1 ? [all[i], all[j]] : [all[j], all[i]];
  const [a, b, c] = [first[0], first[1], second[1]];
  if (turn(a, b, c) !== 0) return false;
  return (a[0] - b[0]) * (c[0] - b[0]) + (a[1] - b[1]) * (c[1] - b[1]) > 0;
}

function area(polygon) {
  return Math.abs(sides(polygon).reduce((sum, [a, b]) => sum + a[0] * b[1] - b[0] * a[1], 0)) / 2;
}

function withoutRepeats(polygon) {
  return polygon.filter((point, i) => {
    const next = polygon[(i + 1) % polygon.length];
    return polygon.length < 2 || point[0] !== next[0] || point[1] !== next[1];
  });
}

function inside(polygon, [x, y]) {
  let within = false;
  for (const [a, b] of sides(polygon)) {
    if (a[1] > y !== b[1] > y && x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0]) within = !within;
  }
  return within;
}

function convex(polygon) {
  const turns = polygon.map((point, i) => turn(point, polygon[(i + 1) % polygon.length], polygon[(i + 2) % polygon.length]));
  return turns.every((t) => t > 0) || turns.every((t) => t < 0);
}

// Why an outline cannot be saved, "" when it can.
function outlineProblem(polygon, limits) {
  if (polygon.some(([x, y]) => !(x >= 0 && x <= 1 && y >= 0 && y <= 1))) return "A point lies outside of the picture.";
  const corners = withoutRepeats(polygon);
  if (corners.length < 3) return "It needs three different points at least.";
  if (polygon.length > limits.points) return `It has ${polygon.length} points; ${limits.points} are the most.`;
  const crossed = crossing(corners);
  if (crossed) return `The outline crosses itself (sides ${crossed[0]} and ${crossed[1]}).`;
  if (area(corners) < limits.smallest_area) return "It is too small: less than 1 % by 1 % of the picture.";
  return "";
}

// Why a shape cannot be saved, "" when it can. `shapes` are all of the camera, `portals` other cameras'.
function problemOf(shape, shapes, portals, limits) {
  const outline = outlineProblem(shape.polygon, limits);
  if (outline) return outline;
  if (!shape.name.trim()) return "It has no name.";
  if (shape.kind === "scale" && shape.polygon.length !== 4) return "A measured rectangle has four corners.";
  if (shape.kind === "scale" && !shape.size_m) return "The lengths of both sides are missing.";
  if (shape.size_m && shape.size_m.some((side) => !(side > 0 && side < 1000))) return "Its sides must be over 0 m and under 1000 m.";
  if (shape.size_m && shape.polygon.length !== 4) return "Only a shape of four points has a size.";
  if (shape.size_m && !convex(shape.polygon)) return "No rectangle looks so: one of its corners points inwards, or lies on a side.";
  if (shape.size_m && shapes.find((other) => other.size_m) !== shape) return "Another shape of this camera has a size already; one is enough.";
  if (shape.to && !portals.some((portal) => portal.name === shape.to)) return `No other camera has a portal named “${shape.to}” any more.`;
  return "";
}

function middle(polygon) {
  const sum = polygon.reduce(([x, y], point) => [x + point[0], y + point[1]], [0, 0]);
  return [sum[0] / polygon.length, sum[1] / polygon.length];
}

// The whole outline moved as far as it stays within the picture.
function movedBy(polygon, dx, dy) {
  const [xs, ys] = [polygon.map((p) => p[0]), polygon.map((p) => p[1])];
  const x = clamp(dx, -Math.min(...xs), 1 - Math.max(...xs));
  const y = clamp(dy, -Math.min(...ys), 1 - Math.max(...ys));
  return polygon.map((point) => [round(clamp(point[0] + x)), round(clamp(point[1] + y))]);
}

// Where (u, v) of a rectangle (0 to 1 along its sides) is in a picture of its four corners (Heckbert 1989).
function onQuad(q, u, v) {
  const [dx1, dy1] = [q[1][0] - q[2][0], q[1][1] - q[2][1]];
  const [dx2, dy2] = [q[3][0] - q[2][0], q[3][1] - q[2][1]];
  const [sx, sy] = [q[0][0] - q[1][0] + q[2][0] - q[3][0], q[0][1] - q[1][1] + q[2][1] - q[3][1]];
  const d = dx1 * dy2 - dx2 * dy1;
  const [g, h] = [(sx * dy2 - dx2 * sy) / d, (dx1 * sy - sx * dy1) / d];
  const w = g * u + h * v + 1;
  const x = (q[1][0] - q[0][0] + g * q[1][0]) * u + (q[3][0] - q[0][0] + h * q[3][0]) * v + q[0][0];
  const y = (q[1][1] - q[0][1] + g * q[1][1]) * u + (q[3][1] - q[0][1] + h * q[3][1]) * v + q[0][1];
  return [x / w, y / w];
}

// Lines a metre apart on a rectangle of known size.
function metreLines(shape) {
  const [width, length] = shape.size_m;
  if (shape.polygon.length !== 4 || !convex(shape.polygon) || !(width > 0) || !(length > 0)) return [];
  const step = Math.max(1, Math.ceil(Math.max(width, length) / 25));
  const lines = [];
  for (let m = step; m < width - 0.01; m += step) lines.push([onQuad(shape.polygon, m / width, 0), onQuad(shape.polygon, m / width, 1)]);
  for (let m = step; m < length - 0.01; m += step) lines.push([onQuad(shape.polygon, 0, m / length), onQuad(shape.polygon, 1, m / length)]);
  return lines;
}

// A shape as zones.json has it.
// What a camera would no longer look for people in, in words; "" for nothing.
function lessWatched(before, now) {
  const gone = (kind) => before.some((shape) => shape.kind === kind) && !now.some((shape) => shape.kind === kind);
  const water = gone("water") ? "This camera has no water then: nobody is looked for under water." : "";
  const boundary = gone("boundary") ? "It has no boundary then: nothing says any more where nobody may be." : "";
  return [water, boundary].filter(Boolean).join(" ");
}

function plain(shape) {
  const found = { name: shape.name.trim(), kind: shape.kind, polygon: shape.polygon };
  for (const key of ["to", "size_m", "template"]) if (shape[key]) found[key] = shape[key];
  return found;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const sameShapes = (one, other) => same(one.map(plain), other.map(plain));

// Shapes by name and kind; a second of the same name and kind by its number.
function keyed(shapes) {
  const seen = {};
  return new Map(shapes.map((shape) => {
    const base = `${shape.kind}\n${shape.name.trim()}`;
    seen[base] = (seen[base] || 0) + 1;
    return [`${base}\n${seen[base]}`, shape];
  }));
}

// Mine and theirs since `base`, zone by zone: who changed one wins; where both did, both are kept.
function merged(base, mine, theirs) {
  const [was, ours, others] = [keyed(base), keyed(mine), keyed(theirs)];
  const text = (map, key) => (map.has(key) ? JSON.stringify(plain(map.get(key))) : "");
  const shapes = [];
  const both = [];
  for (const key of new Set([...ours.keys(), ...others.keys()])) {
    const [before, my, their] = [text(was, key), text(ours, key), text(others, key)];
    if (my === their || their === before) {
      if (my) shapes.push(ours.get(key));
    } else if (my === before) {
      if (their) shapes.push(others.get(key));
    } else if (!my || !their) {
      // One deleted what the other changed: what is watched stays.
      shapes.push(my ? ours.get(key) : others.get(key));
      both.push(shapes[shapes.length - 1].name);
    } else {
      const theirCopy = { ...others.get(key), name: `${others.get(key).name} (theirs)` };
      if (theirCopy.size_m) delete theirCopy.size_m;
      shapes.push(ours.get(key), ...(theirCopy.kind === "scale" ? [] : [theirCopy]));
      both.push(ours.get(key).name);
    }
  }
  return { shapes, both };
}
