// What is asked before a mode is less safe: by whose word, by which PIN, for how long.
const MINUTES = { least: 1, most: 15, usual: 5 };
const PIN = /^[0-9]{4,12}$/;

function field(label, attributes, help = "") {
  const box = document.createElement("label");
  const name = document.createElement("span");
  const input = document.createElement("input");
  name.textContent = label;
  for (const [key, value] of Object.entries(attributes)) input.setAttribute(key, value);
  box.append(name, input);
  if (help) {
    const small = document.createElement("small");
    small.textContent = help;
    box.append(small);
  }
  return { box, input };
}

const pinField = (label, help = "") =>
  field(label, { type: "password", inputmode: "numeric", autocomplete: "off", maxlength: "12", name: "pin" }, help);

// 1 to 15 by two large buttons; the number itself can be typed too.
function minutesField() {
  const box = document.createElement("div");
  box.className = "minutes";
  const { box: label, input } = field("Minutes", {
    type: "number", inputmode: "numeric", min: MINUTES.least, max: MINUTES.most, step: "1", name: "minutes", value: MINUTES.usual,
  });
  const step = (word, by) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain step";
    button.textContent = by > 0 ? "+" : "−";
    button.setAttribute("aria-label", word);
    button.onclick = () => {
      const next = (Number(input.value) || 0) + by;
      input.value = Math.min(MINUTES.most, Math.max(MINUTES.least, next));
      input.dispatchEvent(new Event("input"));
    };
    return button;
  };
  box.append(label, step("One minute less", -1), step("One minute more", 1));
  return { box, input };
}

function minutesOf(input) {
  const minutes = Number(input.value);
  return Number.isInteger(minutes) && minutes >= MINUTES.least && minutes <= MINUTES.most ? minutes : null;
}

const minuteWords = (minutes) => (minutes === 1 ? "1 minute" : `${minutes} minutes`);

// Each panel: title, text, fields, the word on its button, and what pressing it does (throws what is wrong).
function supervisedPanel(known) {
  const who = field("Who is the responsible adult?", { type: "text", autocomplete: "off", maxlength: "60", name: "adult" });
  who.input.value = known;
  return {
    title: "Switch to Supervised?",
    text: "An adult stays here and watches the water. Poolwatch then no longer raises an alarm because somebody is at the pool.",
    fields: [who],
    action: "Switch to Supervised",
    async press(send) {
      const name = who.input.value.trim();
      if (!name) throw new Error("Say who the responsible adult is.");
      await send("mode.set", { mode: "supervised" }, name);
    },
  };
}

function pausePanel(pin = "") {
  const code = pinField("PIN");
  const minutes = minutesField();
  code.input.value = pin;
  const panel = {
    title: "Pause the watch?",
    text: "Nobody is watching during a pause: no countdown, no alarm. It ends by itself.",
    fields: [code, minutes],
    action: `Pause for ${minuteWords(MINUTES.usual)}`,
    async press(send) {
      if (!PIN.test(code.input.value)) throw new Error("The PIN is 4 to 12 digits.");
      const length = minutesOf(minutes.input);
      if (length === null) throw new Error(`A pause lasts ${MINUTES.least} to ${MINUTES.most} minutes.`);
      try {
        await send("mode.set", { mode: "paused", pin: code.input.value, minutes: length });
      } catch (error) {
        code.input.value = "";
        throw error;
      }
    },
  };
  minutes.input.addEventListener("input", () => {
    const length = minutesOf(minutes.input);
    panel.rename?.(length === null ? "Pause" : `Pause for ${minuteWords(length)}`);
  });
  return panel;
}

function firstPinPanel(goOn) {
  const code = pinField("New PIN, 4 to 12 digits", "One that children do not know.");
  const again = pinField("The same again");
  return {
    title: "A pause needs a PIN",
    text: "There is none yet. Set one now, so that a child cannot switch the watch off.",
    fields: [code, again],
    action: "Set the PIN",
    async press(send) {
      if (!PIN.test(code.input.value)) throw new Error("The PIN must be 4 to 12 digits.");
      if (code.input.value !== again.input.value) throw new Error("The two are not the same.");
      await send("pin.set", { new: code.input.value });
      goOn(code.input.value);
      return "next";
    },
  };
}

function refusedPanel(why) {
  return { title: "The mode is as it was", text: why, fields: [], action: "OK", press: async () => {} };
}
