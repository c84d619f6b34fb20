// The server's answers, and the drafts that this browser keeps until they are saved.

const DRAFT = "poolwatch.zones.";
const LONGEST_HISTORY = 60;

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch {
    return { status: 0, error: "Poolwatch does not answer: there is no connection to it." };
  }
  try {
    const body = await response.json();
    return { ...body, status: response.status };
  } catch {
    return { status: response.status, error: `Poolwatch answers nonsense (${response.status}).` };
  }
}

const askAll = () => ask("/api/zones");
const askPicture = (camera, after) => ask(`/api/zones/${encodeURIComponent(camera)}/picture?after=${encodeURIComponent(after)}`);
const askRead = (text) => ask("/api/zones/read", { method: "POST", body: text });

function askSave(camera, zones, revision, pin) {
  const who = window.poolwatch && window.poolwatch.name ? { who: window.poolwatch.name } : {};
  const body = JSON.stringify({ zones, revision, ...who, ...(pin ? { pin } : {}) });
  return ask(`/api/zones/${encodeURIComponent(camera)}`, { method: "PUT", body, headers: { "Content-Type": "application/json" } });
}

function readDraft(camera) {
  try {
    const draft = JSON.parse(window.localStorage.getItem(DRAFT + camera) || "null");
    return draft && Array.isArray(draft.shapes) && Array.isArray(draft.base) ? draft : null;
  } catch {
    return null;
  }
}

// Whether the browser keeps it.
function writeDraft(camera, draft) {
  try {
    window.localStorage.setItem(DRAFT + camera, JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

function dropDraft(camera) {
  try {
    window.localStorage.removeItem(DRAFT + camera);
  } catch {
    // Nothing is kept here, so nothing is left.
  }
}

// What can be undone and redone: whole lists of shapes, they are small.
class History {
  constructor(undo = [], redo = []) {
    this.undo = undo;
    this.redo = redo;
    this.last = "";
    this.lastAt = -Infinity;
  }

  // Before a change. Changes of one `what` in quick succession are one step.
  keep(shapes, what = "") {
    const now = performance.now();
    const goesOn = what && what === this.last && now - this.lastAt < 1500;
    this.last = what;
    this.lastAt = now;
    if (goesOn) return;
    this.undo.push(JSON.stringify(shapes));
    if (this.undo.length > LONGEST_HISTORY) this.undo.shift();
    this.redo = [];
  }

  // The step just kept changed nothing.
  forgetLast() {
    this.undo.pop();
  }

  back(shapes) {
    return this.step(this.undo, this.redo, shapes);
  }

  forward(shapes) {
    return this.step(this.redo, this.undo, shapes);
  }

  step(from, to, shapes) {
    if (!from.length) return null;
    this.last = "";
    to.push(JSON.stringify(shapes));
    return JSON.parse(from.pop());
  }
}
