// The state of the whole, by colour and shape; its words stand next to the mode, which hears them from here
// ("poolwatch-whole" on the document). What the judge says comes by the site's line, at once; of the cameras
// that only start, `/healthz` knows, asked every 2 s.
const EVERY_MS = 2000;
const ALL_WELL = { state: "fine", words: "", label: "All is well" };

const counted = (number, what) => (number === 1 ? `1 camera ${what[0]}` : `${number} cameras ${what[1]}`);

async function asked() {
  try {
    const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(1900) });
    const health = await answer.json();
    if (health.missing.includes("monitor")) return { state: "down", words: "The monitor does not answer" };
    if (!health.cameras) return { state: "care", words: "There is no camera yet" };
    if (!health.missing.length) return ALL_WELL;
    const [starting, poor] = [health.starting.length, health.poor.length];
    const silent = health.missing.length - starting - poor;
    if (silent) return { state: "care", words: counted(silent, ["does not answer", "do not answer"]) };
    if (poor) return { state: "care", words: counted(poor, ["does not see well", "do not see well"]) };
    return { state: "care", words: counted(starting, ["is starting", "are starting"]) };
  } catch {
    return { state: "down", words: "No connection" };
  }
}

// null: the judge has nothing to complain of.
function judged(line) {
  if (!line || !heard(line)) return null;
  if (!line.connected) return { state: "down", words: line.why };
  const site = line.site;
  const open = site.alarms.filter((alarm) => alarm.state !== "resolved");
  if (open.some((alarm) => alarm.level === "emergency")) return { state: "alarm", words: "", label: "Emergency" };
  if (open.length) return { state: "care", words: open.length === 1 ? "1 alarm is open" : `${open.length} alarms are open` };
  if (!site.store.ok) return { state: "care", words: site.store.why };
  if (site.outbox.failed.length) return { state: "care", words: "A message could not be sent" };
  if (site.mode.mode === "paused") return { state: "care", words: "", label: "Paused" };
  return null;
}

export default function ({ parentElement }) {
  const lamp = parentElement.querySelector(".lamp");
  let health = null;
  let stopped = false;

  function show() {
    if (stopped) return;
    const found = judged(window.poolwatch?.state) || health;
    if (!found || (lamp.dataset.state === found.state && document.poolwatchWhole === found.words)) return;
    lamp.dataset.state = found.state;
    lamp.setAttribute("aria-label", found.label || found.words);
    lamp.title = found.words;
    document.poolwatchWhole = found.words;
    document.dispatchEvent(new Event("poolwatch-whole"));
  }
  async function refresh() {
    if (document.hidden) return;
    health = await asked();
    show();
  }
  const timer = setInterval(refresh, EVERY_MS);
  document.addEventListener("visibilitychange", refresh);
  const stop = linked(show);
  skipLink();
  refresh();
  return () => {
    stopped = true;
    stop();
    clearInterval(timer);
    document.removeEventListener("visibilitychange", refresh);
  };
}
