// Zones on a picture: kinds are told apart by the dash and by a word, not by colour alone.

const ZONE_LOOKS = {
  water: { colour: "#29d0e6", dash: [10, 7], word: "water" },
  boundary: { colour: "#e8f1f2", dash: [18, 5, 3, 5], word: "boundary" },
  portal: { colour: "#43c59e", dash: [2, 6], word: "way in and out" },
  mask: { colour: "#aebfc5", dash: [], word: "never looked at" },
};

function zoneWords(zone) {
  const word = (ZONE_LOOKS[zone.kind] || ZONE_LOOKS.boundary).word;
  return zone.name.toLowerCase() === word ? zone.name : `${zone.name}, ${word}`;
}

function zonePath(g, zone, at, size) {
  g.beginPath();
  zone.polygon.forEach(([x, y], i) => {
    const point = at(x * size[0], y * size[1]);
    if (i) g.lineTo(...point);
    else g.moveTo(...point);
  });
  g.closePath();
}

function drawZones(g, zones, at, size, thick, width) {
  const taken = [];
  for (const zone of zones) {
    if (!zone.polygon || zone.polygon.length < 3) continue;
    drawZone(g, zone, at, size, thick);
  }
  for (const zone of zones) if (zone.polygon && zone.polygon.length >= 3) drawZoneName(g, zone, at, size, width, taken);
}

function drawZone(g, zone, at, size, thick) {
  const style = ZONE_LOOKS[zone.kind] || ZONE_LOOKS.boundary;
  g.save();
  zonePath(g, zone, at, size);
  if (zone.kind === "mask") hatch(g, zone, at, size);
  // A dark edge below the colour keeps the outline readable on any picture.
  for (const [colour, extra] of [["rgba(6,16,20,0.5)", 2], [style.colour, 0]]) {
    g.strokeStyle = colour;
    g.lineWidth = Math.max(1.5, thick * 0.75) + extra;
    g.setLineDash(style.dash);
    zonePath(g, zone, at, size);
    g.stroke();
  }
  g.restore();
}

// Slanting lines: there is a person's reason why nothing is seen here.
function hatch(g, zone, at, size) {
  const corners = zone.polygon.map(([x, y]) => at(x * size[0], y * size[1]));
  const [xs, ys] = [corners.map((c) => c[0]), corners.map((c) => c[1])];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  g.save();
  g.clip();
  g.strokeStyle = "rgba(174,191,197,0.35)";
  g.lineWidth = 1;
  g.beginPath();
  for (let x = left - (bottom - top); x < right; x += 14) {
    g.moveTo(x, bottom);
    g.lineTo(x + bottom - top, top);
  }
  g.stroke();
  g.restore();
}

// At the zone's upper left corner; a name that would cover another's moves down.
function drawZoneName(g, zone, at, size, width, taken) {
  const top = zone.polygon.reduce((best, point) => (point[1] + point[0] / 3 < best[1] + best[0] / 3 ? point : best));
  const [x, y] = at(top[0] * size[0], top[1] * size[1]);
  g.save();
  g.font = `600 ${width < 520 ? 10 : 12}px system-ui, sans-serif`;
  const wide = g.measureText(zoneWords(zone)).width + 10;
  const high = width < 520 ? 15 : 18;
  const place = { x: Math.min(Math.max(2, x + 6), Math.max(2, width - wide - 2)), y: Math.max(2, y + 4), wide, high };
  while (taken.some((other) => overlap(place, other))) place.y += high + 2;
  taken.push(place);
  g.fillStyle = "rgba(8,22,27,0.72)";
  g.beginPath();
  g.roundRect(place.x, place.y, wide, high, 4);
  g.fill();
  g.fillStyle = (ZONE_LOOKS[zone.kind] || ZONE_LOOKS.boundary).colour;
  g.textBaseline = "middle";
  g.fillText(zoneWords(zone), place.x + 5, place.y + high / 2 + 0.5);
  g.restore();
}
