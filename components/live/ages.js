// How old a picture is and what the page says of it. Pure: times in seconds come in as arguments.

const STALE_S = 1.7; // stamped within 2 s, with the ticker's 0.1 s and what a busy browser is late

// Seconds since the socket last brought news of a camera. Two clocks: one stands still while a laptop
// sleeps, the other may be set back; the larger is the honest one.
function sinceNews(camera, now) {
  return Math.max(0, now.steady - camera.newsAt.steady, now.wall - camera.newsAt.wall);
}

function pictureAge(camera, now) {
  return camera.ageAtNews === null ? null : camera.ageAtNews + sinceNews(camera, now);
}

// A camera that is only starting, or blind, has no live picture however young its news is.
function isStale(camera, now) {
  const age = pictureAge(camera, now);
  return camera.state !== "live" || age === null || age >= STALE_S;
}

const IN_VIEW_S = 1.5; // one missed detection is no disappearance; the server's sentence counts alike

function isInView(person, t) {
  return t - person.seen_t <= IN_VIEW_S;
}

function seconds(value) {
  if (value < 120) return `${Math.round(value)} s`;
  if (value < 7200) return `${Math.floor(value / 60)} min`;
  return `${Math.floor(value / 3600)} h`;
}

function clockTime(wallSeconds) {
  const at = new Date(wallSeconds * 1000);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((n) => String(n).padStart(2, "0")).join(":");
}

// What is stamped over a picture that must not be taken for live; "" when it is live.
function stampText(camera, now, connected) {
  if (!isStale(camera, now)) return "";
  if (!camera.enabled) return "Switched off";
  const age = pictureAge(camera, now);
  const since = age === null ? "" : ` since ${clockTime(now.wall - age)}`;
  if (!connected) return age === null ? "No connection to Poolwatch" : `No connection. Picture is ${seconds(age)} old`;
  if (camera.state === "starting") return "Waiting for the first picture";
  // "No new picture" is what the first half says already.
  // A live camera's reason is one of its view: there is a picture.
  if (camera.reason && camera.state !== "live" && !camera.reason.startsWith("no new picture")) return `No picture${since}: ${camera.reason}`;
  if (age === null) return "No picture: the camera does not answer";
  if (camera.state === "blind" || age >= 10) return `No picture${since}: the camera does not answer`;
  return `Picture is ${seconds(age)} old`;
}

// What stands over a picture that is live and all the same not to be relied on; "" when all is well.
function troubleText(camera) {
  return camera.enabled && camera.state === "live" ? capital(camera.reason || "") : "";
}

// Per camera in one line: "live, 15 frames/s, 80 ms".
function stateWord(camera, now, connected) {
  if (!camera.enabled) return "switched off";
  if (!connected) return "not connected";
  if (isStale(camera, now)) return camera.state === "starting" ? "starting" : "does not answer";
  return camera.reason ? "live, cannot see well" : "live";
}
