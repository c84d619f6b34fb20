// One alarm in the band. Its elements are made once and only their text changes, so nothing is rebuilt under
// a finger. A card that has just come, or has just been moved, takes no tap yet: the finger was on its way
// to something else.

const GUARD_MS = 300;
const NOTE_LONGEST = 500;

const ICONS = {
  emergency: '<path d="M9.5 2h13L31 10.5v11L22.5 31h-13L1 21.5v-11z"/><path class="cut" d="M14 7h4l-.6 12h-2.8zM14 22h4v4h-4z"/>',
  alert: '<path d="M16 2 31 29H1z"/><path class="cut" d="M14.3 11h3.4l-.5 9h-2.4zM14.3 22.5h3.4v3.4h-3.4z"/>',
  seen: '<circle cx="16" cy="16" r="15"/><path class="line" d="m8.5 16.5 5 5 10-11"/>',
  nobody: '<path class="line" d="M2 16s5-9 14-9 14 9 14 9-5 9-14 9S2 16 2 16zM4 4l24 24"/><circle cx="16" cy="16" r="4.5"/>',
};
const ICON_OF = { emergency: "emergency", drill: "emergency", alert: "alert", seen: "seen", "seen-alert": "seen", over: "seen" };

const CARD_HTML = `
  <div class="head"><svg class="icon" viewBox="0 0 32 32" aria-hidden="true"></svg><span class="word"></span><span class="run" role="timer"></span></div>
  <div class="words">
    <h2 class="title"></h2>
    <p class="drilled" hidden>This is a drill. Nobody is in danger.</p>
    <p class="person"></p><p class="where"></p><p class="also"></p><p class="seenby"></p><p class="next"></p><p class="others" hidden>Tell an adult at once. A guardian or the owner says here that it is seen.</p>
  </div>
  <div class="picture" hidden><canvas role="img"></canvas><span class="sealed">Skeletons only</span></div>
  <div class="acts"><button type="button" class="ack">I see it</button><button type="button" class="resolve">Resolve</button></div>
  <p class="error" role="alert"></p>
  <form class="over" hidden>
    <fieldset><legend>What was it?</legend>
      <label><input type="radio" name="reason" value="real"><span>Real</span></label>
      <label><input type="radio" name="reason" value="false"><span>False alarm</span></label>
      <label><input type="radio" name="reason" value="drill"><span>Drill</span></label>
    </fieldset>
    <label class="noted">Note <input class="note" type="text" maxlength="${NOTE_LONGEST}" autocomplete="off" placeholder="What happened, if you like"></label>
    <div class="acts"><button type="submit" class="done">It is over</button><button type="button" class="back">Not yet</button></div>
  </form>`;

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

class AlarmCard {
  constructor(id) {
    this.id = id;
    this.node = document.createElement("article");
    this.node.className = "card";
    this.node.dataset.id = id;
    this.node.innerHTML = CARD_HTML;
    this.find = (selector) => this.node.querySelector(selector);
    this.node.setAttribute("role", "alertdialog");
    this.find("canvas").setAttribute("aria-label", "The camera's picture");
    for (const [part, name] of [["title", "labelledby"], ["where", "describedby"]]) {
      this.find(`.${part}`).id = `${part}-${id}`;
      this.node.setAttribute(`aria-${name}`, `${part}-${id}`);
    }
    for (const radio of this.node.querySelectorAll("[name=reason]")) radio.name = `reason-${id}`;
    this.look = "";
    this.busy = false;
    this.find(".ack").addEventListener("click", () => this.acknowledge());
    this.find(".resolve").addEventListener("click", () => this.open(true));
    this.find(".back").addEventListener("click", () => this.open(false));
    this.find("form").addEventListener("submit", (event) => this.resolve(event));
    this.moved();
  }

  // Its place on the screen is another one than a moment ago.
  moved() {
    clearTimeout(this.guard);
    // A button that takes no tap also loses the focus: it comes back.
    if (this.node.contains(deepActive()) && deepActive().tagName === "BUTTON") this.wantsFocus = true;
    this.guarded = true;
    this.enable();
    this.guard = setTimeout(() => {
      this.guarded = false;
      this.enable();
      if (this.wantsFocus) this.focus();
    }, GUARD_MS);
  }

  enable() {
    for (const button of this.node.querySelectorAll("button")) {
      if (button.disabled !== this.guarded) button.disabled = this.guarded;
    }
  }

  focus() {
    this.wantsFocus = this.guarded; // a button that takes no tap takes no focus either
    if (this.guarded) return;
    const target = [".ack", ".resolve"].map(this.find).find((button) => !button.hidden);
    if (target && isFree()) target.focus({ preventScroll: true });
  }

  show(alarm, people) {
    this.alarm = alarm;
    const look = lookOf(alarm);
    if (look !== this.look) this.dress(look, alarm);
    this.showWhose(look);
    put(this.find(".word"), wordOf(alarm));
    put(this.find(".title"), clip(alarm.title));
    put(this.find(".person"), personOf(alarm, people));
    put(this.find(".where"), whereOf(alarm));
    put(this.find(".also"), look === "over" ? "" : alsoOf(alarm));
    put(this.find(".seenby"), look === "over" ? overWords(alarm) : seenBy(alarm));
  }

  // Who may only look has nothing to press.
  showWhose(look) {
    const may = window.poolwatch?.may?.("answer") ?? true;
    this.node.dataset.may = may ? "answer" : "look";
    this.find(".others").hidden = may || !["emergency", "alert"].includes(look);
  }

  // Which picture it is: also somebody who does not see it should know.
  showReal(real) {
    put(this.find(".sealed"), real ? "Real picture, opened by the alarm" : "Skeletons only");
    const words = real ? "the real picture" : "skeletons over the empty picture";
    this.find("canvas").setAttribute("aria-label", `${clip(this.alarm.camera_name, 60)}: ${words}`);
  }

  dress(look, alarm) {
    const had = deepActive();
    const held = had && this.node.contains(had);
    this.look = look;
    this.node.dataset.look = look;
    this.node.dataset.drill = String(alarm.drill);
    this.find(".icon").innerHTML = ICONS[ICON_OF[look]];
    this.find(".drilled").hidden = !alarm.drill;
    const loud = ["emergency", "drill", "alert"].includes(look);
    this.find(".ack").hidden = !loud;
    this.find(".resolve").hidden = !["seen", "seen-alert"].includes(look);
    if (loud || look === "over") this.open(false);
    if (alarm.drill) this.find("[value=drill]").checked = true;
    this.say("");
    if (held && loud === false) this.focus();
  }

  // The running numbers; `age_s`: how old the document is.
  tick(age_s, now_ms) {
    if (!this.alarm) return;
    const began = now_ms - (this.alarm.since_s + age_s) * 1000;
    // The clock does not jump by the few milliseconds that messages take.
    if (this.began === undefined || Math.abs(began - this.began) > 400) this.began = began;
    put(this.find(".run"), running((now_ms - this.began) / 1000));
    put(this.find(".next"), this.look === "over" ? "" : nextOf(this.alarm, age_s));
  }

  say(sentence) {
    put(this.find(".error"), sentence);
  }

  open(shown) {
    const form = this.find("form");
    if (form.hidden === !shown) return;
    form.hidden = !shown;
    if (["seen", "seen-alert"].includes(this.look)) this.find(".resolve").hidden = shown;
    if (shown) this.find("input:checked, input").focus({ preventScroll: true });
    else this.focus();
  }

  acknowledge() {
    this.ask("alarm.acknowledge", {}, this.find(".ack"), "Telling everybody");
  }

  resolve(event) {
    event.preventDefault();
    const chosen = this.find("fieldset input:checked");
    if (!chosen) return this.say("Say first what it was.");
    const note = this.find(".note").value.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, " ").trim();
    this.ask("alarm.resolve", { reason: chosen.value, note }, this.find(".done"), "Writing it down");
  }

  // One command under the person's name. The page changes when the judge says so, not before.
  async ask(command, args, button, meanwhile) {
    if (this.busy) return;
    const words = button.textContent;
    this.busy = true;
    this.say("");
    try {
      const who = await window.poolwatch.who();
      put(button, meanwhile);
      await window.poolwatch.send(command, { id: this.id, who, ...args });
    } catch (error) {
      this.say(error.message);
    } finally {
      this.busy = false;
      put(button, words);
    }
  }
}

function deepActive() {
  let active = document.activeElement;
  while (active && active.shadowRoot && active.shadowRoot.activeElement) active = active.shadowRoot.activeElement;
  return active;
}

// Whether the focus may be taken: nobody types, no dialog of ours asks for the name.
function isFree() {
  const active = deepActive();
  if (document.getElementById("poolwatch-who")) return false;
  return !(active && (active.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(active.tagName)));
}
