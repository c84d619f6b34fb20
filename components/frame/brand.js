// Asks the server how it is, every 2 s, and shows it by colour, shape and word.
const EVERY_MS = 2000;

async function ask() {
  try {
    const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(1900) });
    const health = await answer.json();
    if (health.missing.includes("monitor")) return ["down", "The monitor does not answer"];
    if (!health.missing.length) return ["fine", ""];
    const silent = health.missing.length - health.starting.length;
    if (!silent) return ["care", health.starting.length === 1 ? "1 camera is starting" : `${health.starting.length} cameras are starting`];
    return ["care", silent === 1 ? "1 camera does not answer" : `${silent} cameras do not answer`];
  } catch {
    return ["down", "No connection"];
  }
}

export default function ({ parentElement }) {
  const lamp = parentElement.querySelector(".lamp");
  const word = parentElement.querySelector(".word");
  let stopped = false;
  async function refresh() {
    if (document.hidden) return;
    const [state, text] = await ask();
    if (stopped) return;
    lamp.dataset.state = state;
    if (word.textContent !== text) word.textContent = text;
  }
  const timer = setInterval(refresh, EVERY_MS);
  document.addEventListener("visibilitychange", refresh);
  refresh();
  return () => {
    stopped = true;
    clearInterval(timer);
    document.removeEventListener("visibilitychange", refresh);
  };
}
