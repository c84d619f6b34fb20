const GUARD_MS = 350;
const WAIT = /in (\d+) s/; // how long the monitor takes no PIN, in its own sentence

// The panel below the switch. It is not modal: an alarm that comes meanwhile can be answered.
function openable(box, form) {
  const find = (what) => box.querySelector(what);
  let shown = null;
  let about = null;
  let from = null;
  let guard = 0;
  let waiting = 0;

  function open(content, mode, button, send) {
    clearInterval(waiting);
    [shown, about, from] = [content, mode, button];
    beGuarded();
    find("h2").textContent = content.title;
    find(".text").textContent = content.text;
    find(".error").textContent = "";
    find(".fields").replaceChildren(...content.fields.map((f) => f.box));
    find(".main").textContent = content.action;
    find(".main").disabled = false;
    find(".cancel").hidden = !content.fields.length;
    content.rename = (word) => (find(".main").textContent = word);
    form.onsubmit = (event) => {
      event.preventDefault();
      press(content, send);
    };
    box.hidden = false;
    (content.fields.find((f) => !f.input.value)?.input || content.fields[0]?.input || find(".main")).focus();
  }

  // A held key, or the second half of a double tap, is no second decision.
  function beGuarded() {
    clearTimeout(guard);
    box.dataset.guarded = "true";
    guard = setTimeout(() => (box.dataset.guarded = "false"), GUARD_MS);
  }

  async function press(content, send) {
    if (box.dataset.guarded === "true" || find(".main").disabled) return;
    find(".main").disabled = true;
    find(".error").textContent = "";
    try {
      const next = await content.press(send);
      if (content === shown && next !== "next") close(true);
    } catch (error) {
      if (content === shown) refuse(sentenceOf(error));
    }
  }

  function refuse(why) {
    find(".error").textContent = why;
    const left_s = Number(WAIT.exec(why)?.[1] || 0);
    if (!left_s) {
      find(".main").disabled = false;
      find("input")?.focus();
      return;
    }
    const until = performance.now() + left_s * 1000;
    waiting = setInterval(() => {
      const left = Math.ceil((until - performance.now()) / 1000);
      if (left > 0) {
        find(".error").textContent = why.replace(WAIT, `in ${left} s`);
        return;
      }
      clearInterval(waiting);
      find(".error").textContent = "";
      find(".main").disabled = false;
    }, 500);
  }

  function close(focus = false) {
    if (box.hidden) return;
    // The news of one's own change may come before its answer does: whoever was in here goes back to the button.
    const held = find(".main").disabled || box.contains(box.getRootNode().activeElement);
    clearInterval(waiting);
    box.hidden = true;
    [shown, about] = [null, null];
    find(".fields").replaceChildren(); // a PIN does not stay in the page
    if (focus || held) from?.focus();
  }

  const outside = (event) => {
    const path = event.composedPath();
    if (!path.includes(box) && !path.includes(from)) close();
  };
  const key = (event) => {
    if (event.key === "Escape" && !box.hidden) close(true);
  };
  find(".cancel").onclick = () => close(true);
  box.onkeydown = (event) => {
    if (event.key === "Enter" && event.repeat) event.preventDefault();
  };
  document.addEventListener("pointerdown", outside);
  document.addEventListener("keydown", key);
  return {
    open,
    close,
    about: () => about,
    end() {
      clearInterval(waiting);
      clearTimeout(guard);
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("keydown", key);
    },
  };
}
