// The switch itself: shows what the site says, asks before it is less safe, and sends.
const WORD = { watch: "Watch", supervised: "Supervised", paused: "Paused" };

export default function ({ parentElement }) {
  const find = (what) => parentElement.querySelector(what);
  const root = find(".mode");
  const buttons = [...parentElement.querySelectorAll("[role=radio]")];
  const panel = openable(find(".panel"), find("form"));
  let state = null;

  function draw(now) {
    state = now;
    const site = now.site;
    const able = Boolean(now.connected && site);
    root.dataset.ready = String(able);
    find(".choices").setAttribute("aria-busy", String(!site && now.connected !== false));
    const mode = site ? site.mode.mode : null;
    for (const button of buttons) {
      const chosen = button.dataset.mode === mode;
      button.setAttribute("aria-checked", String(chosen));
      button.setAttribute("aria-disabled", String(!able || !mayDo("modes")));
      // Who may not change it sees what it is.
      button.hidden = able && !mayDo("modes") && !chosen;
    }
    if (!parentElement.activeElement?.matches?.("[role=radio]")) rove(buttons.find((b) => b.dataset.mode === mode) || buttons[0]);
    tell(able ? sinceWords(site.mode) : heard(now) ? now.why : "", able ? WORD[mode] : "", able);
    tellWhole();
    if (mode && mode === panel.about()) panel.close();
  }

  // What is not well with the whole stands below; that nobody answers is said already.
  function tellWhole() {
    find(".whole").textContent = state?.connected ? document.poolwatchWhole || "" : "";
  }

  function tell(words, mode, able) {
    const since = find(".since");
    if (since.textContent !== words) since.textContent = since.title = words;
    since.dataset.able = String(able);
    const said = [mode, words].filter(Boolean).join(" ");
    if (find(".said").textContent !== said) find(".said").textContent = said;
  }

  const rove = (to) => buttons.forEach((b) => (b.tabIndex = b === to ? 0 : -1));

  async function send(command, args, who) {
    const name = who || (await window.poolwatch.who());
    return window.poolwatch.send(command, { ...args, who: name, where: whereNow() });
  }

  async function choose(button) {
    const mode = button.dataset.mode;
    if (!state?.connected || !state.site || !mayDo("modes") || mode === state.site.mode.mode) return;
    if (mode === "supervised") panel.open(supervisedPanel(knownName()), mode, button, send);
    else if (mode === "paused") askPause(button);
    else await watch(button);
  }

  function askPause(button) {
    const pause = (pin) => panel.open(pausePanel(pin), "paused", button, send);
    if (state.site.pin) pause();
    else panel.open(firstPinPanel(pause), "paused", button, send);
  }

  async function watch(button) {
    panel.close();
    try {
      await send("mode.set", { mode: "watch" });
    } catch (error) {
      panel.open(refusedPanel(sentenceOf(error)), null, button, send);
    }
  }

  for (const button of buttons) {
    button.onclick = () => choose(button);
    button.onkeydown = (event) => {
      const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      const next = buttons[(buttons.indexOf(button) + by + buttons.length) % buttons.length];
      rove(next);
      next.focus();
    };
  }
  const stop = linked(draw);
  document.addEventListener("poolwatch-whole", tellWhole);
  return () => {
    stop();
    document.removeEventListener("poolwatch-whole", tellWhole);
    panel.end();
  };
}
