// What calls a person besides colour and sound: the tab's title, and a phone's vibration.

const BLINK_MS = 1000;
const VIBRATE_EVERY_MS = 2200;
const VIBRATE = [500, 150, 500, 150, 500];
const CALM = window.matchMedia("(prefers-reduced-motion: reduce)");

class Attention {
  constructor() {
    this.own = ""; // what the title said, or will say again
    this.shown = null; // what we wrote into it
    this.words = "";
  }

  // "" ends it.
  call(words) {
    if (words === this.words) return;
    this.words = words;
    if (words && !this.timer) this.begin();
    if (!words) this.end();
    else this.blink();
  }

  begin() {
    this.timer = setInterval(() => this.blink(), BLINK_MS);
    this.vibrating = setInterval(() => this.vibrate(), VIBRATE_EVERY_MS);
    this.vibrate();
  }

  end() {
    clearInterval(this.timer);
    clearInterval(this.vibrating);
    this.timer = null;
    this.learn();
    if (this.shown !== null) document.title = this.own;
    this.shown = null;
    if (navigator.vibrate && this.touched()) navigator.vibrate(0);
  }

  blink() {
    this.learn();
    const loud = this.shown !== this.words || CALM.matches;
    this.shown = loud ? this.words : this.own;
    document.title = this.shown;
  }

  // A page change writes a title of its own meanwhile: that is the one to come back to.
  learn() {
    if (document.title !== this.shown) this.own = document.title;
  }

  vibrate() {
    if (navigator.vibrate && this.touched()) navigator.vibrate(VIBRATE);
  }

  touched() {
    return !navigator.userActivation || navigator.userActivation.hasBeenActive;
  }
}
