// What the band says. Pure: state in, words out. Everything that people or cameras named is set as text.

const LONGEST = 240;
const NO_NAME = "Somebody";

function clip(text, longest = LONGEST) {
  const letters = [...String(text === null || text === undefined ? "" : text).replace(/\s+/g, " ").trim()];
  return letters.length > longest ? `${letters.slice(0, longest - 1).join("")}…` : letters.join("");
}

// 0:07, 12:30, 1:02:03
function running(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

// Local time; with its day when that is not today.
function clockOf(date) {
  const today = new Date().toDateString() === date.toDateString();
  const time = clockTime(date.getTime() / 1000);
  return today ? time : `${date.toLocaleDateString([], { day: "numeric", month: "short" })}, ${time}`;
}

function lookOf(alarm) {
  if (alarm.state === "resolved") return "over";
  if (alarm.state === "acknowledged") return alarm.level === "emergency" ? "seen" : "seen-alert";
  if (alarm.level !== "emergency") return "alert";
  return alarm.drill ? "drill" : "emergency";
}

function isLoud(alarm) {
  return alarm.level === "emergency" && alarm.state === "unacknowledged";
}

function wordOf(alarm) {
  if (alarm.drill) return "Drill";
  return { emergency: "Emergency", alert: "Alert" }[alarm.level] || "Notice";
}

const AGES = { adult: "Adult", child: "Child", unknown: "Age not known, treated as a child" };

// Who it is where the title does not say so, and what is known of them.
function personOf(alarm, people) {
  const words = [];
  const name = clip(alarm.who, 80);
  if (name && name !== NO_NAME && !String(alarm.title).includes(alarm.who)) words.push(name);
  const person = people.find((one) => alarm.person !== null && one.id === alarm.person);
  if (person && AGES[person.age]) words.push(AGES[person.age]);
  if (person && person.place === "water") words.push(`head last seen ${Math.round(person.head_seen_s)} s ago`);
  return words.join(", ");
}

function whereOf(alarm) {
  const place = clip(alarm.place, 80);
  const camera = clip(alarm.camera_name || alarm.camera, 80);
  const words = [place, camera && camera !== place ? `camera ${camera}` : ""].filter(Boolean);
  return [...words, `since ${clockOf(new Date(alarm.since_utc))}`].join(", ");
}

function nextOf(alarm, age_s) {
  if (alarm.state === "acknowledged") return "";
  const text = clip(alarm.next, 160);
  if (!text || alarm.next_s === null || alarm.next_s === undefined) return text;
  const left = Math.max(0, Math.ceil(alarm.next_s - age_s));
  return `In ${left} s: ${text.replace(/^The /, "the ")}`;
}

function seenBy(alarm) {
  if (alarm.state !== "acknowledged") return "";
  const others = (alarm.also_seen_by || []).map((name) => clip(name, 40));
  const who = [clip(alarm.by, 40), ...others].filter(Boolean);
  const cleared = alarm.cleared && alarm.level === "emergency" ? " What the cameras see since looks well." : "";
  return `Seen by ${who.slice(0, 3).join(", ")}${who.length > 3 ? " and others" : ""}. The siren is off.${cleared}`;
}

const REASONS = { real: "it was real", drill: "a drill", false: "a false alarm" };

function overWords(alarm) {
  const reason = REASONS[alarm.reason];
  return `Over${reason ? `: ${reason}` : ""}${alarm.by ? `, says ${clip(alarm.by, 40)}` : ""}.`;
}

function alsoOf(alarm) {
  const others = (alarm.causes || []).filter((cause) => cause !== alarm.title && `Drill: ${cause}` !== alarm.title);
  return others.length ? `Also: ${others.slice(-3).map((cause) => clip(cause, 90)).join("; ")}` : "";
}

// Said once, to those who hear the page and do not see it.
function spoken(alarm) {
  return clip(`${wordOf(alarm)}. ${alarm.title}. ${whereOf(alarm)}.`);
}

// What stands behind the button, loudest first: "6 more: 4 emergencies, 2 seen. Show all"
const COUNTED = [["emergency", "emergency", "emergencies"], ["drill", "drill", "drills"], ["alert", "alert", "alerts"], ["seen", "seen", "seen"], ["over", "over", "over"]];

function moreWords(alarms) {
  const looks = alarms.map((alarm) => lookOf(alarm).replace("-alert", ""));
  const counts = COUNTED.map(([look, one, many]) => [looks.filter((each) => each === look).length, one, many]).filter(([n]) => n);
  return `${alarms.length} more: ${counts.map(([n, one, many]) => `${n} ${n === 1 ? one : many}`).join(", ")}. Show all`;
}

const ORDER = ["emergency", "drill", "alert", "seen", "seen-alert", "over"];

// The loudest on top, of those the newest.
function inOrder(alarms) {
  const rank = (alarm) => ORDER.indexOf(lookOf(alarm));
  return [...alarms].sort((a, b) => rank(a) - rank(b) || b.id - a.id);
}

// What else is not as it should be, one sentence each.
function troubles(site) {
  const found = [];
  if (site.store && !site.store.ok) found.push(`Not everything can be kept, the alarm works all the same: ${clip(site.store.why)}`);
  for (const failed of (site.outbox && site.outbox.failed) || []) found.push(`A message did not arrive. ${clip(failed, 160)}`);
  const alarmed = new Set((site.alarms || []).filter((alarm) => alarm.state === "unacknowledged").map((alarm) => alarm.camera));
  for (const camera of site.cameras_blind || []) {
    if (alarmed.has(camera.id)) continue;
    found.push(`${clip(camera.name, 60)} ${camera.fault ? "does not see well" : "does not see"} for ${running(camera.since_s)}: ${clip(camera.why, 120)}`);
  }
  const most = 4;
  return found.length > most ? [...found.slice(0, most - 1), `And ${found.length - most + 1} more.`] : found;
}
