// Who was where in every frame of a clip: read once, asked by the video's time.

const GAP_S = 1.0; // nobody is drawn where the track says nothing for so long

class Track {
  constructor(lines) {
    this.head = lines[0] || {};
    this.lines = lines.slice(1).filter((line) => typeof line.t === "number");
    // The judge's people stand in some lines only: each line gets those that were known then.
    let site = null;
    for (const line of this.lines) {
      if (Array.isArray(line.site)) site = { t: line.t, people: line.site };
      line.known = site;
    }
  }

  // The newest line at `t` seconds, null where there is none.
  at(t) {
    let low = 0;
    let high = this.lines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.lines[middle].t <= t + 0.001) low = middle + 1;
      else high = middle;
    }
    const line = this.lines[low - 1];
    return line && t - line.t < GAP_S ? line : null;
  }
}

// null when there is none, or it cannot be read: the video plays without it.
async function readTrack(id) {
  try {
    const response = await fetch(`/clips/${encodeURIComponent(id)}/track`);
    if (!response.ok) return null;
    const text = await response.text();
    return new Track(text.split("\n").filter(Boolean).map((line) => JSON.parse(line)));
  } catch {
    return null;
  }
}

// Everybody as the judge knew them at that moment, as the live page draws them.
function peopleAt(line, clip) {
  if (!line.known) return [];
  const age_s = Math.max(0, line.t - line.known.t);
  const alarms = clip.events
    .filter((event) => event.level === "emergency" && event.person !== null && momentOf(event, clip) <= line.t)
    .map((event) => ({ person: event.person, level: "emergency", state: "unacknowledged" }));
  return peopleNow({ people: line.known.people, alarms }, age_s);
}

// Draws into the canvas over the video; `bones`: the skeletons too (the redacted picture has them already).
function drawTrack(canvas, track, clip, t, bones) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const g = canvas.getContext("2d");
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.clearRect(0, 0, width, height);
  const line = track && track.at(t);
  if (!line || !width || !line.size || !line.size[0]) return false;
  const place = placePicture(width, height, line.size[0], line.size[1]);
  const camera = { id: clip.camera, observation: line, people: peopleAt(line, clip), zones: [], view: bones ? "camera" : "redacted" };
  drawFindings(g, camera, place, line.size, { skeletons: bones, things: bones }, width);
  return true;
}
