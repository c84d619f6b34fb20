// What the mode is, in words and local time.
const DAY = new Intl.DateTimeFormat([], { weekday: "short" });
const TIME = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function sinceWords(mode, now = new Date()) {
  const since = new Date(mode.since_utc);
  const same = since.toDateString() === now.toDateString();
  const when = same ? TIME.format(since) : `${DAY.format(since)} ${TIME.format(since)}`;
  if (mode.by === "timer") return mode.from === "start" ? `since the start at ${when}` : `since ${when}, by itself`;
  return mode.by ? `since ${when} by ${mode.by}` : `since ${when}`;
}

// Seconds until the pause ends, by the monitor's clock: the browser's may be wrong.
function leftOf(site, age_ms) {
  if (site.mode.mode !== "paused" || !site.mode.until_utc) return null;
  return Math.max(0, (Date.parse(site.mode.until_utc) - Date.parse(site.utc) - age_ms) / 1000);
}

// 4:59; a pause that has a little left has not ended: rounded up.
function clockWords(left_s) {
  const whole = Math.ceil(left_s);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
