// Counts down while nobody watches, on every page, and ends the pause at once where somebody wants that.
const TICK_MS = 200;

export default function ({ parentElement }) {
  const find = (what) => parentElement.querySelector(what);
  const band = find(".pause");
  const again = find(".again");
  let news = null;
  let at = 0;

  function hear(state) {
    news = state;
    at = performance.now();
    again.disabled = !state.connected;
    again.hidden = !mayDo("modes");
    draw();
  }

  function draw() {
    const left_s = news?.site ? leftOf(news.site, (news.age_ms || 0) + performance.now() - at) : null;
    band.hidden = left_s === null;
    if (left_s === null) return;
    const words = clockWords(left_s);
    if (find(".clock").textContent !== words) find(".clock").textContent = words;
  }

  again.onclick = async () => {
    again.disabled = true;
    find(".trouble").textContent = "";
    try {
      await window.poolwatch.send("mode.set", { mode: "watch", who: await window.poolwatch.who(), where: whereNow() });
    } catch (error) {
      find(".trouble").textContent = sentenceOf(error);
    }
    again.disabled = false;
  };

  const stop = linked(hear);
  const timer = setInterval(draw, TICK_MS);
  return () => {
    stop();
    clearInterval(timer);
  };
}
