// What the judge says of people, counted on by the browser's own clock between its words. `site` is the
// judge's document, `age_s` how old it is now.

const NOTICED_SHARE = 0.3; // a swimmer dips for a moment: only from this share of the limit on it is news
const NOTICED_S = 3; // and at the latest after so long
const SEEN_S = 2; // somebody counts as seen for so long after the last sight

// Everybody with what is true now: {id, name, state, seen_s, limit_s, share, spot, camera, ...}.
function peopleNow(site, age_s) {
  if (!site) return [];
  return site.people.map((person) => personNow(person, site, age_s));
}

// The same of what this tab has heard; nobody while the judge is not heard.
function peopleHeard() {
  const state = window.poolwatch ? window.poolwatch.state : null;
  return state && state.connected ? peopleNow(state.site, (state.age_ms || 0) / 1000) : [];
}

function personNow(person, site, age_s) {
  const seen_s = person.head_seen_s + age_s;
  const limit_s = person.limit_s;
  const left_s = person.countdown_s === null ? null : Math.max(0, person.countdown_s - age_s);
  // A camera that went blind shortens a countdown: the share is of what is allowed now, not of the limit.
  const allowed_s = left_s === null ? limit_s : seen_s + left_s;
  const share = allowed_s ? Math.min(1, seen_s / allowed_s) : 0;
  return { ...person, seen_s, left_s, share, alarm: alarmOf(person, site), state: stateOf(person, site, seen_s, left_s) };
}

function alarmOf(person, site) {
  return site.alarms.find((alarm) => alarm.person === person.id && alarm.level === "emergency" && alarm.state !== "resolved") || null;
}

// emergency, countdown, water, deck or away. Red stays until somebody has answered and the head is seen.
function stateOf(person, site, seen_s, left_s) {
  const alarm = alarmOf(person, site);
  const unseen = person.place === "water" && person.countdown_s !== null;
  if (alarm && (alarm.state === "unacknowledged" || unseen)) return "emergency";
  if (unseen && left_s === 0) return "emergency";
  if (unseen && seen_s >= noticedFrom(person.limit_s)) return "countdown";
  return person.place;
}

function noticedFrom(limit_s) {
  return Math.min(NOTICED_S, NOTICED_SHARE * limit_s);
}

// Missing: somebody whose ring stands on the picture where the head was last seen.
function isMissing(person) {
  return (person.state === "countdown" || person.state === "emergency") && person.place === "water" && person.left_s !== null;
}

function wholeSeconds(value) {
  return Math.floor(value + 1e-6);
}

// "4 s", "2 min": whole seconds that have passed, never one too many.
function passed(value) {
  const whole = wholeSeconds(value);
  return whole < 120 ? `${whole} s` : seconds(whole);
}

// Two letters at most: "A", "AK", "G2" for Guest 2.
function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  if (words.length === 2 && /^\d+$/.test(words[1])) return (words[0][0] + words[1]).slice(0, 4).toUpperCase();
  return words.slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
}

// What stands in the ring: in water how long the head is unseen, else who it is.
function ringText(person) {
  if (person.place !== "water") return person.place === "away" ? "?" : initials(person.name);
  const whole = wholeSeconds(person.seen_s);
  return whole < 100 ? String(whole) : `${Math.min(99, Math.floor(whole / 60))}m`;
}

// How much of the ring is full: on deck all of it, in water the share of the limit.
function ringShare(person) {
  return person.place === "water" ? person.share : 1;
}

const AGE_TAGS = { adult: "adult", child: "child", unknown: "child?" };

function tagOf(person) {
  return person.responsible ? "responsible" : AGE_TAGS[person.age] || "child?";
}

// One line: "in water, head seen 4 s ago, limit 10 s".
function whereWords(person) {
  const age = person.responsible ? "adult, " : "";
  if (person.place === "water") return `${age}in water, head ${agoWords(person.seen_s)}, limit ${Math.round(person.limit_s)} s`;
  if (person.place === "deck") return `${age}on deck`;
  return `${age}not in view, last ${agoWords(person.seen_s)}`;
}

const POSE_WHY = 0.4; // below that nothing is suspected, so there is nothing to explain

// "pose 83 % danger: upright, no travel"; in water there is always a line, so that rows do not jump.
function poseWords(person) {
  if (!person.pose && person.place !== "water") return "";
  const { danger, why } = person.pose || { danger: null };
  if (danger === null) return "pose not clear";
  const words = `pose ${Math.round(danger * 100)} % danger`;
  return danger >= POSE_WHY && why.length ? `${words}: ${why.join(", ")}` : words;
}

// Whether the pose alone is reason to look.
function poseAlarms(person) {
  return Boolean(person.pose) && person.pose.danger !== null && person.pose.danger >= POSE_WHY;
}

function agoWords(seen_s) {
  return seen_s < 1 ? "seen now" : `seen ${passed(seen_s)} ago`;
}

// "2 in the water, 1 on deck, 3 of 3 seen"; "" for nobody.
function countWords(people) {
  if (!people.length) return "";
  const wet = people.filter((person) => person.place === "water").length;
  const away = people.filter((person) => person.place === "away").length;
  const dry = people.length - wet - away;
  const seen = people.filter((person) => person.seen_s <= SEEN_S).length;
  const parts = [];
  if (wet) parts.push(`${wet} in the water`);
  if (dry) parts.push(`${dry} on deck`);
  if (away) parts.push(`${away} not in view`);
  return `${parts.join(", ")}, ${seen} of ${people.length} seen`;
}

// The people of one camera's tracks: track number -> person.
function byTrack(people, camera) {
  const found = new Map();
  for (const person of people) {
    for (const [where, track] of person.tracks || []) if (where === camera) found.set(track, person);
  }
  return found;
}
