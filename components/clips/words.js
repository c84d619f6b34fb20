// What a clip is called, when it was, how long. Pure: everything that people named goes out as text.

const CLOCK = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const CLOCK_S = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });
const DAY_YEAR = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });

const dayKey = (utc) => new Date(utc).toDateString();

// "Today", "Yesterday", "Friday 17 November", with the year when it is another.
function dayWords(utc, now = new Date()) {
  const at = new Date(utc);
  if (at.toDateString() === now.toDateString()) return "Today";
  const before = new Date(now);
  before.setDate(before.getDate() - 1);
  if (at.toDateString() === before.toDateString()) return "Yesterday";
  return (at.getFullYear() === now.getFullYear() ? DAY : DAY_YEAR).format(at);
}

const timeWords = (utc) => CLOCK.format(new Date(utc));

function lengthOf(clip) {
  if (!clip.ended_utc) return null;
  return Math.max(0, (new Date(clip.ended_utc) - new Date(clip.began_utc)) / 1000);
}

// 24 s, 1 min 12 s
function lengthWords(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return whole % 60 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${Math.floor(whole / 60)} min`;
}

// 0:07, 1:12
function running(seconds) {
  const whole = Math.max(0, Math.floor(seconds + 1e-6));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// The sentence of what mattered most; several of the same kind are one.
function titleOf(clip) {
  const first = clip.events.find((event) => event.kind === clip.kind && event.level === clip.level) || clip.events[0];
  return (first && first.text) || clip.what;
}

// Where in the clip an event was, seconds.
function momentOf(event, clip) {
  if (typeof event.at_s === "number") return event.at_s;
  return Math.max(0, (new Date(event.utc) - new Date(clip.began_utc)) / 1000);
}

const STATES = { recording: "Is being recorded", damaged: "Damaged: it cannot be played" };

// All in one line, for who does not see the card.
function spokenOf(clip, labels) {
  const seconds = lengthOf(clip);
  return [
    clip.drill ? "Drill" : "",
    clip.level_words,
    titleOf(clip),
    clip.camera_name,
    ...clip.people,
    `${dayWords(clip.began_utc)} ${timeWords(clip.began_utc)}`,
    seconds === null ? "" : lengthWords(seconds),
    STATES[clip.state] || "",
    clip.label ? `labelled ${labels.get(clip.label) || clip.label}` : "",
    clip.kept ? "kept" : "",
  ].filter(Boolean).join(", ");
}

const counted = (number, one, many) => `${number} ${number === 1 ? one : many}`;

function sizeWords(bytes) {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(0.1, bytes / 1e6).toFixed(1)} MB`;
}

// A made element; text is always text.
function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

// What scrolls: not the window.
const scroller = () => document.querySelector("[data-testid='stMain']") || document.scrollingElement;

// What is wrong with the room for clips, and what that has cost; "" when nothing is.
function diskWords(disk) {
  if (!disk) return "";
  const said = [disk.why || ""];
  if (disk.low) said.push(`The disk has only ${sizeWords(disk.free_bytes)} left: the oldest clips that nobody keeps are deleted to make room, alarms last.`);
  if (disk.cleared) said.push(`${counted(disk.cleared, "old clip was", "old clips were")} deleted within the last day because the disk was nearly full.`);
  return said.filter(Boolean).join(" ");
}
