// One card a question, for as long as the site asks it; answered anywhere, it goes everywhere.
const GUARD_MS = 500; // a finger that was on its way to something else answers nothing
const ASKED = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

const LEAST_PX = 150;

// An alarm above pushes the bar down: the cards take what is left below it, and scroll in it.
function roomBelow() {
  const head = document.querySelector(".st-key-pw-head")?.getBoundingClientRect().bottom || 0;
  const foot = matchMedia("(max-width: 1000px)").matches ? 72 : 24;
  return Math.max(LEAST_PX, Math.min(window.innerHeight * 0.6, window.innerHeight - head - foot - 12));
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

class Card {
  constructor(prompt) {
    this.prompt = prompt;
    this.box = element("article", "prompt");
    this.box.dataset.prompt = prompt.id;
    this.beGuarded();
    this.error = element("p", "error");
    this.error.setAttribute("role", "alert");
    this.form = element("form", "");
    this.form.noValidate = true;
    const asked = element("p", "", `Asked at ${ASKED.format(new Date(prompt.since_utc))}`);
    this.box.append(element("h2", "", prompt.text), asked, this.form, this.error);
    this.ask();
  }

  beGuarded() {
    clearTimeout(this.guard);
    this.box.dataset.guarded = "true";
    this.guard = setTimeout(() => (this.box.dataset.guarded = "false"), GUARD_MS);
  }

  get guarded() {
    return this.box.dataset.guarded === "true";
  }

  // The first of the choices is what is proposed.
  ask() {
    this.form.onsubmit = (event) => event.preventDefault();
    if (!mayDo("answer")) return this.form.replaceChildren(element("p", "", "A guardian or the owner answers this."));
    this.form.replaceChildren(
      this.row(this.prompt.choices.map((choice, place) => this.button(choice.label, !place, () => this.chosen(choice)))),
    );
  }

  row(buttons) {
    const row = element("div", "answers");
    row.append(...buttons);
    return row;
  }

  button(word, main, press) {
    const button = element("button", main ? "main" : "", word);
    button.type = "button";
    button.onclick = () => this.guarded || press();
    return button;
  }

  chosen(choice) {
    if (choice.id === "supervised") this.askAdult(choice);
    else this.answer(choice, () => window.poolwatch.who());
  }

  // Less safe by one tap would be a child's tap: the adult is named first.
  askAdult(choice) {
    const label = element("label", "", "Who is the responsible adult?");
    const input = element("input", "");
    input.name = "adult";
    input.maxLength = 60;
    input.autocomplete = "off";
    input.value = knownName();
    label.append(input);
    this.beGuarded();
    const go = this.button(choice.label, true, () => {});
    go.type = "submit";
    go.onclick = null;
    this.form.onsubmit = (event) => {
      event.preventDefault();
      if (this.guarded) return;
      const name = input.value.trim();
      if (!name) this.error.textContent = "Say who the responsible adult is.";
      else this.answer(choice, async () => name);
    };
    this.form.replaceChildren(label, this.row([go, this.button("Back", false, () => this.ask())]));
    this.form.onkeydown = (event) => {
      if (event.key === "Enter" && event.repeat) event.preventDefault();
    };
    input.focus();
  }

  async answer(choice, who) {
    this.error.textContent = "";
    this.able(false);
    try {
      const args = { id: this.prompt.id, choice: choice.id, who: await who(), where: whereNow() };
      await window.poolwatch.send("prompt.answer", args);
    } catch (error) {
      this.error.textContent = sentenceOf(error);
      this.able(true);
    }
  }

  able(yes) {
    for (const button of this.box.querySelectorAll("button")) button.disabled = !yes;
  }
}

export default function ({ parentElement }) {
  const list = parentElement.querySelector(".prompts");
  const cards = new Map();
  let prompts = [];
  let pressed = false;

  function draw() {
    const asked = new Set(prompts.map((prompt) => prompt.id));
    for (const [id, card] of cards) {
      if (asked.has(id)) continue;
      card.box.remove();
      cards.delete(id);
    }
    for (const prompt of prompts) {
      // Not under a finger or a mouse button that is down.
      if (cards.has(prompt.id) || pressed) continue;
      const card = new Card(prompt);
      cards.set(prompt.id, card);
      list.append(card.box);
    }
    list.hidden = !cards.size;
    list.style.maxHeight = `${Math.round(roomBelow())}px`;
    const height = cards.size ? list.getBoundingClientRect().height + 12 : 0;
    document.documentElement.style.setProperty("--poolwatch-prompts", `${Math.round(height)}px`);
  }

  const down = () => (pressed = true);
  const up = () => {
    if (!pressed) return;
    pressed = false;
    draw();
  };
  const stop = linked((state) => {
    // A monitor that is gone asks nothing: nobody would hear the answer.
    prompts = state.connected && state.site ? state.site.prompts : [];
    draw();
  });
  document.addEventListener("pointerdown", down, true);
  document.addEventListener("pointerup", up, true);
  document.addEventListener("pointercancel", up, true);
  return () => {
    stop();
    document.removeEventListener("pointerdown", down, true);
    document.removeEventListener("pointerup", up, true);
    document.removeEventListener("pointercancel", up, true);
    document.documentElement.style.removeProperty("--poolwatch-prompts");
  };
}
