// "Test the alarm": the whole path, marked as a drill. It sounds on every page and calls the contacts, so it
// takes two taps.

const SURE_MS = 6000;
const WORDS = { false: "Test the alarm", true: "Yes: sound it everywhere, as a drill" };

export default function ({ parentElement }) {
  const button = parentElement.querySelector("button");
  const said = parentElement.querySelector("p");
  let timer = null;
  const ask = (sure) => {
    clearTimeout(timer);
    button.dataset.sure = String(sure);
    button.textContent = WORDS[sure];
    if (sure) timer = setTimeout(() => ask(false), SURE_MS);
  };
  button.onclick = async () => {
    said.textContent = "";
    if (button.dataset.sure !== "true") return ask(true);
    ask(false);
    try {
      await window.poolwatch.send("alarm.drill", { who: await window.poolwatch.who() });
    } catch (error) {
      said.textContent = error.message;
    }
  };
  ask(false);
  return () => clearTimeout(timer);
}
